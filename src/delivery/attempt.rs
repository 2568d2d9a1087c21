//! One attempt on a thread of its own, so that whatever it hangs in (name resolution, the
//! server's HTTP client, a network file system) holds up nobody: it can be left behind.

use std::io;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use super::{Cancel, Letter, Outcome, Transport};
use crate::guard::guard;
use crate::threads;

/// An attempt under way.
#[derive(Debug)]
pub struct Attempt {
    result: Arc<Slot>,
    cancel: Arc<Cancel>,
    is_foreign: bool,
}

/// An attempt that hung and was left behind.
#[derive(Debug)]
pub struct LeftBehind {
    result: Weak<Slot>,
    is_foreign: bool,
}

impl LeftBehind {
    /// Whether its thread is still there.
    pub fn still_hangs(&self) -> bool {
        self.result.strong_count() > 0
    }

    /// Whether it hangs in the server's HTTP client.
    pub fn is_foreign(&self) -> bool {
        self.is_foreign
    }
}

/// Protects the handing-over of the outcome from the attempt's thread to the waiting one.
type Slot = Mutex<Option<Result<Outcome, String>>>;

/// How an attempt ended, seen from outside.
#[derive(Debug)]
pub enum Ended {
    /// By itself.
    With(Outcome),
    /// It panicked; the words are the panic's.
    Panicked(String),
    /// It has not ended: time is up, or the caller does not want to wait any longer.
    NotYet,
}

impl Attempt {
    /// Begins. The calling thread is unparked when it ends.
    pub fn begin(
        transport: Box<dyn Transport>,
        letter: Letter,
        cancel: Arc<Cancel>,
    ) -> io::Result<Self> {
        let result = Arc::new(Slot::default());
        let waiting = thread::current();
        let is_foreign = transport.is_foreign();
        let body = {
            let (result, cancel) = (Arc::clone(&result), Arc::clone(&cancel));
            move || attempt(&*transport, &letter, &cancel, &result, &waiting)
        };
        threads::spawn("PsmdbTelemetryS", body)?;
        Ok(Self { result, cancel, is_foreign })
    }

    /// Waits until it ends, `limit` has passed, or `enough` says so (asked after each unpark of
    /// the calling thread).
    pub fn wait(&self, limit: Duration, enough: impl Fn() -> bool) -> Ended {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(result) = self.result.lock().unwrap_or_else(PoisonError::into_inner).take()
            {
                return result.map_or_else(Ended::Panicked, Ended::With);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || enough() {
                return Ended::NotYet;
            }
            thread::park_timeout(left);
        }
    }

    /// Cancels it and gives it a moment to end; if it hangs beyond that, it can be left behind: it
    /// ends on its own, and its result is dropped.
    pub fn abandon(&self, moment: Duration) -> Ended {
        self.cancel.cancel();
        self.wait(moment, || false)
    }

    /// Leaves it behind.
    pub fn leave(self) -> LeftBehind {
        LeftBehind { result: Arc::downgrade(&self.result), is_foreign: self.is_foreign }
    }
}

fn attempt(
    transport: &dyn Transport,
    letter: &Letter,
    cancel: &Cancel,
    result: &Slot,
    waiting: &Thread,
) {
    let outcome = guard(|| transport.deliver(letter, cancel));
    *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    waiting.unpark();
}
