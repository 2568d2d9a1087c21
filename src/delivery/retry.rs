//! The retry policy: every delay and every decision. Nothing here waits.
//!
//! The numbers were chosen on a million simulated instances (`docs/fleet.md`); ADR 3 has the reasons.

use std::time::Duration;

use super::Outcome;
use crate::clock::Timestamp;
use crate::number::whole_number;

/// The longest delay that `Retry-After`, or a `nextAttempt` that was read back from disk, can cause. A
/// wrong clock or a wrong response must not silence an instance for good.
pub const MAX_DELAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The delays after failures, for a server that runs for months and for one that restarts each second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The longest delay after the first failure, after the second, and so on; the last one holds
    /// for all that follow. The delay is a random part of it (full jitter).
    pub delays: &'static [Duration],
}

impl Default for Schedule {
    fn default() -> Self {
        const DELAYS: [Duration; 3] =
            [Duration::from_secs(5 * 60), Duration::from_secs(4 * 60 * 60), MAX_DELAY];
        Self { delays: &DELAYS }
    }
}

/// What the delay depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryContext {
    /// Attempts of this start; 0 before the first has ended.
    pub attempts: u32,
    /// The age of the report: attempts of earlier starts show in it.
    pub age: Duration,
}

/// What to do after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryDecision {
    /// Nothing: the report was delivered.
    Done,
    /// Another attempt after this time.
    Retry(Duration),
    /// No more in this start; a later start waits at least this long from now.
    GiveUp(Duration),
    /// No more in this start: the cause is on this host.
    Fail,
}

impl Schedule {
    /// How long a start waits before its first attempt: for the rest of the grace period, or until
    /// the time that an earlier start has stored, whichever is later.
    pub fn initial_delay(
        &self,
        now: Timestamp,
        stored: Option<Timestamp>,
        grace: Duration,
    ) -> Duration {
        grace.max(stored.map_or(Duration::ZERO, |at| now.until(Self::clamp(now, at))))
    }

    /// A stored time, clamped to [`MAX_DELAY`] from now. If one that a wrong clock has set stayed in the
    /// file, it would delay each start by a day, and a server that never runs that long would never send.
    pub fn clamp(now: Timestamp, stored: Timestamp) -> Timestamp {
        stored.min(now + MAX_DELAY)
    }

    /// How long a later start must wait if the server crashes during the attempt; stored before the
    /// attempt starts.
    pub fn crash_backoff(&self, age: Duration, random: u64) -> Duration {
        self.backoff(RetryContext { attempts: 0, age }, random)
    }

    /// How long to wait after an attempt that was cancelled.
    pub fn backoff(&self, context: RetryContext, random: u64) -> Duration {
        self.delay(context, Duration::ZERO, random)
    }

    /// Decides what to do after an attempt. `random` is uniform over its whole range.
    pub fn decide(
        &self,
        context: RetryContext,
        outcome: &Outcome,
        now: Timestamp,
        random: u64,
    ) -> RetryDecision {
        let after = |asked| self.delay(context, asked, random);
        match outcome {
            Outcome::Delivered => RetryDecision::Done,
            Outcome::LocalError(_) => RetryDecision::Fail,
            Outcome::Refused { status: 408 | 425 | 429 | 500..=599, retry_after } => {
                let asked = retry_after.as_deref().and_then(|value| retry_after_delay(value, now));
                RetryDecision::Retry(after(asked.unwrap_or_default()))
            }
            Outcome::Refused { .. } => RetryDecision::GiveUp(after(Duration::ZERO)),
            Outcome::Unreachable(_) => RetryDecision::Retry(after(Duration::ZERO)),
        }
    }

    /// The requested delay, plus a random part of the schedule's. Servers that were refused together
    /// must not come back together: the random part is chosen from a time that is at least as long as
    /// the requested one.
    fn delay(&self, context: RetryContext, asked: Duration, random: u64) -> Duration {
        let whole = self.max_delay(context).max(asked);
        let share = whole.as_nanos() * u128::from(random) / u128::from(u64::MAX);
        asked + Duration::from_nanos(u64::try_from(share).unwrap_or(u64::MAX))
    }

