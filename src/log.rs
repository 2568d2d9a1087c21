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

#[cfg(test)]
#[cfg(not(interleavings))]
mod tests {
    use std::sync::Weak;
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::time::Duration;

    use super::*;

    /// A server that says when it logs, and goes on when it is told to.
    struct SlowHost {
        begun: Sender<()>,
        go_on: std::sync::Mutex<Receiver<()>>,
    }

    impl Host for SlowHost {
        fn log(&self, _: &LogEvent) {
            self.begun.send(()).unwrap();
            self.go_on.lock().unwrap().recv().unwrap();
        }
    }

    fn in_a_minute() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[test]
    fn a_closed_log_takes_no_more_lines_and_waits_for_those_under_way() {
        let (begun, has_begun) = channel();
        let (tell, go_on) = channel();
        let log = Log::new(Arc::new(SlowHost { begun, go_on: go_on.into() }));
        std::thread::scope(|scope| {
            scope.spawn(|| log.write(&Event::StartedAgain));
            has_begun.recv().unwrap();
            assert!(!log.wait_for_writers(Instant::now()), "one is under way");
            log.close();
            log.write(&Event::StartedAgain);
            assert!(has_begun.try_recv().is_err());
            tell.send(()).unwrap();
            assert!(log.wait_for_writers(in_a_minute()));
        });
    }

    /// A server that waits for the end of the log while it logs.
    struct WaitingHost(std::sync::OnceLock<Weak<Log>>);

    impl Host for WaitingHost {
        fn log(&self, _: &LogEvent) {
            let log = self.0.get().and_then(Weak::upgrade).unwrap();
            assert!(log.wait_for_writers(in_a_minute()));
        }
    }

    #[test]
    fn a_writer_does_not_wait_for_itself() {
        let host = Arc::new(WaitingHost(std::sync::OnceLock::new()));
        let log = Arc::new(Log::new(Arc::<WaitingHost>::clone(&host)));
        host.0.set(Arc::downgrade(&log)).unwrap();
        log.write(&Event::StartedAgain);
    }
}
