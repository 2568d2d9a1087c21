//! The library under a model checker: threads run one at a time, and a scheduler chooses the next at each
//! lock, wait and wake-up.
//!
//! shuttle, and not loom: the library waits with time-outs (`park_timeout`, `wait_timeout_while`), opens files
//! and catches panics. loom has no time-outs and explores every memory ordering, of which locks need none; so
//! it would end with far smaller scenarios. shuttle's own depth-first search has no bound but a number of
//! executions; `schedule` adds the usual one, on preemptions. shuttle has no time either: `time` adds that,
//! as one more thread, so that a time-out can fire at each moment.

// These are tests.
#![allow(clippy::expect_used, clippy::unwrap_used)]

pub(crate) mod sync;
mod time;

#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod schedule;
#[cfg(test)]
mod server;
#[cfg(test)]
mod world;

/// The built-in client, as a scenario wants it.
pub(crate) fn transport() -> Box<dyn crate::delivery::Transport> {
    #[cfg(test)]
    return Box::new(server::Client);
    #[cfg(not(test))]
    unreachable!("scenarios are tests");
}