    /// The schedule's delay. It survives restarts: a report that is older than a delay is past it.
    fn max_delay(&self, context: RetryContext) -> Duration {
        let by_attempts = usize::try_from(context.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        let by_age = self.delays.iter().filter(|delay| **delay <= context.age).count();
        let scheduled = self.delays.get(by_attempts.max(by_age)).or(self.delays.last());
        scheduled.copied().unwrap_or(MAX_DELAY)
    }
}

/// `Retry-After` (RFC 9110): a number of seconds or a date; at most [`MAX_DELAY`].
/// Anything else is ignored.
fn retry_after_delay(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    let delay = match whole_number(value) {
        Some(seconds) => Duration::from_secs(seconds),
        None => now.until(Timestamp::parse_http(value, now)?),
    };
    Some(delay.min(MAX_DELAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const HOUR: Duration = Duration::from_secs(60 * 60);
    const DAY: Duration = MAX_DELAY;

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-22T12:00:00Z").unwrap()
    }

    fn next(attempts: u32, outcome: &Outcome, random: u64) -> RetryDecision {
        Schedule::default().decide(
            RetryContext { attempts, age: Duration::ZERO },
            outcome,
            now(),
            random,
        )
    }

    fn longest(attempts: u32, age: Duration) -> Duration {
        let context = RetryContext { attempts, age };
        match Schedule::default().decide(context, &unreachable(), now(), u64::MAX) {
            RetryDecision::Retry(delay) => delay,
            other => panic!("{other:?}"),
        }
    }

    fn refused(status: u16, retry_after: Option<&str>) -> Outcome {
        Outcome::Refused { status, retry_after: retry_after.map(str::to_owned) }
    }

    fn unreachable() -> Outcome {
        Outcome::Unreachable("no route".to_owned())
    }

    #[test]
    fn retries_come_within_minutes_then_hours_then_each_day_without_an_end() {
        for (attempts, delay) in
            [(1, 5 * MINUTE), (2, 4 * HOUR), (3, DAY), (4, DAY), (1000, DAY), (u32::MAX, DAY)]
        {
            assert_eq!(longest(attempts, Duration::ZERO), delay, "{attempts}");
        }
    }

    #[test]
    fn a_restart_goes_on_where_the_age_of_the_report_says() {
        for (age, delay) in [
            (Duration::from_secs(299), 5 * MINUTE),
            (5 * MINUTE, 4 * HOUR),
            (4 * HOUR, DAY),
            (1000 * DAY, DAY),
            (Duration::MAX, DAY),
        ] {
            assert_eq!(longest(1, age), delay, "{age:?}");
            assert_eq!(Schedule::default().crash_backoff(age, u64::MAX), delay, "{age:?}");
        }
    }

    #[test]
    fn jitter_takes_any_part_of_the_delay() {
        assert_eq!(next(1, &unreachable(), 0), RetryDecision::Retry(Duration::ZERO));
        let RetryDecision::Retry(half) = next(1, &unreachable(), u64::MAX / 2) else { panic!() };
        assert_eq!(half.as_secs(), 149);
        assert_eq!(Schedule::default().crash_backoff(Duration::ZERO, u64::MAX / 2), half);
    }

    #[test]
    fn an_endpoint_that_may_recover_is_tried_again_and_no_other() {
        for status in [408, 425, 429, 500, 502, 503, 504, 599] {
            assert_eq!(
                next(1, &refused(status, None), 0),
                RetryDecision::Retry(Duration::ZERO),
                "{status}"
            );
        }
        for status in [100, 301, 302, 307, 400, 401, 403, 404, 413, 600] {
            assert_eq!(
                next(1, &refused(status, None), 0),
                RetryDecision::GiveUp(Duration::ZERO),
                "{status}"
            );
        }
        assert_eq!(next(1, &Outcome::LocalError(String::new()), 0), RetryDecision::Fail);
        assert_eq!(next(1, &Outcome::Delivered, 0), RetryDecision::Done);
    }

    #[test]
    fn retry_after_is_honoured_up_to_a_day() {
        let asked = |value| match next(1, &refused(503, Some(value)), 0) {
            RetryDecision::Retry(delay) => delay.as_secs(),
            other => panic!("{other:?}"),
        };
        assert_eq!(asked("120"), 120);
        assert_eq!(asked(" 7 "), 7);
        assert_eq!(asked("315360000"), 86_400);
        assert_eq!(asked("99999999999999999999999"), 86_400);
        assert_eq!(asked("Sun, 22 Nov 2026 12:02:00 GMT"), 120);
        assert_eq!(asked("Sunday, 22-Nov-26 12:02:00 GMT"), 120);
        assert_eq!(asked("Sun Nov 22 12:02:00 2026"), 120);
        assert_eq!(asked("Sat, 22 Nov 2036 12:02:00 GMT"), 86_400);
        for ignored in ["", "-5", "1.5", "soon", "Sun, 22 Nov 2026 11:59:00 GMT"] {
            assert_eq!(asked(ignored), 0, "{ignored}");
        }
    }

    #[test]
    fn those_asked_to_come_later_spread_over_at_least_as_long_again() {
        let latest = |attempts, value| next(attempts, &refused(503, Some(value)), u64::MAX);
        assert_eq!(latest(1, "120"), RetryDecision::Retry(7 * MINUTE));
        assert_eq!(latest(1, "3600"), RetryDecision::Retry(2 * HOUR));
        assert_eq!(latest(2, "3600"), RetryDecision::Retry(5 * HOUR));
        assert_eq!(latest(1, "86400"), RetryDecision::Retry(2 * DAY));
    }

    #[test]
    fn a_start_waits_for_the_grace_period_or_the_stored_time_but_no_more_than_a_day_for_that() {
        let initial_delay = |stored: Option<&str>, grace| {
            Schedule::default().initial_delay(now(), stored.and_then(Timestamp::parse), grace)
        };
        assert_eq!(initial_delay(None, Duration::ZERO), Duration::ZERO);
        assert_eq!(initial_delay(None, HOUR), HOUR);
        assert_eq!(initial_delay(Some("2026-11-22T12:30:00Z"), HOUR), HOUR);
        assert_eq!(initial_delay(Some("2026-11-22T14:00:00Z"), HOUR), 2 * HOUR);
        assert_eq!(initial_delay(Some("2026-11-22T11:00:00Z"), Duration::ZERO), Duration::ZERO);
        assert_eq!(initial_delay(Some("9999-01-01T00:00:00Z"), Duration::ZERO), DAY);
        assert_eq!(initial_delay(Some("9999-01-01T00:00:00Z"), 7 * DAY), 7 * DAY);
    }
}
