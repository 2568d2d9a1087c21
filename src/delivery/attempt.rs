//! One attempt on a thread of its own, so that whatever it hangs in (name resolution, the
//! server's HTTP client, a network file system) blocks nobody else: it can be detached.

use std::io;
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use super::{Cancel, Outcome, Transport, UploadRequest};
use crate::guard::guard;
use crate::sync::thread::{self, Thread};
use crate::sync::{Instant, Mutex};
use crate::threads;

/// An attempt under way.
#[derive(Debug)]
pub struct Attempt {
    result: Arc<Slot>,
    cancel: Arc<Cancel>,
    runs_server_code: bool,
}

/// An attempt that did not end in time and was detached.
#[derive(Debug)]
pub struct DetachedAttempt {
    result: Weak<Slot>,
    runs_server_code: bool,
}

impl DetachedAttempt {
    /// Whether its thread is still there.
    pub fn is_running(&self) -> bool {
        self.result.strong_count() > 0
    }

    /// Whether it runs the server's HTTP client.
    pub fn runs_server_code(&self) -> bool {
        self.runs_server_code
    }
}

/// Protects the outcome, which the attempt's thread stores and the waiting one takes.
type Slot = Mutex<Option<Result<Outcome, String>>>;

/// How an attempt ended, seen from outside.
#[derive(Debug)]
pub enum AttemptEnd {
    /// By itself.
    Finished(Outcome),
    /// It panicked, with this message.
    Panicked(String),
    /// It is still running: the time-out has passed, or the caller stopped waiting.
    Pending,
}

impl Attempt {
    /// Starts it. The calling thread is unparked when it ends.
    pub fn begin(
        transport: Box<dyn Transport>,
        request: UploadRequest,
        cancel: Arc<Cancel>,
    ) -> io::Result<Self> {
        let result = Arc::new(Slot::default());
        let waiting = thread::current();
        let runs_server_code = transport.runs_server_code();
        let body = {
            let (result, cancel) = (Arc::clone(&result), Arc::clone(&cancel));
            move || attempt(&*transport, &request, &cancel, &result, &waiting)
        };
        threads::spawn("PsmdbTelemetryS", body)?;
        Ok(Self { result, cancel, runs_server_code })
    }

    /// Waits until it ends, `limit` has passed, or `enough` says so. It parks and waits on no channel:
    /// whoever changes what is wanted unparks the calling thread too, and `enough` is asked then.
    pub fn wait(&self, limit: Duration, enough: impl Fn() -> bool) -> AttemptEnd {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(result) = self.result.lock().unwrap_or_else(PoisonError::into_inner).take()
            {
                return result.map_or_else(AttemptEnd::Panicked, AttemptEnd::Finished);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || enough() {
                return AttemptEnd::Pending;
            }
            thread::park_timeout(left);
        }
    }

    /// Cancels it and waits up to `moment` for it to end. If it is still running then, it can be
    /// detached: it ends on its own, and its result is dropped.
    pub fn abandon(&self, moment: Duration) -> AttemptEnd {
        self.cancel.cancel();
        self.wait(moment, || false)
    }

    /// Stops waiting for it.
    pub fn detach(self) -> DetachedAttempt {
        DetachedAttempt {
            result: Arc::downgrade(&self.result),
            runs_server_code: self.runs_server_code,
        }
    }
}

fn attempt(
    transport: &dyn Transport,
    request: &UploadRequest,
    cancel: &Cancel,
    result: &Slot,
    waiting: &Thread,
) {
    let outcome = guard(|| transport.deliver(request, cancel));
    *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    waiting.unpark();
}

#[cfg(test)]
#[cfg(not(interleavings))]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;
    use crate::delivery::file::FolderTransport;
    use crate::delivery::transport::tests::empty_request;

    /// It ends when it is told to.
    struct Hanging {
        end: Receiver<()>,
        runs_server_code: bool,
    }

    impl Transport for Hanging {
        fn deliver(&self, _: &UploadRequest, _: &Cancel) -> Outcome {
            self.end.recv().unwrap();
            Outcome::Delivered
        }

        fn runs_server_code(&self) -> bool {
            self.runs_server_code
        }
    }

    #[test]
    fn a_transport_runs_code_of_the_library_unless_it_says_otherwise() {
        assert!(!FolderTransport::new("/".into()).runs_server_code());
    }

    #[test]
    fn a_detached_attempt_is_known_until_its_thread_ends() {
        for runs_server_code in [false, true] {
            let (tell, end) = channel();
            let request = empty_request();
            let transport = Box::new(Hanging { end, runs_server_code });
            let attempt = Attempt::begin(transport, request, Arc::default()).unwrap();
            assert!(matches!(attempt.wait(Duration::ZERO, || false), AttemptEnd::Pending));
            let detached = attempt.detach();
            assert!(detached.is_running());
            assert_eq!(detached.runs_server_code(), runs_server_code);
            tell.send(()).unwrap();
            let deadline = Instant::now() + Duration::from_secs(60);
            while detached.is_running() {
                assert!(Instant::now() < deadline);
                thread::park_timeout(Duration::from_millis(1));
            }
        }
    }
}
