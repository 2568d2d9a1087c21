//! Runs a scenario under every schedule within the bound, and then under random ones.
//!
//! By default these are the schedules without a preemption, where a thread runs until it waits, and some random
//! ones: seconds. `INTERLEAVINGS=all` takes each scenario's bound, and many more random ones.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::{Duration, Instant};

use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner, thread};
use tempfile::TempDir;

use super::schedule::BoundedPreemptions;
use super::server::{self, Answer, Callback, Log, seen};
use super::{sync, time};
use crate::clock::{Clock, Timestamp};
use crate::environment::Environment;
use crate::random::Random;
use crate::{Context, StartOptions, Telemetry};

/// Longer than an attempt may take, and shorter than any delay between two.
pub const AN_ATTEMPT: Duration = Duration::from_secs(11);

/// A whole file of an instance that has not reported.
pub const UNREPORTED: &str = include_str!("../support/unreported.telemetry_uuid");

/// A scenario: what is there, and what the server's threads do.
#[derive(Clone)]
pub struct Scenario {
    pub file: &'static str,
    pub answers: &'static [Answer],
    pub callbacks: &'static [(i32, Callback)],
    /// How far time passes by itself.
    pub time: Duration,
    /// The bound of `INTERLEAVINGS=all`.
    pub preemptions: usize,
    pub body: fn(&Arc<Telemetry>),
    /// What holds at the end, when the library has no thread any more.
    pub end: fn(&End<'_>),
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            file: "",
            answers: &[],
            callbacks: &[],
            time: AN_ATTEMPT,
            preemptions: 1,
            body: |_| {},
            end: |_| {},
        }
    }
}

/// What is there at the end of an execution.
pub struct End<'a> {
    pub file: &'a str,
    pub status: &'a str,
    pub events: &'a [i32],
    pub bodies: &'a [String],
}

impl End<'_> {
    pub fn is_opted_out(&self) -> bool {
        self.file.contains("optOut:1")
    }

    pub fn is_reported(&self) -> bool {
        self.file.contains("PRODUCT_FAMILY_PSMDB:1")
    }
}

/// Explores a scenario. It prints how many executions there were.
pub fn explore(name: &str, scenario: &Scenario) {
    let (preemptions, most, random) = match std::env::var("INTERLEAVINGS").as_deref() {
        Ok("all") => (scenario.preemptions, 1_000_000, 10_000),
        _ => (0, 1_000, 500),
    };
    for bound in 0..=preemptions {
        let begun = Instant::now();
        let is_complete = Arc::new(AtomicBool::new(false));
        let all = BoundedPreemptions::new(bound, most, Arc::clone(&is_complete));
        let count = run(all, scenario);
        let how = if is_complete.load(Ordering::Relaxed) { "all" } else { "the first" };
        let seconds = begun.elapsed().as_secs();
        println!(
            "{name}: {how} {count} schedules with at most {bound} preemptions, in {seconds} s"
        );
    }
    let seed = 29_800;
    let count = run(RandomScheduler::new_from_seed(seed, random), scenario)
        + run(PctScheduler::new_from_seed(seed, 4, random), scenario);
    println!("{name}: {count} random schedules of seed {seed}");
}

fn run(scheduler: impl Scheduler + 'static, scenario: &Scenario) -> usize {
    let folder = if Path::new("/dev/shm").is_dir() { "/dev/shm" } else { "/tmp" };
    let root = TempDir::new_in(folder).unwrap();
    let scenario = scenario.clone();
    let mut config = Config::new();
    config.stack_size = 256 * 1024;
    config.failure_persistence = FailurePersistence::Print;
    config.max_steps = MaxSteps::FailAfter(20_000);
    Runner::new(scheduler, config).run(move || execute(&scenario, root.path()))
}

fn execute(scenario: &Scenario, root: &Path) {
    for entry in std::fs::read_dir(root).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    let file = root.join("telemetry_uuid");
    if !scenario.file.is_empty() {
        std::fs::write(&file, scenario.file).unwrap();
    }
    time::reset(scenario.time);
    sync::held::reset();
    sync::thread::reset();
    server::reset(root.to_owned(), scenario.answers, scenario.callbacks);
    let context = Context {
        environment: Environment::at_root("/nowhere"),
        clock: Arc::new(ScheduledClock),
        random: Arc::new(Sequence(AtomicU8::new(0))),
    };
    let clock = thread::spawn(time::run);
    let telemetry = Arc::new(Telemetry::new(Arc::new(Log), context));
    seen(|seen| seen.telemetry = Some(Arc::downgrade(&telemetry)));

    (scenario.body)(&telemetry);

    server::release();
    // False where a thread was detached, which needs a moment to end now.
    let is_stopped = server::stop(&telemetry, FOREVER);
    let at_stop = std::fs::read_to_string(&file).unwrap_or_default();
    sync::thread::wait_for_all();
    assert!(is_stopped || server::stop(&telemetry, FOREVER), "stop says that a thread still runs");
    time::end();
    clock.join().unwrap();

    let found = std::fs::read_to_string(&file).unwrap_or_default();
    let status = telemetry.get("perconaTelemetryStatus").unwrap_or_default();
    let seen = seen(std::mem::take);
    assert!(seen.broken.is_empty(), "{:?}", seen.broken);
    assert!(!sync::held::two_at_once(), "a thread held two locks");
    assert!(!is_stopped || at_stop == found, "the file has changed after stop");
    let panics = seen.events.iter().filter(|id| **id == INTERNAL_ERROR).count();
    assert!(panics <= 1, "a panic is logged once");
    assert!(seen.bodies.windows(2).all(|two| two[0] == two[1]), "{:?}", seen.bodies);
    let end = End { file: &found, status: &status, events: &seen.events, bodies: &seen.bodies };
    (scenario.end)(&end);
}

const INTERNAL_ERROR: i32 = 29813;
const FOREVER: Duration = Duration::from_secs(20 * 60 * 60);

/// Starts on the scenario's dbpath.
pub fn start(telemetry: &Telemetry) {
    let dbpath = seen(|seen| seen.dbpath.clone());
    telemetry.start(&StartOptions { dbpath: &dbpath, version: "4.4.26-25", suppressed_by: "" });
}

/// Calls from another thread of the server.
pub fn another<T: Send + 'static>(
    telemetry: &Arc<Telemetry>,
    calls: impl FnOnce(&Telemetry) -> T + Send + 'static,
) -> thread::JoinHandle<T> {
    let telemetry = Arc::clone(telemetry);
    thread::spawn(move || calls(&telemetry))
}

struct ScheduledClock;

impl Clock for ScheduledClock {
    fn now(&self) -> Timestamp {
        Timestamp::parse("2026-11-22T12:00:00Z").unwrap() + time::now()
    }

    fn monotonic(&self) -> Duration {
        time::now()
    }

    fn park(&self, limit: Duration) {
        sync::thread::park_timeout(limit);
    }
}

struct Sequence(AtomicU8);

impl Random for Sequence {
    fn bytes(&self) -> Result<[u8; 16], String> {
        // High bytes: a delay is nearly the longest that it can be.
        Ok([255 - self.0.fetch_add(1, Ordering::Relaxed) % 16; 16])
    }
}
