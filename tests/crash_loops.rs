//! A server that crashes in the middle of each attempt and is started again does not send each time.

mod support;

use std::time::Duration;

use support::{UNREPORTED, World};

/// The next attempt that is stored while one hangs. As far as the dbpath goes, a stop in the middle of
/// an attempt is a crash.
fn start_and_crash(world: &World) -> Option<String> {
    let server = world.run();
    world.endpoint.connection();
    let next_attempt = world.value("nextAttempt");
    server.stop();
    next_attempt
}

#[test]
fn from_the_third_start_on_it_waits_for_what_the_second_has_deferred() {
    let world = World::silent();
    let first = start_and_crash(&world);
    assert_eq!(first, None, "a first start writes nothing that a good one can do without");
    let until = start_and_crash(&world).expect("a time that is stored before the second attempt");

    world.clock.hold();
    let third = world.run();
    let wait = world.clock.wait_for_wait();
    assert_eq!(third.status()["nextAttempt"], until);
    assert!(!wait.is_zero() && wait <= Duration::from_secs(5 * 60), "{wait:?}");
    third.stop();
    assert!(world.endpoint.is_quiet());
    assert_eq!(world.value("nextAttempt"), Some(until));
}

#[test]
fn however_often_it_has_restarted_an_old_report_is_not_tried_as_often_as_a_new_one() {
    // Made in 2023.
    let world = World::silent().containing(UNREPORTED);
    // A random number of 01… is the 255th part of a day.
    assert_eq!(start_and_crash(&world).as_deref(), Some("2026-11-22T12:05:38Z"));
}
