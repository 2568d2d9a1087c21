//! Hostile and broken endpoints: each of them has the outcome of its row in one table, and none of
//! them can hold up a stop.

mod answers;
mod connections;
mod document;
mod interposed;
mod outcome;
mod proxies;
mod stop;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod tls;

use std::fmt::Debug;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use outcome::check;
use psmdb_telemetry::random::{Random, SystemRandom};
use stop::{MOMENTS, Moment};
use support::process::library_threads;
use support::wait_until;
use table::{Row, table};

/// Threads and descriptors are counted: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Runs a check for each of these, so many at once, on a thread that bears its name; their results.
fn side_by_side<J: Debug + Send, T: Send>(
    width: usize,
    jobs: Vec<J>,
    check: impl Fn(J) -> T + Sync,
) -> Vec<T> {
    let jobs = Mutex::new(jobs.into_iter());
    let (results, failed) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let worker = || {
        while let Some(job) = { jobs.lock().unwrap().next() } {
            let name = format!("{job:?}");
            let run = std::thread::Builder::new().name(name.clone());
            match std::thread::scope(|s| run.spawn_scoped(s, || check(job)).unwrap().join()) {
                Ok(result) => results.lock().unwrap().push(result),
                Err(_) => failed.lock().unwrap().push(name),
            }
        }
    };
    std::thread::scope(|scope| (0..width).for_each(|_| drop(scope.spawn(worker))));
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "failed, each with its message above: {failed:#?}");
    results.into_inner().unwrap()
}

/// What is left when all is over: nothing.
fn nothing_stays(run: impl FnOnce()) {
    let _alone = alone();
    let descriptors = open_descriptors();
    run();
    // By their names: a test that waits for this one to end has a thread, too.
    wait_until("the end of the library's threads", || library_threads().is_empty());
    wait_until("the end of all descriptors", || open_descriptors() <= descriptors);
}

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn each_endpoint_has_the_outcome_of_its_row() {
    nothing_stays(|| {
        // Those that wait do so all at once, and while nothing else is to be done.
        let (waiting, busy): (Vec<_>, Vec<_>) = table().partition(|row| row.takes_its_time());
        let mut took = side_by_side(waiting.len(), waiting, check);
        took.extend(side_by_side(8, busy, check));
        let worst = took.iter().max().copied().unwrap_or_default();
        println!("{} behaviours; the slowest stop after an outcome took {worst:?}", took.len());
        stop::expect_within_budget(took);
    });
}

/// Few of them at once: it is time that is measured.
fn stops_leave_nothing(jobs: Vec<(&'static Row, Moment)>) {
    let mut stops = Vec::new();
    nothing_stays(|| stops = side_by_side(6, jobs, |(row, moment)| stop::check(row, moment)));
    println!("{}", stop::summary(&stops));
    stop::expect_within_budget(stops.iter().map(|stop| stop.took));
    let loud: Vec<_> =
        stops.iter().filter(|stop| !stop.is_silent()).map(|stop| (stop.row, stop.moment)).collect();
    assert!(loud.is_empty(), "lines in the log after stop: {loud:#?}");
    let lasting = stop::lasting(&stops);
    assert!(lasting.is_empty(), "threads outlast every stop of: {lasting:?}");
}

#[test]
fn no_endpoint_holds_up_a_stop() {
    let moments = |row| MOMENTS.map(|moment| (row, moment));
    stops_leave_nothing(table().flat_map(moments).collect());
}

/// Random moments, for as long as the variable `SOAK_SECONDS` says.
#[test]
#[ignore = "takes as long as SOAK_SECONDS says"]
fn no_endpoint_holds_up_a_stop_at_any_moment() {
    let seconds = std::env::var("SOAK_SECONDS").map_or(600, |seconds| seconds.parse().unwrap());
    let end = Instant::now() + Duration::from_secs(seconds);
    let rows: Vec<_> = table().collect();
    while Instant::now() < end {
        let round = rows.iter().map(|row| (*row, Moment::After(random_delay()))).collect();
        stops_leave_nothing(round);
    }
}

/// Mostly short, so that most moments are in an attempt; some beyond the limits of those that hang.
fn random_delay() -> Duration {
    let random = |below: u64| {
        SystemRandom.bytes().map_or(0, |b| u64::from_le_bytes(b[..8].try_into().unwrap()) % below)
    };
    let longest = [500, 5_000, 50_000, 2_500_000][usize::try_from(random(4)).unwrap()];
    Duration::from_micros(random(longest))
}

#[test]
fn the_document_says_the_same() {
    let _alone = alone();
    let (found, right) = document::compare();
    assert!(
        found == right,
        "docs/endpoints.md differs; to write it: {}=1 make test-rust",
        document::UPDATE
    );
}
