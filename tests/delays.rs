//! Whatever an endpoint answers, and whatever the clock says: how long the next attempt is put off.

// quickcheck hands values over.
#![allow(clippy::needless_pass_by_value)]

use std::time::Duration;

use psmdb_telemetry::clock::Timestamp;
use psmdb_telemetry::delivery::Outcome;
use psmdb_telemetry::delivery::retry::{MAX_DELAY, RetryContext, RetryDecision, Schedule};
use quickcheck::QuickCheck;

fn refused(retry_after: Option<String>) -> Outcome {
    Outcome::Refused { status: 503, retry_after }
}

fn context(attempts: u32, age: u64) -> RetryContext {
    RetryContext { attempts, age: Duration::from_secs(age) }
}

/// Any moment that a calendar holds.
fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds % 8_000_000_000_000).unwrap()
}

#[test]
fn no_delay_is_longer_than_what_may_be_asked_for_and_as_long_again() {
    fn property(attempts: u32, age: u64, retry_after: Option<String>, random: u64, now: i64) {
        for status in [0, 200, 301, 404, 408, 429, 500, 503, u16::MAX] {
            let outcome = Outcome::Refused { status, retry_after: retry_after.clone() };
            match Schedule::default().decide(context(attempts, age), &outcome, moment(now), random)
            {
                RetryDecision::Retry(delay) => assert!(delay <= 2 * MAX_DELAY, "{delay:?}"),
                RetryDecision::GiveUp(delay) => assert!(delay <= MAX_DELAY, "{delay:?}"),
                next @ (RetryDecision::Done | RetryDecision::Fail) => {
                    panic!("{outcome:?}: {next:?}")
                }
            }
        }
    }
    QuickCheck::new().tests(1000).quickcheck(property as fn(u32, u64, Option<String>, u64, i64));
}

#[test]
fn what_retry_after_asks_for_is_the_least_and_jitter_comes_on_top() {
    fn property(asked: u32, attempts: u8, random: u64, now: i64) {
        let context = context(u32::from(attempts % 5) + 1, 0);
        let asked = Duration::from_secs(u64::from(asked % 200_000));
        // Years of four digits.
        let now = moment(now.rem_euclid(200_000_000_000));
        let date = http_date(now + asked);
        for value in [asked.as_secs().to_string(), date] {
            let outcome = refused(Some(value));
            let next = |outcome| Schedule::default().decide(context, outcome, now, random);
            let RetryDecision::Retry(delay) = next(&outcome) else { panic!("{outcome:?}") };
            let RetryDecision::Retry(own) = next(&refused(None)) else { panic!("{outcome:?}") };
            let asked = asked.min(MAX_DELAY);
            assert!(delay >= asked + own, "{outcome:?}: {delay:?}");
            assert!(delay <= asked + own.max(asked), "{outcome:?}: {delay:?}");
        }
    }
    QuickCheck::new().tests(1000).quickcheck(property as fn(u32, u8, u64, i64));
}

#[test]
fn more_randomness_is_more_delay_and_so_is_a_later_attempt_or_an_older_report() {
    fn property(attempts: u8, age: u32, one: u64, other: u64) {
        let (attempts, age) = (u32::from(attempts), u64::from(age));
        let delay = |attempts, age, random| {
            let context = context(attempts, age);
            match Schedule::default().decide(context, &refused(None), moment(0), random) {
                RetryDecision::Retry(delay) => delay,
                other => panic!("{other:?}"),
            }
        };
        let found = delay(attempts, age, one);
        assert!(delay(attempts, age, one.min(other)) <= delay(attempts, age, one.max(other)));
        assert!(found <= delay(attempts + 1, age, one));
        assert!(found <= delay(attempts, 2 * age, one));
    }
    QuickCheck::new().tests(1000).quickcheck(property as fn(u8, u32, u64, u64));
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
