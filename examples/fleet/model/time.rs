//! Virtual time: milliseconds since the simulation began.

use std::time::Duration;

use psmdb_telemetry::clock::Timestamp;

pub type Millis = u64;

pub const SECOND: Millis = 1000;
pub const MINUTE: Millis = 60 * SECOND;
pub const HOUR: Millis = 60 * MINUTE;
pub const DAY: Millis = 24 * HOUR;
pub const NEVER: Millis = Millis::MAX;

/// As the library sees it; the simulation begins on 2026-11-23.
pub fn timestamp(time: Millis) -> Timestamp {
    Timestamp::from_unix(1_795_392_000).expect("a date") + Duration::from_millis(time)
}

/// What is left of a moment in `telemetry_uuid`, which holds whole seconds.
pub fn stored(time: Millis) -> Millis {
    time / SECOND * SECOND
}

pub fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(NEVER)
}

pub fn words(time: Millis) -> String {
    let units = [(DAY, "days"), (HOUR, "h"), (MINUTE, "min")];
    let (unit, name) = units.into_iter().find(|(unit, _)| time >= *unit).unwrap_or((SECOND, "s"));
    format!("{:.1} {name}", time as f64 / unit as f64)
}
