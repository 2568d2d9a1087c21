//! One attempt on a thread of its own, so that whatever it hangs in (name resolution, the
//! server's HTTP client, a network file system) holds up nobody: it can be left behind.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

use super::{Cancel, Letter, Outcome, Transport};
use crate::guard::guard;
use crate::threads;

/// An attempt under way.
#[derive(Debug)]
pub struct Attempt {
    result: Arc<Slot>,
    cancel: Arc<Cancel>,
    thread: JoinHandle<()>,
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
        let body = {
            let (result, cancel) = (Arc::clone(&result), Arc::clone(&cancel));
            move || attempt(&*transport, &letter, &cancel, &result, &waiting)
        };
        let thread = threads::spawn("PsmdbTelemetryS", body)?;
        Ok(Self { result, cancel, thread })
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

    /// Cancels it and gives it a moment to end; if it hangs beyond that, it is left behind and
    /// ends on its own, its result dropped.
    pub fn abandon(&self, moment: Duration) -> Ended {
        self.cancel.cancel();
        self.wait(moment, || false)
    }

    /// Waits for the thread of an attempt that has ended to be gone.
    pub fn join(self) {
        // Its panics were caught and told: what is left cannot be an error.
        let _ = self.thread.join();
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
