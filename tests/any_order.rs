//! A server may call in any order, with any values.

mod support;

use std::time::Duration;

use support::receiver::{OK, Receiver};
use support::{start_at, World, status, stop};

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
    start_at(&telemetry, std::path::Path::new("/nowhere"), "0.0.0");
    answer.send(()).unwrap();
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    assert!(receiver.is_quiet(), "the one attempt was not cut off");
    assert_eq!(world.host.lines().len(), 2);
}
