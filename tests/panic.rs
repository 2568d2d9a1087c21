//! A panic anywhere inside ends as a state, not as a dead process.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use psmdb_telemetry::clock::{Clock, SystemClock, Timestamp};
use psmdb_telemetry::parameters::{ParameterError, When};
use psmdb_telemetry::random::{Random, SystemRandom};
use psmdb_telemetry::{Context, Telemetry};
use support::receiver::{OK, Receiver};
use support::{World, status, stop, wait_for, wait_until};

/// A clock that panics when it is asked for the `nth` time.
struct Breaking {
    clock: SystemClock,
    left: AtomicU32,
}

impl Breaking {
    fn tick(&self) {
        assert_ne!(self.left.fetch_sub(1, Ordering::Relaxed), 1, "the clock is broken");
    }
}

impl Clock for Breaking {
    fn now(&self) -> Timestamp {
        self.tick();
        self.clock.now()
    }

    fn monotonic(&self) -> Duration {
        self.tick();
        self.clock.monotonic()
    }

    fn park(&self, limit: Duration) {
        self.clock.park(limit);
    }
}

fn with_clock_that_breaks_at(world: &World, nth: u32, url: &str) -> Telemetry {
    let clock = Arc::new(Breaking { clock: SystemClock::default(), left: AtomicU32::new(nth) });
    let environment = world.environment();
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let telemetry = Telemetry::new(world.host.clone(), Context { environment, clock, random });
    telemetry.set("perconaTelemetryUrl", url, When::Startup).unwrap();
    telemetry
}

fn is_over(telemetry: &Telemetry) -> bool {
    matches!(status(telemetry)["state"].as_str(), Some("sent" | "failed"))
}

#[test]
fn wherever_the_clock_breaks_the_server_lives_and_telemetry_is_off() {
    let mut broken = 0;
    for nth in 1.. {
        let world = World::new();
        let receiver = Receiver::answering(&[OK]);
        let telemetry = with_clock_that_breaks_at(&world, nth, &receiver.url);
        world.start(&telemetry);
        wait_until("an end", || is_over(&telemetry));
        let status = status(&telemetry);
        stop(&telemetry);
        if status["state"] == "sent" {
            break;
        }
        assert_eq!((&status["state"], &status["enabled"]), (&"failed".into(), &false.into()));
        let warnings = world.host.warnings();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains("internal error") && warnings[0].contains("is broken"));
        broken += 1;
    }
    assert!(broken >= 5, "the clock is asked in several places: {broken}");
}

#[test]
fn an_opt_out_is_stored_though_something_panics_before_that() {
    for nth in 1..12 {
        let world = World::new();
        let telemetry = with_clock_that_breaks_at(&world, nth, "file:///nowhere");
        world.start(&telemetry);
        let accepted = telemetry.set("perconaTelemetry", "false", When::Runtime).is_ok();
        telemetry.stop(support::DEADLINE);
        assert!(!accepted || world.value("optOut").as_deref() == Some("1"), "at {nth}");
    }
}

#[test]
fn a_panic_on_the_caller_s_thread_is_told_as_one() {
    let world = World::new();
    let telemetry = with_clock_that_breaks_at(&world, 1, "file:///nowhere");
    world.start(&telemetry);
    let now = wait_for(&telemetry, "failed");
    assert_eq!(now["decidedBy"], "internal error");
    assert!(now["lastError"].as_str().unwrap().contains("the clock is broken"));
    assert!(matches!(
        telemetry.set("perconaTelemetry", "true", When::Runtime),
        Err(ParameterError::Internal(_))
    ));
    stop(&telemetry);
    assert_eq!(world.host.warnings().len(), 1);
    assert!(world.names().is_empty());
}
