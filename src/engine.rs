//! What the callers' threads and the library's thread share, and how it changes.
//!
//! There is one lock. It protects plain data, is held for a few assignments and never across I/O,
//! a callback or a wait for anything but itself. Each change of what is wanted raises the revision;
//! the worker carries the revision it works for and publishes nothing under a later one.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use crate::clock::{Clock, Random};
use crate::consent::{self, Consent, DecisionSource};
use crate::delivery::{Cancel, DetachedAttempt, Timeouts};
use crate::environment::Environment;
use crate::events::Event;
use crate::guard::guard;
use crate::host::HttpClient;
use crate::instance::{Store, StoreError};
use crate::log::Log;
use crate::parameters::Settings;
use crate::report::InstallationInfo;
use crate::status::{State, Status, internal_error};
use crate::{threads, worker};

/// Shared by the handle and the worker.
pub(crate) struct Engine {
    pub log: Log,
    pub client: Option<Arc<dyn HttpClient>>,
    pub environment: Environment,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub timeouts: Timeouts,
    /// Collected once, by the first caller.
    installation: OnceLock<InstallationInfo>,
    shared: Mutex<Shared>,
    /// Signalled when the worker ends.
    ended: Condvar,
}

/// What the lock protects.
pub(crate) struct Shared {
    pub phase: Phase,
    /// Present once started.
    pub instance: Option<Arc<Instance>>,
    pub settings: Settings,
    pub status: Status,
    /// Raised whenever the worker has to look again at what is wanted.
    pub revision: u64,
    /// The run-time switch's last word that is not yet in the dbpath.
    pub unsaved: Option<Choice>,
    /// Whether there is a report to see to.
    pub report_due: bool,
    /// Whether the worker has read the dbpath since it was last told to report.
    pub dbpath_read: bool,
    /// The attempt under way.
    pub attempt: Option<Arc<Cancel>>,
    /// The earliest time of the next attempt, on the monotonic clock, after one that failed or that the
    /// switch cut: switched on again, telemetry waits as for a retry.
    pub backoff: Duration,
    pub logged: LoggedOnce,
    /// The attempt that was left behind last.
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

/// The life of a handle.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Created,
    Started,
    Stopped,
    /// A panic was caught: telemetry is off for good.
    Poisoned,
}

/// What `start` was told.
pub(crate) struct Instance {
    pub dbpath: PathBuf,
    pub version: String,
    /// Why this server is not an installation that reports, if it is none.
    pub suppressed_by: Option<DecisionSource>,
    /// When, on the monotonic clock.
    pub started: Duration,
    /// The dbpath, once the worker has opened it. It stays the same folder if it is renamed.
    store: OnceLock<Store>,
}

impl Instance {
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

/// What the run-time switch said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    OptOut,
    OptIn,
}

/// The one background thread.
#[derive(Default)]
struct Worker {
    /// From the decision to start it until it has taken its last task.
    alive: bool,
    /// To wake it, once it has asked for its first task.
    thread: Option<Thread>,
}

/// What the worker does next.
pub(crate) enum Task {
    StoreChoice { revision: u64, instance: Arc<Instance>, choice: Choice },
    Report { revision: u64, instance: Arc<Instance>, opting_in: bool },
}

