//! Switching off and on while the server runs.

mod support;

use std::time::Duration;

use serde_json::Value;
use support::endpoint::{BUSY, BUSY_FOR_AN_HOUR, OK};
use support::ports::ClosedPort;
use support::process::Threads;
use support::{NOWHERE, Server, UNREPORTED, World, wait_until};

/// Waits until the status says when the next attempt is: with the dbpath read, after the state.
fn wait_for_next_attempt(server: &Server) -> Value {
    server.wait_for_status("the time of the next attempt", |now| now["nextAttempt"].is_string())
}

fn wait_until_stored(server: &Server, is_opted_out: bool) {
    server.wait_for_status("stored", |now| now["optOutStored"] == is_opted_out);
}

#[test]
fn off_stops_what_is_pending_and_survives_restarts_until_on() {
    let world = World::answering(&[BUSY, OK]);
    world.clock.hold();
    let threads = Threads::now();
    let server = world.run();
    let first = world.endpoint.request();
    world.clock.wait_for_wait();

    server.switch(false);
    let now = server.status();
    assert_eq!((&now["state"], &now["decidedBy"]), (&"off".into(), &"perconaTelemetry".into()));
    assert!(now["report"]["id"].is_null() && now["nextAttempt"].is_null());
    wait_until("the thread's end", || threads.newer() == 0);
    assert!(world.is_opted_out());
    server.stop();
    let file = world.file();

    let server = world.run();
    server.logs("Telemetry disabled decidedBy=\"optOut in telemetry_uuid\"");
    wait_until("the thread's end", || threads.newer() == 0);
    assert_eq!(server.telemetry.get("perconaTelemetry").unwrap(), "false");
    assert_eq!(world.file(), file, "stays as it is");
    assert!(world.endpoint.is_quiet());

    // The delay that the first failure asked for has passed meanwhile.
    world.clock.set_wall("2026-11-23T12:00:00Z");
    server.switch(true);
    assert_eq!(world.endpoint.request().body, first.body, "the same report, the same bytes");
    server.delivers();
    assert_eq!(world.value("optOut"), None);
    assert_eq!(server.status()["decidedBy"], "perconaTelemetry");
}

#[test]
fn on_again_after_an_attempt_was_cancelled_waits_as_a_retry_does() {
    for file in [None, Some(UNREPORTED)] {
        let world = World::silent();
        if let Some(file) = file {
            world.write_file(file);
        }
        let server = world.run();
        world.endpoint.connection();
        world.clock.hold();
        for _ in 0..3 {
            server.switch(false);
            server.switch(true);
        }
        // Off and on may have come while it waited already: then it waits again.
        let waiting = wait_for_next_attempt(&server);
        assert!(waiting["state"] == "waiting" && waiting["attempts"] == 1, "{waiting}");
        assert!(world.endpoint.is_quiet());

        world.clock.release();
        world.endpoint.connection();
        server.stop();
    }
}

#[test]
fn the_status_says_that_a_choice_is_stored_once_it_is() {
    let world = World::new();
    let server = world.run_to(NOWHERE);
    assert_eq!(server.reaches("failed")["optOutStored"], false);
    for _ in 0..20 {
        server.switch(false);
        let now = server.wait_for_status("an answer", |now| !now["optOutStored"].is_null());
        assert_eq!(now["optOutStored"], true);
        assert!(world.is_opted_out());
        server.switch(true);
    }
    wait_until_stored(&server, false);
    assert!(!world.is_opted_out());
    server.stop();
    let unread = World::new().server();
    assert!(unread.status()["optOutStored"].is_null(), "the dbpath has not been read");
}

#[test]
fn an_opt_in_is_stored_though_the_report_cannot_begin() {
    let world = World::new().with("PERCONA_TELEMETRY_URL", "off").containing("optOut:1\n");
    let server = world.server().start();
    server.reaches("off");
    server.switch(true);
    server.reaches("failed");
    wait_until_stored(&server, false);
    server.stop();
    assert!(world.names().is_empty(), "the opt-out was all that the file held");
}

#[test]
fn an_opt_in_that_cannot_be_stored_is_logged_and_sends_nothing() {
    let world = World::new().containing(format!("{UNREPORTED}optOut:1\n"));
    std::fs::create_dir(world.path("telemetry_uuid.tmp")).unwrap();
    let server = world.run();
    server.reaches("off");
    server.switch(true);
    let line = server.logs("opt-in not stored");
    assert!(line.contains("exists but is not a telemetry file"), "{line}");
    let now = server.ends("failed");
    assert_eq!((&now["enabled"], &now["optOutStored"]), (&true.into(), &true.into()));
    assert!(world.endpoint.is_quiet());
}

