//! The library's policy, and the one that the design began with, for comparison.

use std::time::Duration;

use psmdb_telemetry::clock::Timestamp;
use psmdb_telemetry::delivery::Outcome;
use psmdb_telemetry::delivery::retry::{MAX_DELAY, RetryContext, RetryDecision, Schedule};

/// The decisions that a server takes.
pub trait Policy {
    /// How long a start waits before its first attempt.
    fn initial_delay(&self, now: Timestamp, stored: Option<Timestamp>) -> Duration;

    /// What is stored before the first attempt of a start that found a report left over.
    fn crash_backoff(&self, age: Duration, random: u64) -> Option<Duration>;

    /// What follows an attempt.
    fn decide(
        &self,
        context: RetryContext,
        outcome: &Outcome,
        now: Timestamp,
        random: u64,
    ) -> RetryDecision;
}

/// The library's.
impl Policy for Schedule {
    fn initial_delay(&self, now: Timestamp, stored: Option<Timestamp>) -> Duration {
        Schedule::initial_delay(self, now, stored, Duration::ZERO)
    }

    fn crash_backoff(&self, age: Duration, random: u64) -> Option<Duration> {
        Some(Schedule::crash_backoff(self, age, random))
    }

    fn decide(
        &self,
        context: RetryContext,
        outcome: &Outcome,
        now: Timestamp,
        random: u64,
    ) -> RetryDecision {
        Schedule::decide(self, context, outcome, now, random)
    }
}

/// What the design began with: 60 s, doubling, five retries for one start of the server.
#[derive(Debug)]
pub struct FirstDesign;

impl Policy for FirstDesign {
    fn initial_delay(&self, now: Timestamp, stored: Option<Timestamp>) -> Duration {
        Schedule::default().initial_delay(now, stored, Duration::ZERO)
    }

    fn crash_backoff(&self, _age: Duration, _random: u64) -> Option<Duration> {
        None
    }

    fn decide(
        &self,
        context: RetryContext,
        outcome: &Outcome,
        _now: Timestamp,
        random: u64,
    ) -> RetryDecision {
        let doubled =
            Duration::from_secs(60) * 2_u32.pow(context.attempts.saturating_sub(1).min(10));
        let backoff = doubled.mul_f64(random as f64 / u64::MAX as f64);
        let asked = match outcome {
            Outcome::Delivered => return RetryDecision::Done,
            Outcome::Refused { retry_after: Some(seconds), .. } => seconds.parse().unwrap_or(0),
            _ => 0,
        };
        let delay = (Duration::from_secs(asked) + backoff).min(MAX_DELAY);
        if context.attempts <= 5 {
            RetryDecision::Retry(delay)
        } else {
            RetryDecision::GiveUp(delay)
        }
    }
}
