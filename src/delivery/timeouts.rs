//! How long an attempt may take.

use std::time::Duration;

use crate::environment::Environment;
use crate::events::Event;
use crate::number::whole_number;

/// The time-outs of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the connection (`PERCONA_CONNECT_TIMEOUT`).
    pub connect: Duration,
    /// For the whole attempt, name resolution included (`PERCONA_SEND_TIMEOUT`).
    pub send: Duration,
}

const DEFAULT_CONNECT_SECONDS: u64 = 5;
const DEFAULT_SEND_SECONDS: u64 = 10;
const MAX_SECONDS: u64 = 3600;

/// The time-outs in force, and an event for each variable without a valid value.
pub fn timeouts(environment: &Environment) -> (Timeouts, Vec<Event>) {
    let mut events = Vec::new();
    let mut seconds = |variable, default| {
        let value = environment.get(variable);
        let chosen = value.map_or(Some(default), whole_number);
        Duration::from_secs(chosen.filter(|s| (1..=MAX_SECONDS).contains(s)).unwrap_or_else(|| {
            events.push(Event::InvalidVariable {
                variable,
                reason: format!("is not a number of seconds from 1 to {MAX_SECONDS}"),
                effect: format!("{default} s are used"),
            });
            default
        }))
    };
    let timeouts = Timeouts {
        connect: seconds("PERCONA_CONNECT_TIMEOUT", DEFAULT_CONNECT_SECONDS),
        send: seconds("PERCONA_SEND_TIMEOUT", DEFAULT_SEND_SECONDS),
    };
    (timeouts, events)
}
