//! The way to the server's log, with a gate that `stop` closes.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Instant;

use crate::environment::is_unprintable;
use crate::events::{Event, LogEvent};
use crate::host::Host;

/// The server's log.
pub(crate) struct Log {
    host: Arc<dyn Host>,
    /// Protects who is writing and whether anybody may begin to. Not held while the server's
    /// callback runs.
    gate: Mutex<Gate>,
    /// Signalled when a writer leaves.
    left: Condvar,
}

#[derive(Default)]
struct Gate {
    closed: bool,
    writers: Vec<ThreadId>,
}

impl Log {
    pub fn new(host: Arc<dyn Host>) -> Self {
        Self { host, gate: Mutex::default(), left: Condvar::new() }
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
        let _leave = Leave { log: self, me };
        self.host.log(&LogEvent::from(event));
    }

    /// Lets nobody in any more.
    pub fn close(&self) {
        self.gate().closed = true;
    }

    /// Waits for those inside to leave; false if time ran out before they had. A caller that is
    /// inside itself does not wait for itself.
    pub fn wait_for_writers(&self, deadline: Instant) -> bool {
        let me = thread::current().id();
        let left = deadline.saturating_duration_since(Instant::now());
        let others = |gate: &mut Gate| gate.writers.iter().any(|writer| *writer != me);
        let waited = self.left.wait_timeout_while(self.gate(), left, others);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A message may repeat what the environment, the dbpath's name or the server's HTTP client said:
/// none of them gets to write a line of its own into the server's log, or a very long one. `limit` is
/// in bytes.
pub(crate) fn one_line(message: &str, limit: usize) -> String {
    message[..message.floor_char_boundary(limit)].replace(is_unprintable, " ")
}

/// Takes a writer off the list, also when the server's callback panics.
struct Leave<'a> {
    log: &'a Log,
    me: ThreadId,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        let mut gate = self.log.gate();
        if let Some(index) = gate.writers.iter().position(|writer| *writer == self.me) {
            gate.writers.swap_remove(index);
        }
        self.log.left.notify_all();
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
