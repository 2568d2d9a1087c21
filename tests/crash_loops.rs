//! A server that crashes in the middle of each attempt and is started again does not send each time.

mod support;

use std::time::Duration;

use support::receiver::Receiver;
use support::{World, status, stop};

#[test]
fn from_the_third_start_on_it_waits_for_what_the_second_has_put_off() {
    let world = World::new();
    let receiver = Receiver::silent();
    // As far as the dbpath goes, a stop in the middle of an attempt is a crash.
    let start_and_crash = || {
        let telemetry = world.started(&receiver.url);
        let connection = receiver.connection();
        let put_off = world.value("nextAttempt");
        stop(&telemetry);
        drop(connection);
        put_off
    };
    assert_eq!(
        start_and_crash(),
        None,
        "a first start writes nothing that a good one can do without"
    );
    let until = start_and_crash().expect("a time that is stored before the second attempt");

    world.clock.hold();
    let third = world.started(&receiver.url);
    let wait = world.clock.wait_for_wait();
    assert_eq!(status(&third)["nextAttempt"], until);
    assert!(!wait.is_zero() && wait <= Duration::from_mins(5), "{wait:?}");
    stop(&third);
    assert!(receiver.is_quiet());
    assert_eq!(world.value("nextAttempt"), Some(until));
}

#[test]
fn however_often_it_has_restarted_an_old_report_is_not_tried_as_often_as_a_new_one() {
    let world = World::new();
    let receiver = Receiver::silent();
    // Made in 2023.
    world.write_file(support::UNREPORTED);
    let telemetry = world.started(&receiver.url);
    let _connection = receiver.connection();
    // A random number of 01… is the 255th part of a day.
    assert_eq!(world.value("nextAttempt").as_deref(), Some("2026-11-22T12:05:38Z"));
    stop(&telemetry);
}
