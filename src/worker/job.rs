//! What every task of the worker works with, and how it ends early.

use std::time::Duration;

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::engine::{Engine, Interrupted, Run, Shared};
use crate::events::Event;
use crate::instance::{CORRUPT_NAME, StoreError};

/// A task at work: for one run of the server and one revision of what is wanted.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    pub engine: &'a Engine,
    pub run: &'a Run,
    pub revision: u64,
}

/// Why a task ended early.
pub(super) enum JobError {
    /// Something else is wanted now.
    Interrupted,
    /// What is in the dbpath has changed, or a switch outside of the server has.
    Changed,
    /// A cause on this host, as a sentence.
    Failed(String),
}

impl From<Interrupted> for JobError {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl Job<'_> {
    /// Whether the task is still wanted.
    pub fn is_current(&self) -> bool {
        self.engine.lock().revision == self.revision
    }

    /// For the moments before something that must not happen if the task is no longer wanted.
    pub fn check(&self) -> Result<(), Interrupted> {
        if self.is_current() { Ok(()) } else { Err(Interrupted) }
    }

    /// Changes what is shared, if the task is still wanted.
    pub fn publish<T>(&self, change: impl FnOnce(&mut Shared) -> T) -> Result<T, Interrupted> {
        let mut shared = self.engine.lock();
        if shared.revision == self.revision { Ok(change(&mut shared)) } else { Err(Interrupted) }
    }

    /// Waits, unless something else is wanted first.
    pub fn wait(&self, delay: Duration) -> Result<(), Interrupted> {
        let clock = &self.engine.context.clock;
        let until = clock.monotonic() + delay;
        loop {
            self.check()?;
            let left = until.saturating_sub(clock.monotonic());
            if left.is_zero() {
                return Ok(());
            }
            clock.park(left);
        }
    }

    pub fn log(&self, event: &Event) {
        self.engine.log.write(event);
    }

    /// Logs why a file is quarantined.
    pub fn on_quarantine(&self) -> impl FnOnce(&'static str) {
        |reason| self.log(&Event::FileQuarantined { reason, moved_to: CORRUPT_NAME })
    }

    pub fn now(&self) -> Timestamp {
        self.engine.context.clock.now()
    }

    /// The random part of a delay; without randomness, the whole delay.
    pub fn jitter(&self) -> u64 {
        let bytes = self.engine.context.random.bytes();
        bytes.map_or(u64::MAX, |bytes| Uuid::from_bytes(bytes).as_u64_pair().0)
    }
}
