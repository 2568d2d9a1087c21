//! When a report is sent again; on a clock that jumps. `endpoints/` has all that an endpoint may answer.

mod support;

use std::time::Duration;

use support::endpoint::{BUSY, OK};
use support::{GRACE_PERIOD, NOWHERE, UNREPORTED, World};

fn waits(world: &World) -> Vec<u64> {
    world.clock.waits().iter().map(Duration::as_secs).collect()
}

#[test]
fn a_failure_is_retried_with_growing_delays_until_it_is_delivered() {
    let world = World::answering(&[BUSY, BUSY, OK]);
    let server = world.run();
    server.delivers();
    // Random numbers: 01 and 02 are the ids, 03… and 04… decide over 5 minutes and 4 hours.
    assert_eq!(waits(&world), [3, 225]);
    assert_eq!(server.status()["attempts"], 3);
    assert_eq!(world.value("nextAttempt"), None, "no longer needed");
    assert!(world.host.warnings().is_empty());
}

#[test]
fn it_is_tried_for_as_long_as_the_server_runs_and_logged_once() {
    let mut answers = [BUSY; 31];
    answers[30] = OK;
    let world = World::answering(&answers);
    let server = world.run();
    // Each has the time of a whole scenario: it takes a hundred flushes to the disk.
    for _ in answers {
        world.endpoint.request();
    }
    server.delivers();
    assert_eq!(server.status()["attempts"], 31);
    assert!(waits(&world).into_iter().all(|wait| wait <= 86_400), "{:?}", waits(&world));
    let lines = world.host.lines();
    assert_eq!(lines.iter().filter(|line| line.contains("will retry")).count(), 1);
    assert!(world.host.warnings().is_empty());
}

#[test]
fn the_schedule_begins_with_the_first_attempt_however_long_that_was_waited_for() {
    let world = World::answering(&[BUSY, OK]);
    world.reporting().with(GRACE_PERIOD, "604800").start().delivers();
    assert_eq!(waits(&world), [604_800, 3], "a part of five minutes, not of a day");
}

#[test]
fn what_failed_on_this_host_defers_no_later_start() {
    let world = World::new().containing(UNREPORTED);
    world.run_to(NOWHERE).ends("failed");
    assert_eq!(world.value("nextAttempt"), None);
    world.run().delivers();
    assert!(world.clock.waits().is_empty());
}
