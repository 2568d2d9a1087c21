//! `stop`, called at some moment of a behaviour, and what is promised of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::outcome::{STOP_BUDGET, check_received, set_up};
use crate::support::endpoint::{Endpoint, Progress};
use crate::support::host::TestHost;
use crate::support::{UNREPORTED, wait_until};
use crate::table::Row;

/// What the machine may add when it has more to do than this. What `stop` would wait for, if it did
/// wait, takes seconds.
const SLACK: Duration = Duration::from_millis(800);

/// After this long without any progress, an attempt hangs.
const PATIENCE: Duration = Duration::from_millis(200);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// Right after `start`: before there is a connection, or while it is made.
    AtOnce,
    /// When a connection has come so far, or will not: the first attempt is over, or hangs.
    At(Progress),
    /// When the first attempt is over.
    Between,
    /// This long after `start`.
    After(Duration),
}

pub const MOMENTS: [Moment; 5] = [
    Moment::AtOnce,
    Moment::At(Progress::Connected),
    Moment::At(Progress::Received),
    Moment::At(Progress::Answered),
    Moment::Between,
];

pub struct Stop {
    pub row: &'static Row,
    pub moment: Moment,
    /// The state in which it found the library.
    state: String,
    pub took: Duration,
    /// Whether it saw the library's thread end.
    has_ended: bool,
    host: Arc<TestHost>,
    lines: usize,
}

pub fn check(row: &'static Row, moment: Moment) -> Stop {
    let mut scene = set_up(row);
    // Retries do not begin by themselves.
    scene.world.clock.hold();
    let server = scene.world.run_to(&scene.url);
    let state = || server.status()["state"].as_str().unwrap().to_owned();
    let is_over = || !["waiting", "sending"].contains(&state().as_str());
    wait_for(moment, &scene.world.endpoint, is_over);
    let state = state();

    let before = Instant::now();
    let has_ended = server.telemetry.stop(STOP_BUDGET);
    let took = before.elapsed();

    let world = &mut scene.world;
    let lines = world.host.lines().len();
    assert!(took <= STOP_BUDGET + SLACK, "stop took {took:?}");
    assert!(world.file().starts_with(UNREPORTED), "{}", world.file());
    assert!(world.host.warnings().is_empty(), "{:?}", world.host.warnings());
    drop(server);
    world.endpoint.close();
    let host = Arc::clone(&world.host);
    check_received(row.receives, &scene, true);
    Stop { row, moment, state, took, has_ended, host, lines }
}

fn wait_for(moment: Moment, endpoint: &Endpoint, is_over: impl Fn() -> bool) {
    let tick = Duration::from_millis(1);
    match moment {
        Moment::AtOnce => {}
        Moment::At(progress) => {
            let end = Instant::now() + PATIENCE;
            while !endpoint.reaches(progress, tick) && !is_over() && Instant::now() < end {}
        }
        Moment::Between => wait_until("the end of the first attempt", is_over),
        Moment::After(delay) => {
            let end = Instant::now() + delay;
            while let Some(left) = end.checked_duration_since(Instant::now()) {
                std::thread::park_timeout(left);
            }
        }
    }
}

impl Stop {
    /// To be asked when the library's threads are gone: whether any of them still wrote a line. One
    /// that had begun when the time of `stop` was over may have come to its end.
    pub fn is_silent(&self) -> bool {
        self.host.lines().len() - self.lines <= usize::from(!self.has_ended)
    }
}

/// What nobody can interrupt: the thread of such an attempt ends later, and `stop` says so.
const UNINTERRUPTIBLE: [&str; 2] = ["does not answer the connection", "the resolver never answers"];

/// Behaviours that hang, and in which not one of several stops saw the library's thread end: one
/// that hangs has nothing to write to the disk, which would have to be waited for.
pub fn lasting(stops: &[Stop]) -> Vec<&'static str> {
    let mut counts = BTreeMap::<_, (usize, usize)>::new();
    for stop in stops.iter().filter(|stop| stop.row.takes_its_time() && stop.state == "sending") {
        let (all, unseen) = counts.entry(stop.row.behaviour).or_default();
        *all += 1;
        *unseen += usize::from(!stop.has_ended);
    }
    let lasts = |(all, unseen): (usize, usize)| all > 2 && unseen == all;
    let lasting = counts.into_iter().filter(|(_, count)| lasts(*count));
    lasting.map(|(behaviour, _)| behaviour).filter(|b| !UNINTERRUPTIBLE.contains(b)).collect()
}

/// One stop in four may be late on a machine that is busy with something else: a library that is late
/// is late in all of them.
pub fn expect_within_budget(took: impl IntoIterator<Item = Duration>) {
    let mut took: Vec<_> = took.into_iter().collect();
    took.sort();
    let (count, worst) = (took.len(), took[took.len() - 1]);
    let late = took.iter().filter(|took| **took > STOP_BUDGET).count();
    assert!(worst <= STOP_BUDGET + SLACK, "a stop took {worst:?}");
    assert!(late <= count / 4, "{late} of {count} stops took more than {STOP_BUDGET:?}");
}

pub fn summary(stops: &[Stop]) -> String {
    let mut took: Vec<_> = stops.iter().map(|stop| stop.took).collect();
    took.sort();
    let mut states = BTreeMap::<&str, usize>::new();
    for stop in stops {
        *states.entry(&stop.state).or_default() += 1;
    }
    let late = took.iter().filter(|took| **took > STOP_BUDGET).count();
    let unseen = stops.iter().filter(|stop| !stop.has_ended).count();
    let (count, median, worst) = (took.len(), took[took.len() / 2], took[took.len() - 1]);
    format!(
        "{count} stops, in these states: {states:?}; median {median:?}, worst {worst:?}, {late} over \
         {STOP_BUDGET:?}; {unseen} returned before the library's thread had ended"
    )
}
