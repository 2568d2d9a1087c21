//! What the server's threads and the worker share, and how it changes.
//!
//! There is one lock. It protects plain data, is held for a few assignments and never across I/O, a callback
//! or a wait for anything but itself. Each change of what is wanted raises the revision; the worker
//! carries the revision it works for and publishes nothing under a later one.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::Duration;

use crate::consent::{self, Consent, DecisionSource, RuntimeChoice};
use crate::context::Context;
use crate::delivery::{Cancel, DetachedAttempt, Timeouts};
use crate::events::Event;
use crate::guard::guard;
use crate::host::HttpClient;
use crate::instance::{Store, StoreError};
use crate::log::Log;
use crate::parameters::Settings;
use crate::report::{IncompleteInfo, InstallationInfo};
use crate::status::{Lifecycle, Work};
use crate::sync::thread::{self, Thread};
use crate::sync::{Condvar, Instant, Mutex, MutexGuard};
use crate::threads;

/// Shared by the handle and the worker.
pub(crate) struct Engine {
    pub log: Log,
    pub client: Option<Arc<dyn HttpClient>>,
    pub context: Context,
    pub timeouts: Timeouts,
    /// Collected once, by the first caller for whom all of it can be read.
    installation: OnceLock<InstallationInfo>,
    shared: Mutex<Shared>,
    /// Signalled when the worker ends.
    worker_ended: Condvar,
    /// The body of the worker's thread.
    worker: fn(&Arc<Engine>),
}

/// What the lock protects.
pub(crate) struct Shared {
    pub lifecycle: Lifecycle,
    /// Present once started.
    pub run: Option<Arc<Run>>,
    pub settings: Settings,
    /// Raised whenever the worker has to look again at what is wanted.
    pub revision: u64,
    /// The attempt under way.
    pub attempt: Option<Arc<Cancel>>,
    /// The earliest time of the next attempt, on the monotonic clock, after one that failed or that the
    /// switch has cancelled: switched on again, telemetry waits as for a retry.
    pub backoff: Duration,
    pub logged: LoggedOnce,
    /// The last attempt that was detached.
    pub detached_attempt: Option<DetachedAttempt>,
    worker: Worker,
}

/// What is logged once per start, and whether it was.
#[derive(Default)]
pub(crate) struct LoggedOnce {
    /// A failed attempt: many hosts have no network.
    pub failure: bool,
    /// A further call of `start`: a log callback may make it.
    pub restart: bool,
}

/// One run of the server, as `start` describes it.
pub(crate) struct Run {
    pub dbpath: PathBuf,
    pub version: String,
    /// Why this server is not an installation that reports, if it is none.
    pub suppressed_by: Option<DecisionSource>,
    /// When it started, on the monotonic clock.
    pub started: Duration,
    /// The dbpath, once the worker has opened it. It stays the same folder if it is renamed.
    store: OnceLock<Store>,
}

impl Run {
    pub fn new(
        dbpath: PathBuf,
        version: String,
        suppressed_by: Option<DecisionSource>,
        started: Duration,
    ) -> Self {
        Self { dbpath, version, suppressed_by, started, store: OnceLock::new() }
    }

    /// The dbpath, opened now if it has not been. For the worker alone.
    pub fn store(&self) -> Result<&Store, StoreError> {
        if let Some(store) = self.store.get() {
            return Ok(store);
        }
        let store = Store::open(&self.dbpath)?;
        Ok(self.store.get_or_init(|| store))
    }
}

/// The state of the one background thread.
#[derive(Default)]
struct Worker {
    /// From the decision to start it until it has taken its last task.
    alive: bool,
    /// To wake it, once it has asked for its first task.
    thread: Option<Thread>,
}

/// What the worker does next, and for which revision of what is wanted.
pub(crate) struct Task {
    pub revision: u64,
    pub run: Arc<Run>,
    pub work: Work,
}

