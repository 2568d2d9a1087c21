//! What an endpoint's answers, or their absence, lead to; on a clock that jumps.

mod support;

use std::time::Duration;

use psmdb_telemetry::parameters::When::Startup;
use support::receiver::{ClosedPort, OK, Receiver};
use support::{UNREPORTED, World, status, stop, wait_for};

fn answer(status: &str, headers: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\n\r\n")
}

fn seconds(waits: &[Duration]) -> Vec<u64> {
    waits.iter().map(Duration::as_secs).collect()
}

#[test]
fn a_failure_is_retried_with_growing_delays_until_it_is_delivered() {
    for failure in ["408 Timeout", "425 Too Early", "429 Slow Down", "500 Oops", "503 Busy"] {
        let world = World::new();
        let failure = answer(failure, "");
        let receiver = Receiver::answering(&[&failure, &failure, OK]);
        let telemetry = world.started(&receiver.url);
        world.host.wait_for("Telemetry report delivered");
        // Random numbers: 01 and 02 are the ids, 03… and 04… decide over 5 minutes and 4 hours.
        assert_eq!(seconds(&world.clock.waits()), [3, 225]);
        assert_eq!(status(&telemetry)["attempts"], 3);
        stop(&telemetry);
        assert_eq!(world.value("nextAttempt"), None, "no longer needed");
        assert!(world.host.warnings().is_empty());
    }
}

#[test]
fn retry_after_is_waited_for() {
    let world = World::new();
    let receiver = Receiver::answering(&[&answer("503 Busy", "Retry-After: 7200\r\n"), OK]);
    let telemetry = world.started(&receiver.url);
    world.host.wait_for("Telemetry report delivered");
    // And a part of as long again, which chance decides.
    assert_eq!(seconds(&world.clock.waits()), [7284]);
    stop(&telemetry);

    for date in [
        "Sun, 22 Nov 2026 13:00:00 GMT",
        "Sunday, 22-Nov-26 13:00:00 GMT",
        "Sun Nov 22 13:00:00 2026",
    ] {
        let world = World::new();
        let answer = answer("429 No", &format!("Retry-After: {date}\r\n"));
        let receiver = Receiver::answering(&[&answer, OK]);
        let telemetry = world.started(&receiver.url);
        world.host.wait_for("Telemetry report delivered");
        assert_eq!(seconds(&world.clock.waits()), [3642], "{date}");
        stop(&telemetry);
    }
}

#[test]
fn an_unreachable_endpoint_leaves_the_report_waiting() {
    let (world, closed) = (World::new(), ClosedPort::new());
    world.clock.hold();
    let telemetry = world.started(&format!("http://127.0.0.1:{}/", closed.port));
    let status = wait_for(&telemetry, "retrying");
    assert_eq!(status["attempts"], 1);
    assert!(status["lastError"].as_str().unwrap().contains("refused"), "{status}");
    assert_eq!(status["nextAttempt"], world.value("nextAttempt").unwrap());
    stop(&telemetry);
    assert!(world.host.warnings().is_empty());
    assert_eq!(world.value("PRODUCT_FAMILY_PSMDB"), None);
}

#[test]
fn it_is_tried_for_as_long_as_the_server_runs_and_told_of_once() {
    let world = World::new();
    let busy = answer("503 Busy", "");
    let mut answers = vec![busy.as_str(); 30];
    answers.push(OK);
    let receiver = Receiver::answering(&answers);
    let telemetry = world.started(&receiver.url);
    // Each has the time of a whole scenario: it takes a hundred flushes to the disk.
    for _ in &answers {
        receiver.request();
    }
    world.host.wait_for("Telemetry report delivered");
    assert_eq!(status(&telemetry)["attempts"], 31);
    stop(&telemetry);
    let day = Duration::from_hours(24);
    assert!(world.clock.waits().iter().all(|wait| *wait <= day), "{:?}", world.clock.waits());
    let lines = world.host.lines();
    assert_eq!(lines.iter().filter(|line| line.contains("will retry")).count(), 1);
    assert!(world.host.warnings().is_empty());
}

