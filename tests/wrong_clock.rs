//! Whatever the clock does, nothing spins, nothing is silenced, and the times in the status are
//! times.

mod support;

use std::time::Duration;

use psmdb_telemetry::clock::Timestamp;
use psmdb_telemetry::delivery::retry::MAX_DELAY;
use support::clock::Oddity;
use support::endpoint::{BUSY, BUSY_FOR_AN_HOUR, OK};
use support::{GRACE_PERIOD, Server, UNREPORTED, UNREPORTED_BODY, World};

const TEN_YEARS_EARLIER: &str = "2016-11-22T12:00:00Z";
const TEN_YEARS_LATER: &str = "2036-11-22T12:00:00Z";
/// Those, and the ends of what is written with four digits for a year.
const WRONG: [&str; 6] = [
    TEN_YEARS_EARLIER,
    TEN_YEARS_LATER,
    "0001-01-01T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "2038-01-19T03:14:08Z",
    "9999-12-31T23:59:59Z",
];

fn oddities() -> [Oddity; 8] {
    let none = Oddity::default();
    let (minutes, ten_days) = (Duration::from_secs(7 * 60), Duration::from_secs(240 * 3600));
    [
        Oddity { goes_back: true, ..none },
        Oddity { wall_stands: true, ..none },
        Oddity { leaps_to: Some(TEN_YEARS_EARLIER), ..none },
        Oddity { leaps_to: Some(TEN_YEARS_LATER), ..none },
        Oddity { wakes_after: Some(minutes), ..none },
        // The machine slept, and the monotonic clock counts that, or does not.
        Oddity { oversleeps: ten_days, ..none },
        Oddity { leaps_to: Some("2026-12-02T12:00:00Z"), wakes_after: Some(minutes), ..none },
        Oddity { goes_back: true, wakes_after: Some(minutes), ..none },
    ]
}

/// More often than this nobody looks at the clock in one start, retries and all.
const READS: usize = 2000;

/// The times in the status are null or times of a calendar.
fn has_sane_times(server: &Server, when: &str) {
    let status = server.status();
    for key in ["lastAttempt", "nextAttempt", "sentAt"] {
        let time = &status[key];
        let is_time = time.as_str().is_some_and(|text| Timestamp::parse(text).is_some());
        assert!(time.is_null() || is_time, "{when}: {key} is {time}");
    }
}

/// The report of [`UNREPORTED`] is delivered, and nothing was done in a loop meanwhile.
fn is_delivered(world: &World, server: &Server, when: &str) {
    server.delivers();
    let received = world.endpoint.received();
    assert!(received.last().unwrap().ends_with(UNREPORTED_BODY.as_bytes()), "{when}");
    has_sane_times(server, when);
    assert!(world.clock.reads() < READS, "{when}: {} looks at the clock", world.clock.reads());
    assert!(!world.clock.waits().iter().any(Duration::is_zero), "{when}: waits for nothing");
}

#[test]
fn a_clock_that_is_wrong_from_the_beginning_delays_nothing() {
    for wall in WRONG {
        let world = World::answering(&[BUSY, OK]).containing(UNREPORTED);
        world.clock.set_wall(wall);
        is_delivered(&world, &world.run(), wall);
        let waits: Duration = world.clock.waits().iter().sum();
        assert!(waits <= MAX_DELAY, "{wall}: {waits:?}");
    }
}

#[test]
fn the_grace_period_is_one_of_time_and_not_of_the_calendar() {
    for oddity in oddities() {
        let when = format!("{oddity:?}");
        let world = World::new().containing(UNREPORTED);
        world.clock.be_odd(oddity);
        is_delivered(&world, &world.reporting().with(GRACE_PERIOD, "3600").start(), &when);
        assert_eq!(world.clock.waits()[0], Duration::from_secs(3600), "{when}");
    }
}

#[test]
fn retries_come_in_time_whatever_the_calendar_does_meanwhile() {
    for oddity in oddities() {
        let when = format!("{oddity:?}");
        let world = World::answering(&[BUSY_FOR_AN_HOUR, BUSY, OK]).containing(UNREPORTED);
        world.clock.be_odd(oddity);
        is_delivered(&world, &world.run(), &when);
        let longest = world.clock.waits().into_iter().max().unwrap();
        assert!(longest < Duration::from_secs(75 * 60), "{when}: {longest:?}");
    }
}

#[test]
fn a_jump_between_two_starts_delays_the_report_by_a_day_at_most() {
    for wall in WRONG {
        let world = World::answering(&[BUSY_FOR_AN_HOUR, OK]).containing(UNREPORTED);
        world.clock.hold();
        let server = world.run();
        server.reaches("retrying");
        has_sane_times(&server, wall);
        server.stop();
        world.clock.release();

        let earlier_waits = world.clock.waits().len();
        world.clock.set_wall(wall);
        is_delivered(&world, &world.run(), wall);
        let waits: Duration = world.clock.waits()[earlier_waits..].iter().sum();
        assert!(waits <= MAX_DELAY, "{wall}: {waits:?}");
    }
}

#[test]
fn a_server_that_is_restarted_daily_reports_although_an_earlier_clock_was_ahead() {
    let world = World::new().containing(format!("{UNREPORTED}nextAttempt:{TEN_YEARS_LATER}\n"));
    world.clock.hold();
    for wall in ["2026-11-22T12:00:00Z", "2026-11-23T03:00:00Z"] {
        world.clock.set_wall(wall);
        let server = world.run();
        let waits = |now: &serde_json::Value| now["nextAttempt"] == "2026-11-23T12:00:00Z";
        server.wait_for_status("the time to wait for", waits);
        server.stop();
        assert_eq!(world.value("nextAttempt").as_deref(), Some("2026-11-23T12:00:00Z"));
    }
    assert!(world.endpoint.is_quiet());
    world.clock.release();
    world.clock.set_wall("2026-11-23T18:00:00Z");
    is_delivered(&world, &world.run(), "the third start");
}

#[test]
fn what_is_no_time_in_the_file_defers_nothing() {
    for value in ["", "soon", "9999999999999999", "Sun, 22 Nov 2026 12:30:00 GMT", "\0"] {
        let world = World::new().containing(format!("{UNREPORTED}nextAttempt:{value}\n"));
        is_delivered(&world, &world.run(), value);
        assert!(world.clock.waits().is_empty(), "{value}");
        assert_eq!(world.value("nextAttempt"), None, "{value}");
    }
}

#[test]
fn a_time_of_sending_that_is_none_is_not_shown_and_the_report_not_sent_again() {
    for value in ["", "yesterday", "-1", "12026-11-22T12:00:00Z"] {
        let file = format!("{UNREPORTED}sentAt:{value}\nPRODUCT_FAMILY_PSMDB:1\n");
        let world = World::new().containing(file);
        let status = world.run().ends("sent");
        assert!(status["sentAt"].is_null(), "{value}: {status}");
        assert!(world.endpoint.is_quiet(), "{value}");
    }
}

#[test]
fn a_report_of_the_future_is_sent_as_it_is_stored() {
    let later = |text: &str| text.replace("2023-11-01T10:46:23Z", TEN_YEARS_LATER);
    let world = World::new().containing(later(UNREPORTED));
    world.run().delivers();
    assert_eq!(world.endpoint.request().body, later(UNREPORTED_BODY));
}
