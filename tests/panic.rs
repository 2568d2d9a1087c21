//! A panic anywhere inside ends as a state, not as a dead process. (On the caller's thread:
//! `cpp/failing_calls.cc`.)

mod support;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use psmdb_telemetry::clock::{Clock, SystemClock, Timestamp};
use psmdb_telemetry::events::LogEvent;
use psmdb_telemetry::host::Host;
use psmdb_telemetry::parameters::When;
use psmdb_telemetry::random::SystemRandom;
use psmdb_telemetry::{Context, StartOptions, Telemetry};
use support::{DEADLINE, Server, URL, World};

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

fn start_with_clock_that_breaks_at(nth: u32, world: &World) -> Server {
    let clock = Arc::new(Breaking { clock: SystemClock::default(), left: AtomicU32::new(nth) });
    let random = Arc::new(SystemRandom);
    let server = world.server_in(Context { environment: world.environment(), clock, random });
    server.with(URL, &world.endpoint.url).start()
}

#[test]
fn wherever_the_clock_breaks_the_server_lives_and_telemetry_is_off() {
    let mut broken = 0;
    for nth in 1.. {
        let world = World::new();
        let server = start_with_clock_that_breaks_at(nth, &world);
        let is_over = |now: &serde_json::Value| now["state"] == "sent" || now["state"] == "failed";
        let status = server.wait_for_status("an end", is_over);
        server.stop();
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
        let server = start_with_clock_that_breaks_at(nth, &world);
        let accepted = server.try_switch(false).is_ok();
        server.telemetry.stop(DEADLINE);
        assert!(!accepted || world.is_opted_out(), "at {nth}");
    }
}

/// A server whose log panics each time that a file is quarantined, and damages it again before.
struct BrokenLog {
    file: PathBuf,
    lines: Mutex<Vec<String>>,
}

impl Host for BrokenLog {
    fn log(&self, event: &LogEvent) {
        self.lines.lock().unwrap().push(event.to_string());
        if event.message.contains("quarantined") {
            std::fs::write(&self.file, "damaged\n").unwrap();
            panic!("the log is broken");
        }
    }
}

#[test]
fn a_thread_that_panics_again_and_again_ends_and_says_which_choice_is_not_stored() {
    let world = World::new().containing("damaged\n");
    let file = world.path("telemetry_uuid");
    let host = Arc::new(BrokenLog { file, lines: Mutex::default() });
    let telemetry = Telemetry::new(host.clone(), world.context());
    telemetry.set("perconaTelemetry", "false", When::Runtime).unwrap();
    let dbpath = world.dbpath.path();
    telemetry.start(&StartOptions { dbpath, version: "4.4.26-25", suppressed_by: "" });
    assert!(telemetry.stop(DEADLINE), "the thread has ended");
    let lines = host.lines.lock().unwrap();
    let said = "opt-out not stored error=\"internal error: the log is broken\"";
    assert!(lines.iter().any(|line| line.contains(said)), "{lines:?}");
}
