//! When to try again: every number of the policy, and nothing that waits.

use std::time::Duration;

use super::Outcome;
use crate::clock::Timestamp;

/// The longest that anything is put off: by `Retry-After`, or by a `nextAttempt` that was read
/// back from disk. A wrong clock or a wrong answer must not silence an instance for good.
pub const LONGEST_DELAY: Duration = Duration::from_hours(24);

/// How failures are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Upper bound of the first delay; each further one is twice the one before.
    pub first_delay: Duration,
    /// How many retries one start of the server makes.
    pub retries: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { first_delay: Duration::from_mins(1), retries: 5 }
    }
}

/// What follows an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the report was delivered.
    Done,
    /// Another attempt after this time.
    Retry(Duration),
    /// No more in this start; a later start waits at least this long from now.
    GiveUp(Duration),
    /// No more in this start: the cause is on this host.
    Fail,
}

impl RetryPolicy {
    /// Decides what follows attempt number `attempt` (the first is 1) of this start. `random` is
    /// uniform over its whole range.
    pub fn next(&self, attempt: u32, outcome: &Outcome, now: Timestamp, random: u64) -> Next {
        let backoff = self.backoff(attempt, random);
        match outcome {
            Outcome::Delivered => Next::Done,
            Outcome::Local(_) => Next::Fail,
            Outcome::Refused { status: 408 | 429 | 500..=599, retry_after } => {
                let asked = retry_after.as_deref().and_then(|value| retry_after_delay(value, now));
                // On top of what was asked for, so that those who were turned away together do
                // not come back together.
                self.again(attempt, (asked.unwrap_or_default() + backoff).min(LONGEST_DELAY))
            }
            Outcome::Refused { .. } => Next::GiveUp(backoff),
            Outcome::Unreachable(_) => self.again(attempt, backoff),
        }
    }

    fn again(&self, attempt: u32, delay: Duration) -> Next {
        if attempt <= self.retries { Next::Retry(delay) } else { Next::GiveUp(delay) }
    }

    /// Full jitter: anything from nothing to the whole delay of this attempt.
    fn backoff(&self, attempt: u32, random: u64) -> Duration {
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
        let whole = self.first_delay.saturating_mul(doubled).min(LONGEST_DELAY);
        let share = whole.as_nanos() * u128::from(random) / u128::from(u64::MAX);
        Duration::from_nanos(u64::try_from(share).unwrap_or(u64::MAX))
    }
}

/// `Retry-After` as RFC 9110 has it, a number of seconds or a date; at most [`LONGEST_DELAY`].
/// What is neither counts as absent.
fn retry_after_delay(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    let delay = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Too many digits for a number are a long time too.
        Duration::from_secs(value.parse().unwrap_or(u64::MAX))
    } else {
        now.until(Timestamp::parse_http(value)?)
    };
    Some(delay.min(LONGEST_DELAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-22T12:00:00Z").unwrap()
    }

    fn next(attempt: u32, outcome: &Outcome, random: u64) -> Next {
        RetryPolicy::default().next(attempt, outcome, now(), random)
    }

    fn refused(status: u16, retry_after: Option<&str>) -> Outcome {
        Outcome::Refused { status, retry_after: retry_after.map(str::to_owned) }
    }

    fn unreachable() -> Outcome {
        Outcome::Unreachable("no route".to_owned())
    }

    #[test]
    fn delays_double_from_a_minute_and_end_after_five_retries() {
        let longest = |attempt| next(attempt, &unreachable(), u64::MAX);
        for (attempt, seconds) in [(1, 60), (2, 120), (3, 240), (4, 480), (5, 960)] {
            assert_eq!(longest(attempt), Next::Retry(Duration::from_secs(seconds)));
        }
        assert_eq!(longest(6), Next::GiveUp(Duration::from_mins(32)));
    }

    #[test]
    fn jitter_takes_any_part_of_the_delay() {
        assert_eq!(next(1, &unreachable(), 0), Next::Retry(Duration::ZERO));
        let Next::Retry(half) = next(1, &unreachable(), u64::MAX / 2) else { panic!() };
        assert_eq!(half.as_secs(), 29);
    }

    #[test]
    fn an_endpoint_that_may_recover_is_tried_again_and_no_other() {
        for status in [408, 429, 500, 502, 503, 504, 599] {
            assert_eq!(next(1, &refused(status, None), 0), Next::Retry(Duration::ZERO), "{status}");
        }
        for status in [100, 301, 302, 307, 400, 401, 403, 404, 413, 600] {
            assert_eq!(
                next(1, &refused(status, None), 0),
                Next::GiveUp(Duration::ZERO),
                "{status}"
            );
        }
        assert_eq!(next(1, &Outcome::Local(String::new()), 0), Next::Fail);
        assert_eq!(next(1, &Outcome::Delivered, 0), Next::Done);
    }

    #[test]
    fn retry_after_is_honoured_up_to_a_day() {
        let asked = |value| match next(1, &refused(503, Some(value)), 0) {
            Next::Retry(delay) => delay.as_secs(),
            other => panic!("{other:?}"),
        };
        assert_eq!(asked("120"), 120);
        assert_eq!(asked(" 7 "), 7);
        assert_eq!(asked("315360000"), 86_400);
        assert_eq!(asked("99999999999999999999999"), 86_400);
        assert_eq!(asked("Sun, 22 Nov 2026 12:02:00 GMT"), 120);
        assert_eq!(asked("Sat, 22 Nov 2036 12:02:00 GMT"), 86_400);
        for ignored in ["", "-5", "1.5", "soon", "Sun, 22 Nov 2026 11:59:00 GMT"] {
            assert_eq!(asked(ignored), 0, "{ignored}");
        }
    }

    #[test]
    fn jitter_comes_on_top_of_retry_after_but_never_beyond_a_day() {
        let latest = |value| next(1, &refused(503, Some(value)), u64::MAX);
        assert_eq!(latest("120"), Next::Retry(Duration::from_mins(3)));
        assert_eq!(latest("86400"), Next::Retry(LONGEST_DELAY));
    }

    #[test]
    fn no_attempt_number_overflows() {
        let policy = RetryPolicy { retries: u32::MAX, ..RetryPolicy::default() };
        let next = policy.next(u32::MAX, &unreachable(), now(), u64::MAX);
        assert_eq!(next, Next::Retry(LONGEST_DELAY));
    }
}
