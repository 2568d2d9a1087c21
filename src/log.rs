//! The server's log, and a gate that `stop` closes.

use std::sync::{Arc, PoisonError};

use crate::events::{Event, LogEvent};
use crate::host::Host;
use crate::sync::thread::{self, ThreadId};
use crate::sync::{Condvar, Instant, Mutex, MutexGuard};

/// The server's log.
pub(crate) struct Log {
    host: Arc<dyn Host>,
    /// Protects the list of writers and whether more are admitted. Not held during the server's
    /// callback.
    gate: Mutex<Gate>,
    /// Signalled when a writer has finished.
    writer_finished: Condvar,
}

#[derive(Default)]
struct Gate {
    closed: bool,
    writers: Vec<ThreadId>,
}

impl Log {
    pub fn new(host: Arc<dyn Host>) -> Self {
        Self { host, gate: Mutex::default(), writer_finished: Condvar::new() }
    }

    pub fn write(&self, event: &Event) {
        let me = thread::current().id();
        {
            let mut gate = self.gate();
            if gate.closed {
                return;
            }
            gate.writers.push(me);
        }
        let _writing = Writing { log: self, me };
        self.host.log(&LogEvent::from(event));
    }

    /// Admits no more writers.
    pub fn close(&self) {
        self.gate().closed = true;
    }

    /// Waits for the writers to finish; false if the deadline passed first. A caller that is a writer
    /// does not wait for itself.
    pub fn wait_for_writers(&self, deadline: Instant) -> bool {
        let me = thread::current().id();
        let left = deadline.saturating_duration_since(Instant::now());
        let others = |gate: &mut Gate| gate.writers.iter().any(|writer| *writer != me);
        let waited = self.writer_finished.wait_timeout_while(self.gate(), left, others);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes a writer from the list, also when the server's callback panics.
struct Writing<'a> {
    log: &'a Log,
    me: ThreadId,
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        let mut gate = self.log.gate();
        if let Some(index) = gate.writers.iter().position(|writer| *writer == self.me) {
            gate.writers.swap_remove(index);
        }
        self.log.writer_finished.notify_all();
    }
}