/// The revision has changed: what the worker is doing is no longer wanted.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl Engine {
    pub fn new(
        log: Log,
        client: Option<Arc<dyn HttpClient>>,
        context: crate::Context,
        timeouts: Timeouts,
        settings: Settings,
    ) -> Self {
        let consent = Consent::On(DecisionSource::Default);
        let status = Status::new(consent, settings.url());
        Self {
            log,
            client,
            environment: context.environment,
            clock: context.clock,
            random: context.random,
            timeouts,
            installation: OnceLock::new(),
            shared: Mutex::new(Shared {
                phase: Phase::Created,
                instance: None,
                settings,
                status,
                revision: 0,
                unsaved: None,
                report_due: false,
                dbpath_read: false,
                attempt: None,
                backoff: Duration::ZERO,
                logged: LoggedOnce::default(),
                detached_attempt: None,
                worker: Worker::default(),
            }),
            ended: Condvar::new(),
        }
    }

    pub fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The switch of the environment, the host or the server that says off, as of now.
    pub fn external_opt_out(&self) -> Option<DecisionSource> {
        consent::external_opt_out(&self.environment).or_else(|| {
            let shared = self.lock();
            shared.instance.as_ref().and_then(|instance| instance.suppressed_by.clone())
        })
    }

    /// What a report says about the installation.
    pub fn installation(&self, instance: &Instance) -> &InstallationInfo {
        self.installation
            .get_or_init(|| InstallationInfo::collect(&self.environment, &instance.version))
    }

    /// Changes what is wanted: if `change` says that it did, whatever is under way is interrupted,
    /// and the worker, started if need be, looks at the new state. A thread that cannot be had is a
    /// failure like any other.
    pub fn change(self: &Arc<Self>, change: impl FnOnce(&mut Shared) -> bool) {
        let mut shared = self.lock();
        if !change(&mut shared) {
            return;
        }
        shared.revision += 1;
        // Left in its place: whoever changes something next cancels it too, and so waits until it
        // is interrupted.
        let attempt = shared.attempt.clone();
        let start = shared.has_task() && !shared.worker.alive;
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
        match threads::spawn("PsmdbTelemetry", move || worker::run(&engine)) {
            Ok(_detached) => {}
            Err(e) => {
                let why = format!("cannot create thread: {e}; raise the limit of processes");
                let mut shared = self.lock();
                shared.worker.alive = false;
                shared.report_due = false;
                let unsaved = shared.unsaved.take();
                if shared.phase == Phase::Started && shared.status.consent.is_on() {
                    shared.status.state = State::Failed;
                }
                match unsaved {
                    Some(choice) => shared.choice_failed(choice, &why),
                    None => shared.status.set_last_error(&why),
                }
                let decided_by = shared.status.consent.decided_by().to_string();
                self.ended.notify_all();
                drop(shared);
                match unsaved {
                    Some(choice) => self.log_choice_not_stored(choice, why),
                    None => self.log.write(&Event::Failed { error: why, decided_by }),
                }
            }
        }
    }

    /// The event for what [`Shared::choice_failed`] keeps.
    pub fn log_choice_not_stored(&self, choice: Choice, error: String) {
        self.log.write(&match choice {
            Choice::OptOut => Event::OptOutNotStored { error },
            Choice::OptIn => Event::OptInNotStored { error },
        });
    }

    /// The worker's next task. `None` is its last: it must end now.
    pub fn next_task(&self) -> Option<Task> {
        let mut shared = self.lock();
        shared.worker.thread = Some(std::thread::current());
        let task = shared.next_task();
        if task.is_none() {
            self.worker_ends(&mut shared);
        }
        task
    }

    /// The worker ends although there may be a task: it has panicked twice.
    pub fn give_up(&self) {
        let mut shared = self.lock();
        let unsaved = shared.unsaved.take();
        let panic = shared.status.last_error.clone().unwrap_or_default();
        if let Some(choice) = unsaved {
            shared.choice_failed(choice, &panic);
        }
        self.worker_ends(&mut shared);
        drop(shared);
        if let Some(choice) = unsaved {
            // The log may be what panicked.
            let _ = guard(|| self.log_choice_not_stored(choice, panic));
        }
    }

    fn worker_ends(&self, shared: &mut Shared) {
        shared.worker = Worker::default();
        self.ended.notify_all();
    }

    /// Whether what the worker does is still wanted.
    pub fn is_current(&self, revision: u64) -> bool {
        self.lock().revision == revision
    }

    /// For the moments before something that should not happen if it is no longer wanted.
    pub fn check(&self, revision: u64) -> Result<(), Interrupted> {
        if self.is_current(revision) { Ok(()) } else { Err(Interrupted) }
    }

    /// Changes what is shared, on behalf of a task that is still wanted.
    pub fn publish<T>(
        &self,
        revision: u64,
        change: impl FnOnce(&mut Shared) -> T,
    ) -> Result<T, Interrupted> {
        let mut shared = self.lock();
        if shared.revision == revision { Ok(change(&mut shared)) } else { Err(Interrupted) }
    }

    /// Whether an attempt that was left behind hangs in the library itself.
    pub fn has_hanging_thread(&self) -> bool {
        let shared = self.lock();
        shared
            .detached_attempt
            .as_ref()
            .is_some_and(|left| left.is_running() && !left.runs_server_code())
    }

    /// Waits for the worker to end; true if it has: then it has left its last lock behind, and only
    /// its way out of the thread remains. The worker does not wait for itself.
    pub fn wait_for_worker(&self, deadline: Instant) -> bool {
        let mut shared = self.lock();
        let me = std::thread::current().id();
        while shared.worker.alive {
            let left = deadline.saturating_duration_since(Instant::now());
            let is_me = shared.worker.thread.as_ref().is_some_and(|worker| worker.id() == me);
            if left.is_zero() || is_me {
                return false;
            }
            let waited = self.ended.wait_timeout(shared, left);
            shared = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// After a panic: one event in the log, state `failed`, and telemetry off for good. An opt-out is
    /// still stored.
    pub fn fault(self: &Arc<Self>, panic: &str) {
        let mut is_first = false;
        self.change(|shared| {
            is_first = shared.phase != Phase::Poisoned;
            shared.phase = Phase::Poisoned;
            shared.report_due = false;
            shared.status.consent = Consent::Off(DecisionSource::Fault);
            shared.status.state = State::Failed;
            shared.status.next_attempt = None;
            shared.status.set_last_error(&internal_error(panic));
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

    /// What the run-time switch said could not be stored. Where that is an opt-in, the dbpath still
    /// says off.
    pub fn choice_failed(&mut self, choice: Choice, error: &str) {
        self.status.set_last_error(error);
        self.status.opt_out_stored = Some(choice == Choice::OptIn);
        if choice == Choice::OptIn && self.phase == Phase::Started {
            self.report_due = false;
            self.status.state = State::Failed;
        }
    }

    fn has_task(&self) -> bool {
        match self.phase {
            Phase::Created => false,
            Phase::Started => self.report_due || self.unsaved.is_some(),
            // What was chosen is stored even if the server is shut down right after it.
            Phase::Stopped | Phase::Poisoned => self.unsaved.is_some() && self.instance.is_some(),
        }
    }

    fn next_task(&self) -> Option<Task> {
        let instance = self.instance.clone().filter(|_| self.has_task())?;
        let revision = self.revision;
        Some(match self.unsaved {
            None => Task::Report { revision, instance, opting_in: false },
            // In one write with the report, so that no file without an id is left in between.
            Some(Choice::OptIn) if self.phase == Phase::Started && self.report_due => {
                Task::Report { revision, instance, opting_in: true }
            }
            Some(choice) => Task::StoreChoice { revision, instance, choice },
        })
    }
}
