//! Time that passes only when somebody waits for it, and ids that can be foretold.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use psmdb_telemetry::clock::{Clock, Timestamp};
use psmdb_telemetry::random::Random;

use super::DEADLINE;

/// What may be wrong with a clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Oddity {
    /// The time of day goes back by a second each time that somebody looks.
    pub goes_back: bool,
    pub wall_stands: bool,
    /// The time of day leaps there in each wait: the machine sleeps, or an operator sets it.
    pub leaps_to: Option<&'static str>,
    /// Each wait is over after this long.
    pub wakes_after: Option<Duration>,
    /// Each wait lasts this much longer: the machine sleeps, and the monotonic clock does not.
    pub oversleeps: Duration,
}

/// A clock that jumps to the end of each wait, or holds it.
pub struct JumpingClock {
    state: Mutex<State>,
    waited: Condvar,
}

struct State {
    wall: Timestamp,
    monotonic: Duration,
    /// The waits after so many are held.
    hold_after: usize,
    parked: Vec<std::thread::Thread>,
    /// How many wait now, held.
    held: usize,
    waits: Vec<Duration>,
    oddity: Oddity,
    reads: usize,
}

impl Default for JumpingClock {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                wall: Timestamp::parse("2026-11-22T12:00:00Z").unwrap(),
                monotonic: Duration::ZERO,
                hold_after: usize::MAX,
                parked: Vec::new(),
                held: 0,
                waits: Vec::new(),
                oddity: Oddity::default(),
                reads: 0,
            }),
            waited: Condvar::new(),
        }
    }
}

impl JumpingClock {
    /// From now on, waits do not end by themselves.
    pub fn hold(&self) {
        self.hold_after(0);
    }

    /// After so many waits, counted from the first, no more end by themselves.
    pub fn hold_after(&self, waits: usize) {
        self.state.lock().unwrap().hold_after = waits;
    }

    /// Whether somebody waits, and is held.
    pub fn holds(&self) -> bool {
        self.state.lock().unwrap().held > 0
    }

    /// Lets the wait that is held pass, once there is one, and none after it.
    pub fn pass(&self) {
        let state = self.state.lock().unwrap();
        let (mut state, timeout) =
            self.waited.wait_timeout_while(state, DEADLINE, |s| s.held == 0).unwrap();
        assert!(!timeout.timed_out(), "nobody waits");
        state.hold_after = state.waits.len();
        state.parked.drain(..).for_each(|thread| thread.unpark());
    }

    /// Waits end by themselves again, also those under way.
    pub fn release(&self) {
        let mut state = self.state.lock().unwrap();
        state.hold_after = usize::MAX;
        state.parked.drain(..).for_each(|thread| thread.unpark());
    }

    pub fn set_wall(&self, text: &str) {
        self.state.lock().unwrap().wall = Timestamp::parse(text).unwrap();
    }

    pub fn be_odd(&self, oddity: Oddity) {
        self.state.lock().unwrap().oddity = oddity;
    }

    /// How often somebody has looked at it, at either hand.
    pub fn reads(&self) -> usize {
        self.state.lock().unwrap().reads
    }

    /// Waits until somebody waits, and returns how long that is to be.
    pub fn wait_for_wait(&self) -> Duration {
        let state = self.state.lock().unwrap();
        let (state, timeout) =
            self.waited.wait_timeout_while(state, DEADLINE, |s| s.waits.is_empty()).unwrap();
        assert!(!timeout.timed_out(), "nobody waited");
        *state.waits.last().unwrap()
    }

    pub fn waits(&self) -> Vec<Duration> {
        self.state.lock().unwrap().waits.clone()
    }
}

impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        let mut state = self.state.lock().unwrap();
        state.reads += 1;
        if state.oddity.goes_back {
            state.wall = Timestamp::from_unix(state.wall.unix() - 1).unwrap();
        }
        state.wall
    }

    fn monotonic(&self) -> Duration {
        let mut state = self.state.lock().unwrap();
        state.reads += 1;
        state.monotonic
    }

    fn park(&self, limit: Duration) {
        let mut state = self.state.lock().unwrap();
        state.waits.push(limit);
        self.waited.notify_all();
        let is_held = |state: &State| state.waits.len() > state.hold_after;
        if is_held(&state) {
            state.parked.push(std::thread::current());
            state.held += 1;
            drop(state);
            std::thread::park_timeout(DEADLINE);
            state = self.state.lock().unwrap();
            state.held -= 1;
            if is_held(&state) {
                // Not released by the test: woken by the library.
                return;
            }
        }
        let Oddity { wall_stands, leaps_to, wakes_after, oversleeps, .. } = state.oddity;
        let passed = wakes_after.map_or(limit, |after| after.min(limit)) + oversleeps;
        state.monotonic += passed;
        if !wall_stands {
            state.wall = state.wall + passed;
        }
        if let Some(text) = leaps_to {
            state.wall = Timestamp::parse(text).unwrap();
        }
    }
}

/// 01…, 02…, 03…: distinct, and the same in every run.
#[derive(Default)]
pub struct SequenceRandom(AtomicU8);

impl Random for SequenceRandom {
    fn bytes(&self) -> Result<[u8; 16], String> {
        Ok([self.0.fetch_add(1, Ordering::Relaxed) + 1; 16])
    }
}
