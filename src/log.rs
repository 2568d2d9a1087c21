//! The server's log, and a gate that `stop` closes.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Instant;

use crate::environment::is_unprintable;
use crate::events::{Event, LogEvent};
use crate::host::Host;

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

/// A message on one line of at most `max_bytes`. It may repeat a variable, the dbpath's name or an
/// error of the server's HTTP client: none of them can forge a line of the log, or a very long one.
pub(crate) fn one_line(message: &str, max_bytes: usize) -> String {
    message[..message.floor_char_boundary(max_bytes)].replace(is_unprintable, " ")
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

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn a_message_is_one_line_of_bounded_length() {
        let one_line = |message| one_line(message, 16);
        assert_eq!(one_line("as it is: é"), "as it is: é");
        assert_eq!(one_line("one\r\nforged\0"), "one  forged ");
        assert_eq!(one_line("\u{202e}neewt"), " neewt");
        assert_eq!(one_line(&"é".repeat(16)).len(), 16);
    }
}
