//! A server may call in any order, with any values.

mod support;

use std::time::Duration;

use psmdb_telemetry::StartOptions;
use psmdb_telemetry::parameters::When;
use support::receiver::{OK, Receiver};
use support::{World, status, stop, wait_for};

#[test]
fn stop_comes_before_start_with_any_deadline() {
    for deadline in [Duration::ZERO, Duration::from_secs(1), Duration::MAX] {
        let world = World::new();
        let telemetry = world.telemetry();
        assert!(telemetry.stop(deadline));
        world.start(&telemetry);
        assert_eq!(status(&telemetry)["state"], "stopped");
        assert!(world.names().is_empty() && world.host.lines().is_empty());
    }
}

#[test]
fn a_second_start_does_nothing() {
    let world = World::new();
    let (answer, receiver) = Receiver::answering_when_told(OK);
    let telemetry = world.started(&receiver.url);
    receiver.request();
    let dbpath = std::path::Path::new("/nowhere");
    telemetry.start(&StartOptions { dbpath, version: "0.0.0", suppressed_by: "a mark" });
    telemetry.set("perconaTelemetry", "true", When::Runtime).unwrap();
    answer.send(()).unwrap();
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    assert!(receiver.is_quiet(), "the one attempt was not cut off");
    let lines = world.host.lines();
    assert_eq!((lines.len(), lines[1].as_str()), (3, "Telemetry started more than once, ignored"));
}

#[test]
fn an_opt_in_at_run_time_before_the_start_is_forgotten_when_the_start_says_off() {
    let world = World::new();
    world.write_file("optOut:1\n");
    let telemetry = world.telemetry();
    telemetry.set("perconaTelemetry", "true", When::Runtime).unwrap();
    telemetry.set("perconaTelemetry", "false", When::Startup).unwrap();
    world.start(&telemetry);
    stop(&telemetry);
    assert_eq!(world.file(), "optOut:1\n");
}

#[test]
fn an_opt_out_at_run_time_before_the_start_is_stored_whatever_the_start_says() {
    let world = World::new();
    let telemetry = world.reporting_to("file:///nowhere");
    telemetry.set("perconaTelemetry", "false", When::Runtime).unwrap();
    telemetry.set("perconaTelemetry", "true", When::Startup).unwrap();
    world.start(&telemetry);
    wait_for(&telemetry, "off");
    stop(&telemetry);
    assert_eq!(world.file(), "optOut:1\n");
}

#[test]
fn before_the_start_the_state_does_not_say_off_while_the_switch_says_on() {
    let world = World::new();
    let telemetry = world.telemetry();
    for (value, state) in [("false", "off"), ("true", "stopped")] {
        telemetry.set("perconaTelemetry", value, When::Runtime).unwrap();
        let now = status(&telemetry);
        assert_eq!((&now["state"], &now["enabled"]), (&state.into(), &(value == "true").into()));
    }
}
