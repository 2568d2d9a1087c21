//! The library's policy, and the one that the design began with, for comparison.

use std::time::Duration;

use psmdb_telemetry::clock::Timestamp;
use psmdb_telemetry::delivery::Outcome;
use psmdb_telemetry::delivery::retry::{LONGEST_DELAY, Next, Schedule, Tried};

/// The decisions that a server takes.
pub trait Policy {
    /// How long a start waits before its first attempt.
    fn to_begin(&self, now: Timestamp, stored: Option<Timestamp>) -> Duration;

    /// What is stored before the first attempt of a start that found a report left over.
    fn ahead(&self, age: Duration, random: u64) -> Option<Duration>;

    /// What follows an attempt.
    fn next(&self, tried: Tried, outcome: &Outcome, now: Timestamp, random: u64) -> Next;
}

/// The library's.
impl Policy for Schedule {
    fn to_begin(&self, now: Timestamp, stored: Option<Timestamp>) -> Duration {
        Schedule::to_begin(self, now, stored, Duration::ZERO)
    }

    fn ahead(&self, age: Duration, random: u64) -> Option<Duration> {
        Some(Schedule::ahead(self, age, random))
    }

    fn next(&self, tried: Tried, outcome: &Outcome, now: Timestamp, random: u64) -> Next {
        Schedule::next(self, tried, outcome, now, random)
    }
}

/// What the design began with: 60 s, doubling, five retries for one start of the server.
#[derive(Debug)]
pub struct FirstDesign;

impl Policy for FirstDesign {
    fn to_begin(&self, now: Timestamp, stored: Option<Timestamp>) -> Duration {
        Schedule::default().to_begin(now, stored, Duration::ZERO)
    }

    fn ahead(&self, _age: Duration, _random: u64) -> Option<Duration> {
        None
    }

    fn next(&self, tried: Tried, outcome: &Outcome, _now: Timestamp, random: u64) -> Next {
        let doubled = Duration::from_mins(1) * 2_u32.pow(tried.attempts.saturating_sub(1).min(10));
        let backoff = doubled.mul_f64(random as f64 / u64::MAX as f64);
        let asked = match outcome {
            Outcome::Delivered => return Next::Done,
            Outcome::Refused { retry_after: Some(seconds), .. } => seconds.parse().unwrap_or(0),
            _ => 0,
        };
        let delay = (Duration::from_secs(asked) + backoff).min(LONGEST_DELAY);
        if tried.attempts <= 5 { Next::Retry(delay) } else { Next::GiveUp(delay) }
    }
}
