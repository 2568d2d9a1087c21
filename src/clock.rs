//! Time, passed in so that a week of retries is tested in a millisecond.

use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, Datelike, SecondsFormat, Timelike, Utc};
use serde::{Serialize, Serializer};

/// The clocks that the library reads.
pub trait Clock: Send + Sync {
    /// Wall-clock time, which may jump.
    fn now(&self) -> Timestamp;

    /// Time since a fixed moment, which never goes back.
    fn monotonic(&self) -> Duration;

    /// Blocks the calling thread until it is unparked or `limit` has passed; may return early.
    fn park(&self, limit: Duration);
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock(Instant);

impl Default for SystemClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::whole(SystemTime::now().into())
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    fn park(&self, limit: Duration) {
        std::thread::park_timeout(limit);
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The length of a [`Timestamp`] as text, in bytes.
const LENGTH: usize = "2023-11-01T10:46:23Z".len();

/// A moment in UTC, in whole seconds: it equals what is read back of it. Written as ISO 8601:
/// `2023-11-01T10:46:23Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    fn whole(time: DateTime<Utc>) -> Self {
        Self(time.with_nanosecond(0).unwrap_or(time))
    }

    /// From seconds since 1970; `None` outside of the range of chrono.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        DateTime::from_timestamp(seconds, 0).map(Self)
    }

    /// Reads what [`Display`](std::fmt::Display) writes, and no other form of RFC 3339.
    pub fn parse(text: &str) -> Option<Self> {
        let time = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
        Some(Self::whole(time)).filter(|time| time.to_string() == text)
    }

    /// Reads a date in one of the three forms of HTTP (RFC 9110, 5.6.7), the first of which is today's:
    /// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
    pub fn parse_http(text: &str, now: Self) -> Option<Self> {
        let parts: Vec<&str> = text.split([' ', '-']).filter(|part| !part.is_empty()).collect();
        let (day, month, year, time) = match parts[..] {
            [weekday, day, month, year, time, "GMT"] if weekday.ends_with(',') => {
                (day, month, year, time)
            }
            [_, month, day, time, year] => (day, month, year, time),
            _ => return None,
        };
        let month = 1 + MONTHS.iter().position(|name| *name == month)?;
        let century = if year.len() == 2 { "20" } else { "" };
        let date = format!("{century}{year}-{month:02}-{day:0>2}T{time}Z");
        let time = DateTime::parse_from_rfc3339(&date).ok().filter(|_| date.len() == LENGTH)?;
        let year = if century.is_empty() {
            time.year()
        } else {
            // Two digits never mean a year that is more than fifty years ahead.
            let first = now.0.year() - 49;
            first + (time.year() - first).rem_euclid(100)
        };
        // A leap second counts as the second before it.
        Some(Self::whole(time.to_utc().with_year(year)?))
    }

    /// Seconds since 1970.
    pub fn unix(self) -> i64 {
        self.0.timestamp()
    }

    /// How long until `later`; zero if that has passed.
    pub fn until(self, later: Self) -> Duration {
        (later.0 - self.0).to_std().unwrap_or_default()
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    /// A sum after the year 9999 has no four-digit year: then the time stays as it is.
    fn add(self, duration: Duration) -> Self {
        let delta = chrono::TimeDelta::from_std(duration).unwrap_or_default();
        let sum = self.0.checked_add_signed(delta).filter(|sum| sum.year() <= 9999);
        Self::whole(sum.unwrap_or(self.0))
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_it_is_written() {
        for text in ["2023-11-01T10:46:23Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), text);
        }
        // Any second of the years 1 to 9999, in steps that meet each of a day and of a year.
        for seconds in (-62_135_596_800..253_402_300_800_i64).step_by(86_399 * 1009) {
            let moment = Timestamp::from_unix(seconds).unwrap();
            assert_eq!(Timestamp::parse(&moment.to_string()), Some(moment), "{seconds}");
        }
        assert_eq!(Timestamp::parse("1970-01-01T00:01:00Z").unwrap().unix(), 60);
        assert_eq!(Timestamp::from_unix(60).unwrap().to_string(), "1970-01-01T00:01:00Z");
    }

    #[test]
    fn monotonic_time_passes() {
        let clock = SystemClock::default();
        let begin = clock.monotonic();
        while clock.monotonic() == begin {}
        assert!(clock.monotonic() > begin);
    }

    #[test]
    fn what_is_read_back_is_the_same_moment() {
        let now = SystemClock::default().now();
        for moment in [now, now + Duration::from_millis(1), now + Duration::from_millis(1999)] {
            assert_eq!(Timestamp::parse(&moment.to_string()), Some(moment));
        }
    }

    #[test]
    fn a_date_is_read_in_each_form_of_http() {
        let read = |text: &str| {
            let now = Timestamp::parse("2026-11-22T12:00:00Z").unwrap();
            Timestamp::parse_http(text, now).map(|time| time.to_string())
        };
        for (text, moment) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"),
            ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z"),
            ("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37Z"),
            ("Sun Nov 16 08:49:37 1994", "1994-11-16T08:49:37Z"),
            ("Tuesday, 24-Nov-26 00:00:00 GMT", "2026-11-24T00:00:00Z"),
            ("Sunday, 22-Nov-76 12:00:00 GMT", "2076-11-22T12:00:00Z"),
            ("Tuesday, 22-Nov-77 12:00:00 GMT", "1977-11-22T12:00:00Z"),
            ("Sat, 31 Dec 2016 23:59:60 GMT", "2016-12-31T23:59:59Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(moment), "{text}");
        }
        for text in [
            "",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 8:49:37 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 4294967296 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37.5 GMT",
            "Sun 06 Nov 1994 08:49:37 GMT",
            "Sun Nov 6 08:49:37 1994 GMT",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn text_in_any_other_form_is_not_read() {
        for text in [
            "",
            "Z",
            "2023-11-01",
            "2023-11-01T10:46:23",
            "2023-11-01 10:46:23Z",
            "2023-11-01T10:46Z",
            "2023-11-01T10:46:23+01:00Z",
            "2023-11-01T10:46:23.5Z",
            "2023-13-01T10:46:23Z",
            "2023-02-29T10:46:23Z",
            "2023-11-01T24:00:00Z",
            "2016-12-31T23:59:60Z",
            "2023-11-01t10:46:23Z",
            "2023-11-01T10:46:23z",
            "2023-11-01T10:46:23+00:00",
            " 2023-11-01T10:46:23Z",
            "+2023-11-01T10:46:23Z",
            "-2023-11-01T10:46:23Z",
            "99999999999-11-01T10:46:23Z",
            "12023-11-01T10:46:23Z",
            "2023-1-1T1:4:2Z",
            "002023-11-01T10:46:23Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