#[test]
fn a_later_start_waits_for_what_an_earlier_one_put_off() {
    let world = World::new();
    let receiver = Receiver::answering(&[OK]);
    world.write_file(&format!("{UNREPORTED}nextAttempt:2026-11-22T12:30:00Z\n"));
    let telemetry = world.started(&receiver.url);
    world.host.wait_for("Telemetry report delivered");
    assert_eq!(seconds(&world.clock.waits()), [1800]);
    stop(&telemetry);
}

#[test]
fn no_stored_time_silences_an_instance_for_more_than_a_day() {
    for (stored, expected) in [
        ("2126-01-01T00:00:00Z", vec![86_400]),
        ("1970-01-01T00:00:00Z", vec![]),
        ("soon", vec![]),
        ("9999999999999999", vec![]),
    ] {
        let world = World::new();
        let receiver = Receiver::answering(&[OK]);
        world.write_file(&format!("{UNREPORTED}nextAttempt:{stored}\n"));
        let telemetry = world.started(&receiver.url);
        world.host.wait_for("Telemetry report delivered");
        assert_eq!(seconds(&world.clock.waits()), expected, "{stored}");
        stop(&telemetry);
    }
}

#[test]
fn an_answer_that_time_will_not_change_ends_the_attempts_of_this_start() {
    for refusal in ["400 Bad", "401 Who", "404 Where", "413 Big", "304 Same"] {
        let world = World::new();
        let receiver = Receiver::answering(&[&answer(refusal, ""), OK]);
        let telemetry = world.started(&receiver.url);
        let line = world.host.wait_for("will retry after a restart");
        assert!(line.contains(&refusal[..3]), "{line}");
        let status = status(&telemetry);
        assert_eq!((&status["state"], &status["attempts"]), (&"gaveUp".into(), &1.into()));
        stop(&telemetry);
        assert!(world.value("nextAttempt").is_some());
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Receiver::answering(&[OK]);
    for code in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let world = World::new();
        let location = format!("Location: {}\r\n", elsewhere.url);
        let receiver = Receiver::answering(&[&answer(code, &location)]);
        let telemetry = world.started(&receiver.url);
        world.host.wait_for("will retry after a restart");
        assert_eq!(status(&telemetry)["state"], "gaveUp");
        stop(&telemetry);
        receiver.request();
        assert!(receiver.is_quiet() && elsewhere.is_quiet());
    }
}

#[test]
fn an_answer_whose_head_never_ends_is_not_read_to_its_end() {
    let world = World::new();
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(100_000));
    let receiver = Receiver::answering(&[&endless, OK]);
    let telemetry = world.started(&receiver.url);
    let line = world.host.wait_for("will retry");
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    assert!(line.contains("response headers exceed 4095 bytes"), "{line}");
}

#[test]
fn what_speaks_no_http_or_says_nothing_is_no_answer() {
    for nonsense in ["", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 999999 What\r\n\r\n"] {
        let world = World::new();
        let receiver = Receiver::answering(&[nonsense, OK]);
        let telemetry = world.started(&receiver.url);
        world.host.wait_for("will retry");
        world.host.wait_for("Telemetry report delivered");
        stop(&telemetry);
    }
}

#[test]
fn the_schedule_begins_with_the_first_attempt_however_long_that_was_waited_for() {
    let world = World::new();
    let receiver = Receiver::answering(&[&answer("503 Busy", ""), OK]);
    let telemetry = world.reporting_to(&receiver.url);
    telemetry.set("perconaTelemetryGracePeriod", "604800", Startup).unwrap();
    world.start(&telemetry);
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    assert_eq!(seconds(&world.clock.waits()), [604_800, 3], "a part of five minutes, not of a day");
}

#[test]
fn what_failed_on_this_host_puts_off_no_later_start() {
    let world = World::new();
    world.write_file(UNREPORTED);
    let telemetry = world.started("file:///nowhere");
    wait_for(&telemetry, "failed");
    stop(&telemetry);
    assert_eq!(world.value("nextAttempt"), None);

    let receiver = Receiver::answering(&[OK]);
    let telemetry = world.started(&receiver.url);
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    assert!(world.clock.waits().is_empty());
}
