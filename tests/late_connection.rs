//! A connection that takes its time cannot be called off; but when it is made after all, nothing is
//! sent on it.

mod support;

use psmdb_telemetry::parameters::When::Runtime;
use support::process::Threads;
use support::receiver::FullHouse;
use support::{DEADLINE, World, wait_until};

#[test]
fn nothing_is_sent_on_a_connection_that_is_made_after_the_stop() {
    let world = World::new();
    let house = FullHouse::new();
    let threads = Threads::now();
    let telemetry = world.started(&format!("http://127.0.0.1:{}/", house.port));
    wait_until("an attempt to connect", || house.is_wanted());
    assert!(!telemetry.stop(DEADLINE), "its thread is still connecting, and stop() says so");
    assert_eq!(house.let_in(), b"");
    wait_until("the end of the attempt", || threads.newer() == 0);
}

#[test]
fn nothing_is_sent_on_a_connection_that_is_made_after_the_opt_out() {
    let world = World::new();
    let house = FullHouse::new();
    let threads = Threads::now();
    let telemetry = world.started(&format!("http://127.0.0.1:{}/", house.port));
    wait_until("an attempt to connect", || house.is_wanted());
    telemetry.set("perconaTelemetry", "false", Runtime).unwrap();
    assert_eq!(house.let_in(), b"");
    wait_until("the end of the attempt", || threads.newer() == 0);
    assert!(telemetry.stop(DEADLINE));
}