#[test]
fn an_opt_in_into_a_dbpath_that_cannot_be_read_claims_nothing_of_it() {
    let world = World::new();
    let server = world.run();
    server.reaches("sent");
    std::fs::remove_dir_all(world.dbpath.path()).unwrap();
    server.switch(true);
    let line = server.logs("opt-in not stored");
    assert!(line.contains("was removed"), "{line}");
    let now = server.wait_for_status("lastError", |now| now["lastError"].is_string());
    assert!(now["state"] == "sent" && now["optOutStored"].is_null(), "{now}");
    server.stop();
}

#[test]
fn an_opt_in_removes_an_opt_out_that_somebody_else_has_written() {
    let world = World::new();
    let server = world.run();
    server.reaches("sent");
    world.endpoint.request();
    world.write_file(format!("{}optOut:1\n", world.file()));
    server.switch(true);
    wait_until("it is removed", || !world.is_opted_out());
    assert_eq!(server.status()["state"], "sent");
    server.stop();
    assert!(world.endpoint.is_quiet());
}

#[test]
fn on_again_does_not_shorten_what_the_endpoint_asked_for() {
    let world = World::answering(&[BUSY_FOR_AN_HOUR]).containing(UNREPORTED);
    world.clock.hold();
    let server = world.run();
    assert!(world.clock.wait_for_wait() >= Duration::from_secs(3600));
    let asked = world.value("nextAttempt");
    server.switch(false);
    wait_until("the opt-out", || world.is_opted_out());
    server.switch(true);
    let waiting = wait_for_next_attempt(&server);
    assert_eq!(waiting["state"], "waiting");
    assert_eq!(waiting["nextAttempt"].as_str(), asked.as_deref());
    assert_eq!(world.value("nextAttempt"), asked);
    server.stop();
    world.endpoint.request();
    assert!(world.endpoint.is_quiet());
}

#[test]
fn off_with_no_identity_leaves_the_opt_out_alone_in_the_file() {
    let world = World::new().with("PERCONA_TELEMETRY_DISABLE", "1");
    let threads = Threads::now();
    let server = world.server().start();
    server.switch(false);
    wait_until("the thread's end", || threads.newer() == 0);
    assert_eq!(world.file(), "optOut:1\n");
    assert_eq!(server.status()["decidedBy"], "PERCONA_TELEMETRY_DISABLE");
    server.stop();
}

#[test]
fn on_after_an_opt_out_without_identity_is_a_first_start() {
    let world = World::new().containing("unknown:kept\noptOut:1\n");
    let server = world.run();
    server.reaches("off");
    server.switch(true);
    server.delivers();
    assert!(world.file().starts_with("unknown:kept\ninstanceId:01010101-"));
    assert_eq!(world.names(), ["telemetry_uuid"]);
}

#[test]
fn a_choice_right_before_a_shutdown_is_stored() {
    for (before, on) in [
        (UNREPORTED.to_owned(), false),
        (format!("{UNREPORTED}optOut:1\n"), true),
        ("a:b\noptOut:1\n".to_owned(), true),
    ] {
        let (world, closed) = (World::new().containing(&before), ClosedPort::new());
        let server = world.run_to(&format!("http://127.0.0.1:{}", closed.port));
        if on {
            server.logs("Telemetry disabled");
        }
        server.switch(on);
        server.stop();
        assert_eq!(world.is_opted_out(), !on);
        let kept = before.strip_suffix("optOut:1\n").unwrap_or(&before);
        assert!(world.file().starts_with(kept), "{}", world.file());
    }
}

#[test]
fn an_opt_out_that_cannot_be_stored_holds_and_says_so() {
    let world = World::new();
    let server = world.server().with("perconaTelemetry", "false");
    let server = server.start_at(std::path::Path::new("/proc"), "4.4.26-25");
    server.switch(false);
    let line = server.logs("opt-out not stored");
    assert!(line.contains("/proc/telemetry_uuid"), "{line}");
    let now = server.wait_for_status("lastError", |now| now["lastError"].is_string());
    assert_eq!((&now["state"], &now["optOutStored"]), (&"off".into(), &false.into()));
    server.stop();
}

#[test]
fn on_while_on_changes_nothing_and_sends_nothing_twice() {
    let world = World::new();
    let server = world.run();
    world.endpoint.request();
    server.logs("Telemetry report delivered");
    server.switch(true);
    let now = server.status();
    assert_eq!((&now["state"], &now["decidedBy"]), (&"sent".into(), &"perconaTelemetry".into()));
    server.stop();
    assert!(world.endpoint.is_quiet());
}

#[test]
fn a_file_may_become_as_long_as_one_that_is_read() {
    const LIMIT: usize = 1024 * 1024;
    let unknown = "x".repeat(LIMIT - UNREPORTED.len() - "\noptOut:1\n".len());
    let world = World::new().with("DO_NOT_TRACK", "1");
    let world = world.containing(format!("{UNREPORTED}{unknown}\n"));
    let server = world.server().start();
    server.switch(false);
    wait_until_stored(&server, true);
    server.stop();
    assert_eq!(world.file().len(), LIMIT);
}