/// The revision has changed: what the worker is doing is no longer wanted.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl Engine {
    pub fn new(
        log: Log,
        client: Option<Arc<dyn HttpClient>>,
        context: Context,
        timeouts: Timeouts,
        settings: Settings,
        worker: fn(&Arc<Engine>),
    ) -> Self {
        let consent = Consent::decide(consent::external_opt_out(&context.environment), None);
        Self {
            log,
            client,
            context,
            timeouts,
            installation: OnceLock::new(),
            shared: Mutex::new(Shared {
                lifecycle: Lifecycle::new(consent, settings.url()),
                run: None,
                settings,
                revision: 0,
                attempt: None,
                backoff: Duration::ZERO,
                logged: LoggedOnce::default(),
                detached_attempt: None,
                worker: Worker::default(),
            }),
            worker_ended: Condvar::new(),
            worker,
        }
    }

    pub fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The switch of the environment, the host or the server that says off, as of now.
    pub fn external_opt_out(&self) -> Option<DecisionSource> {
        consent::external_opt_out(&self.context.environment).or_else(|| {
            let shared = self.lock();
            shared.run.as_ref().and_then(|run| run.suppressed_by.clone())
        })
    }

    /// What a report says about the installation.
    pub fn installation(&self, run: &Run) -> Result<&InstallationInfo, IncompleteInfo> {
        if let Some(known) = self.installation.get() {
            return Ok(known);
        }
        // Two callers may both read the files; neither waits for the other's I/O.
        let collected = InstallationInfo::collect(&self.context.environment, &run.version)?;
        Ok(self.installation.get_or_init(|| collected))
    }

    /// Changes what is wanted. If `change` says that it did, whatever is under way is interrupted, and the
    /// worker, started if need be, looks at the new state. That no thread can be created is a failure like
    /// any other.
    pub fn change(self: &Arc<Self>, change: impl FnOnce(&mut Shared) -> bool) {
        let mut shared = self.lock();
        if !change(&mut shared) {
            return;
        }
        shared.revision += 1;
        // It stays there: the next change cancels it too, and so also waits until it is interrupted.
        let attempt = shared.attempt.clone();
        let start = shared.next_task().is_some() && !shared.worker.alive;
        shared.worker.alive |= start;
        let worker = shared.worker.thread.clone();
        drop(shared);

        if let Some(attempt) = attempt {
            attempt.cancel();
        }
        if let Some(worker) = worker {
            worker.unpark();
        }
        if start {
            self.start_worker();
        }
    }

    fn start_worker(self: &Arc<Self>) {
        let engine = Arc::clone(self);
        let Err(e) = threads::spawn("PsmdbTelemetry", move || (engine.worker)(&engine)) else {
            return;
        };
        let error = format!("cannot create thread: {e}; raise the limit of processes");
        let (lost_choice, decided_by) = {
            let mut shared = self.lock();
            shared.worker.alive = false;
            let lost_choice = shared.lifecycle.fail_without_worker(&error);
            self.worker_ended.notify_all();
            (lost_choice, shared.lifecycle.decided_by())
        };
        match lost_choice {
            Some(choice) => self.log_choice_not_stored(choice, error),
            None => self.log.write(&Event::Failed { error, decided_by }),
        }
    }

    /// The event for a run-time choice that could not be stored.
    pub fn log_choice_not_stored(&self, choice: RuntimeChoice, error: String) {
        self.log.write(&match choice {
            RuntimeChoice::OptOut => Event::OptOutNotStored { error },
            RuntimeChoice::OptIn => Event::OptInNotStored { error },
        });
    }

    /// The worker's next task. `None` is its last: it must end now.
    pub fn next_task(&self) -> Option<Task> {
        let mut shared = self.lock();
        shared.worker.thread = Some(thread::current());
        let task = shared.next_task();
        if task.is_none() {
            self.set_worker_ended(&mut shared);
        }
        task
    }

    /// The worker ends although there may be a task: it has panicked twice. The event comes first, because a
    /// `stop` that waits for the worker closes the log once it has ended. No choice is missed meanwhile: after
    /// a panic none is accepted.
    pub fn end_worker(&self) {
        let (lost_choice, error) = {
            let mut shared = self.lock();
            (shared.lifecycle.abandon_choice(), shared.lifecycle.last_error())
        };
        if let Some(choice) = lost_choice {
            // The log may be what panicked.
            let _ = guard(|| self.log_choice_not_stored(choice, error));
        }
        self.set_worker_ended(&mut self.lock());
    }

    fn set_worker_ended(&self, shared: &mut Shared) {
        shared.worker = Worker::default();
        self.worker_ended.notify_all();
    }

    /// Whether a detached attempt still runs code of the library.
    pub fn has_hanging_thread(&self) -> bool {
        let shared = self.lock();
        let detached = shared.detached_attempt.as_ref();
        detached.is_some_and(|attempt| attempt.is_running() && !attempt.runs_server_code())
    }

    /// Waits for the worker to end. True if it has: then it has released its last lock, and only its way
    /// out of the thread remains. The worker does not wait for itself.
    pub fn wait_for_worker(&self, deadline: Instant) -> bool {
        let me = thread::current().id();
        let is_waited_for = |worker: &Worker| {
            worker.alive && worker.thread.as_ref().is_none_or(|thread| thread.id() != me)
        };
        let left = deadline.saturating_duration_since(Instant::now());
        let waited = self
            .worker_ended
            .wait_timeout_while(self.lock(), left, |shared| is_waited_for(&shared.worker));
        !waited.unwrap_or_else(PoisonError::into_inner).0.worker.alive
    }

    /// After a panic: one event in the log, and telemetry off for good. A pending choice is still stored.
    pub fn poison(self: &Arc<Self>, panic: &str) {
        let mut is_first = false;
        self.change(|shared| {
            is_first = shared.lifecycle.poison(panic);
            true
        });
        if is_first {
            // The log may be what panicked.
            let _ = guard(|| self.log.write(&Event::InternalError { error: panic.to_owned() }));
        }
    }
}

impl Shared {
    pub fn has_worker(&self) -> bool {
        self.worker.alive
    }

    fn next_task(&self) -> Option<Task> {
        let (run, work) = (self.run.clone()?, self.lifecycle.work()?);
        Some(Task { revision: self.revision, run, work })
    }
}
