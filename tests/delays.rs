//! Whatever an endpoint answers, and whatever the clock says: how long the next attempt is put off.

// quickcheck hands values over.
#![allow(clippy::needless_pass_by_value)]

use std::time::Duration;

use psmdb_telemetry::clock::Timestamp;
use psmdb_telemetry::delivery::Outcome;
use psmdb_telemetry::delivery::retry::{LONGEST_DELAY, Next, RetryPolicy};
use quickcheck::QuickCheck;

fn refused(retry_after: Option<String>) -> Outcome {
    Outcome::Refused { status: 503, retry_after }
}

/// Any moment that a calendar holds.
fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds % 8_000_000_000_000).unwrap()
}

#[test]
fn no_delay_is_longer_than_a_day_and_no_attempt_comes_after_the_sixth() {
    fn property(attempt: u32, status: u16, retry_after: Option<String>, random: u64, now: i64) {
        let policy = RetryPolicy::default();
        let answer = Outcome::Refused { status, retry_after };
        let nothing = Outcome::Unreachable("no route".to_owned());
        for (attempt, outcome) in [(attempt, &answer), (attempt % 8, &answer), (attempt, &nothing)]
        {
            match policy.next(attempt, outcome, moment(now), random) {
                Next::Retry(delay) => assert!(attempt <= policy.retries && delay <= LONGEST_DELAY),
                Next::GiveUp(delay) => assert!(delay <= LONGEST_DELAY),
                Next::Done | Next::Fail => panic!("{outcome:?} is neither"),
            }
        }
    }
    QuickCheck::new().tests(1000).quickcheck(property as fn(u32, u16, Option<String>, u64, i64));
}

#[test]
fn what_retry_after_asks_for_is_the_least_and_jitter_comes_on_top() {
    fn property(asked: u32, attempt: u8, random: u64, now: i64) {
        let attempt = u32::from(attempt % 5) + 1;
        let asked = Duration::from_secs(u64::from(asked % 200_000));
        let policy = RetryPolicy::default();
        // Years of four digits.
        let now = moment(now.rem_euclid(200_000_000_000));
        let date = http_date(now + asked);
        for value in [asked.as_secs().to_string(), date] {
            let outcome = refused(Some(value));
            let Next::Retry(delay) = policy.next(attempt, &outcome, now, random) else { panic!() };
            let jitter = policy.first_delay * 2_u32.pow(attempt - 1);
            assert!(delay >= asked.min(LONGEST_DELAY), "{outcome:?}: {delay:?}");
            assert!(delay <= (asked + jitter).min(LONGEST_DELAY), "{outcome:?}: {delay:?}");
        }
    }
    QuickCheck::new().tests(1000).quickcheck(property as fn(u32, u8, u64, i64));
}

#[test]
fn more_randomness_is_more_delay_and_a_later_attempt_too() {
    fn property(attempt: u8, one: u64, other: u64) {
        let attempt = u32::from(attempt % 5) + 1;
        let delay = |attempt, random| match RetryPolicy::default().next(
            attempt,
            &refused(None),
            moment(0),
            random,
        ) {
            Next::Retry(delay) | Next::GiveUp(delay) => delay,
            other => panic!("{other:?}"),
        };
        assert!(delay(attempt, one.min(other)) <= delay(attempt, one.max(other)));
        assert!(delay(attempt, one) <= delay(attempt + 1, one));
    }
    QuickCheck::new().tests(1000).quickcheck(property as fn(u8, u64, u64));
}

/// A date as HTTP writes it, from what ISO 8601 says.
fn http_date(time: Timestamp) -> String {
    let iso = time.to_string();
    let [year, month, day] = [&iso[..4], &iso[5..7], &iso[8..10]];
    let names =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = names[month.parse::<usize>().unwrap() - 1];
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let since_1970 = time.unix().div_euclid(86_400);
    let weekday = days[usize::try_from(since_1970.rem_euclid(7)).unwrap()];
    format!("{weekday}, {day} {month} {year} {} GMT", &iso[11..19])
}
