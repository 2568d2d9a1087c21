//! A server may call in any order, with any values.

mod support;

use std::path::Path;
use std::time::Duration;

use support::endpoint::{Endpoint, OK};
use support::{GRACE_PERIOD, NOWHERE, UNREPORTED, URL, World};

#[test]
fn stop_comes_before_start_with_any_deadline() {
    for deadline in [Duration::ZERO, Duration::from_secs(1), Duration::MAX] {
        let world = World::new();
        let server = world.reporting();
        assert!(server.telemetry.stop(deadline));
        assert_eq!(server.start().status()["state"], "stopped");
        world.expect_silence();
        assert!(world.host.lines().is_empty());
    }
}

#[test]
fn a_second_start_does_nothing() {
    let world = World::with_endpoint(Endpoint::new(|connection| {
        connection.read_request();
        connection.hold();
    }));
    let server = world.run();
    world.endpoint.request();
    let server = server.start_at(Path::new("/nowhere"), "0.0.0");
    let server = server.start_at(Path::new("/nowhere"), "0.0.0");
    server.switch(true);
    world.endpoint.send(OK);
    server.delivers();
    assert!(world.endpoint.is_quiet(), "the one attempt was not interrupted");
    let lines = world.host.lines();
    assert_eq!((lines.len(), lines[1].as_str()), (3, "Telemetry started more than once, ignored"));
}

#[test]
fn an_opt_in_at_run_time_before_the_start_is_forgotten_when_the_start_says_off() {
    let world = World::new().containing("optOut:1\n");
    let server = world.server();
    server.switch(true);
    server.with("perconaTelemetry", "false").start().stop();
    assert_eq!(world.file(), "optOut:1\n");
}

#[test]
fn an_opt_out_at_run_time_before_the_start_is_stored_whatever_the_start_says() {
    for at_start in [None, Some("true"), Some("false")] {
        let world = World::new();
        let mut server = world.reporting();
        server.switch(false);
        if let Some(value) = at_start {
            server = server.with("perconaTelemetry", value);
        }
        assert!(world.host.lines().is_empty(), "it is logged at the start");
        server.start().ends("off");
        assert_eq!(world.host.lines().len(), 1);
        assert_eq!(world.file(), "optOut:1\n");
        assert!(world.endpoint.is_quiet());
    }
}

#[test]
fn an_opt_out_before_the_start_that_cannot_be_stored_holds_whatever_the_start_says() {
    let world = World::new().containing(UNREPORTED);
    std::fs::create_dir(world.path("telemetry_uuid.tmp")).unwrap();
    world.clock.hold();
    let server = world.reporting().with(GRACE_PERIOD, "3600");
    server.switch(false);
    let server = server.with("perconaTelemetry", "true");
    assert_eq!(server.status()["enabled"], false);
    let server = server.start();
    server.logs("opt-out not stored");
    server.ends("off");
    assert!(world.endpoint.is_quiet());
}

#[test]
fn an_opt_out_before_a_stop_that_comes_before_the_start_is_logged_as_not_stored() {
    let world = World::new();
    let server = world.server();
    server.switch(false);
    server.stop();
    assert_eq!(world.host.warnings(), ["Telemetry opt-out not confirmed before shutdown"]);
    world.expect_silence();
}

#[test]
fn before_the_start_the_status_shows_what_was_set() {
    let server = World::new().server().with(URL, NOWHERE).with("perconaTelemetry", "false");
    let now = server.status();
    assert_eq!((&now["destination"], &now["enabled"]), (&NOWHERE.into(), &false.into()));
}

#[test]
fn before_the_start_the_state_does_not_say_off_while_the_switch_says_on() {
    let server = World::new().server();
    for (on, state) in [(false, "off"), (true, "stopped")] {
        server.switch(on);
        let now = server.status();
        assert_eq!((&now["state"], &now["enabled"]), (&state.into(), &on.into()));
    }
}
