//! The handle: what a server holds and calls.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::clock::{Clock, Random, SystemClock, SystemRandom};
use crate::consent::{Consent, DecisionSource};
use crate::delivery;
use crate::engine::{Choice, Engine, Instance, Phase, Shared};
use crate::environment::Environment;
use crate::events::Event;
use crate::fork::ForkMark;
use crate::guard::guard;
use crate::host::Host;
use crate::log::{Log, one_line};
use crate::parameters::{Name, ParameterError, Setting, Settings, When};
use crate::report::{Document, json};
use crate::status::State;

/// What a handle sees of the world.
pub struct Context {
    /// The environment variables and the host's files.
    pub environment: Environment,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub random: Arc<dyn Random>,
}

impl Context {
    /// The real ones.
    pub fn of_process() -> Self {
        Self {
            environment: Environment::of_process(),
            clock: Arc::new(SystemClock::default()),
            random: Arc::new(SystemRandom),
        }
    }
}

/// What `start` is told.
#[derive(Clone, Copy, Debug)]
pub struct StartOptions<'a> {
    /// The server's data directory.
    pub dbpath: &'a Path,
    /// The server's version.
    pub version: &'a str,
    /// Why this server is not an installation that reports; empty for one that is.
    pub suppressed_by: &'a str,
}

/// The telemetry of one dbpath. Every function is safe from any thread and in any order, and none
/// panics.
///
/// A process that is forked after the start gets a copy without the threads, with the locks as they
/// were in that instant, and with the parent's connection. Its functions touch none of that.
pub struct Telemetry {
    engine: Arc<Engine>,
    fork_mark: ForkMark,
    /// What was wrong in the environment, to be logged at start.
    warnings: Vec<Event>,
}

// A server calls one handle from all of its threads.
const _: () = {
    const fn is_shared<T: Send + Sync>() {}
    is_shared::<Telemetry>();
};

impl Telemetry {
    /// Starts nothing, and touches nothing but the environment and the host's opt-out file.
    pub fn new(host: Arc<dyn Host>, context: Context) -> Self {
        let settings = Settings::defaults(&context.environment);
        let (timeouts, warnings) = delivery::timeouts(&context.environment);
        let client = host.http_client();
        let engine = Engine::new(Log::new(host), client, context, timeouts, settings);
        engine.lock().status.consent = Consent::decide(engine.external_opt_out(), None);
        Self { engine: Arc::new(engine), fork_mark: ForkMark::default(), warnings }
    }

    /// Sets a parameter from text.
    pub fn set(&self, name: &str, value: &str, when: When) -> Result<(), ParameterError> {
        self.guarded(|| self.try_set(name, value, when))
            .unwrap_or_else(|words| Err(ParameterError::Internal(words)))
    }

    /// The value of a parameter as JSON.
    pub fn get(&self, name: &str) -> Result<String, ParameterError> {
        let parameter = Name::find(name).ok_or_else(|| ParameterError::Unknown(name.to_owned()))?;
        self.guarded(|| match parameter {
            Name::Enabled => json(&self.engine.lock().status.consent.is_on()),
            Name::Url => json(&self.engine.lock().settings.url()),
            Name::GracePeriod => json(&self.engine.lock().settings.grace_period.as_secs()),
            Name::Status => self.status(),
        })
        .map_err(ParameterError::Internal)
    }

    /// The part of the status that may be archived, as JSON.
    pub fn summary(&self) -> String {
        self.guarded(|| json(&self.engine.lock().status.summary())).unwrap_or_else(|_| "{}".into())
    }

    /// Begins; a second call does nothing.
    pub fn start(&self, options: &StartOptions<'_>) {
        self.fork_mark.set();
        let _ = self.guarded(|| self.try_start(options));
    }

    /// Ends within `deadline`. True if no thread of the library runs any more, but for one in the
    /// server's HTTP client, and no log callback. Final.
    pub fn stop(&self, deadline: Duration) -> bool {
        if self.fork_mark.in_forked_child() {
            return true;
        }
        let _ = self.guarded(|| self.request_stop());
        let waited = self.guarded(|| {
            let until = Instant::now() + deadline.min(LONGEST_STOP);
            let ended = self.engine.wait_for_worker(until);
            if !ended && self.engine.lock().unsaved == Some(Choice::OptOut) {
                self.engine.log.write(&Event::OptOutUnconfirmed);
            }
            (until, ended)
        });
        self.engine.log.close();
        waited.is_ok_and(|(until, ended)| {
            let left = self.guarded(|| {
                self.engine.log.wait_for_writers(until) && !self.engine.has_hanging_thread()
            });
            left.unwrap_or(false) && ended
        })
    }

    fn request_stop(&self) {
        self.engine.change(|shared| {
            if shared.phase != Phase::Poisoned {
                shared.phase = Phase::Stopped;
            }
            shared.report_due = false;
            if !shared.status.state.is_final() {
                shared.status.state = State::Stopped;
                shared.status.next_attempt = None;
            }
            true
        });
    }

    /// After a panic: telemetry is off for good.
    pub(crate) fn fault(&self, panic: &str) {
        let _ = guard(|| self.engine.fault(panic));
    }

    /// Runs one call's body, unless this is a copy; after a panic telemetry is off.
    fn guarded<T>(&self, body: impl FnOnce() -> T) -> Result<T, String> {
        if self.fork_mark.in_forked_child() {
            return Err(COPY.to_owned());
        }
        guard(body).map_err(|panic| {
            self.fault(&panic);
            one_line(&panic, PANIC_LIMIT)
        })
    }

    fn try_set(&self, name: &str, value: &str, when: When) -> Result<(), ParameterError> {
        let setting = Setting::parse(name, value, when)?;
        if let (Setting::Enabled(on), When::Runtime) = (&setting, when) {
            return self.switch(*on);
        }
        let has_client = self.engine.client.is_some();
        let outside = self.engine.external_opt_out();
        let mut shared = self.engine.lock();
        if shared.phase != Phase::Created {
            return Err(ParameterError::NotSettable("may be set before the start only"));
        }
        match setting {
            Setting::Enabled(on) => {
                shared.settings.enabled = Some(on);
                shared.status.consent = Consent::decide(outside, Some(on));
            }
            Setting::GracePeriod(period) => shared.settings.grace_period = period,
            Setting::Url(destination) => {
                delivery::check_supported(&destination, has_client)
                    .map_err(|why| ParameterError::BadValue(why.to_owned()))?;
                shared.settings.destination = Ok(destination);
                shared.status.destination = shared.settings.url();
            }
        }
        Ok(())
    }

    /// The switch at run time.
    fn switch(&self, on: bool) -> Result<(), ParameterError> {
        let outside = self.engine.external_opt_out();
        if let (true, Some(switch)) = (on, &outside) {
            return Err(ParameterError::BadValue(format!(
                "{switch} disables telemetry; {} first",
                switch.remedy()
            )));
        }
        let mut result = Ok(());
        let mut switched_off = None;
        self.engine.change(|shared| {
            result = match shared.phase {
                Phase::Poisoned => Err(ParameterError::Internal(BROKEN.to_owned())),
                Phase::Stopped => Err(ParameterError::NotSettable("the server is shutting down")),
                Phase::Created | Phase::Started => Ok(()),
            };
            if result.is_err() {
                return false;
            }
            let consent = Consent::decide(outside.clone(), Some(on));
            shared.settings.enabled = Some(on);
            if on && shared.is_on_already() {
                shared.status.consent = consent;
                // Others may have written an opt-out into the dbpath. A worker would notice.
                shared.unsaved = Some(Choice::OptIn).filter(|_| !shared.has_worker());
                return shared.unsaved.is_some();
            }
            shared.unsaved = Some(if on { Choice::OptIn } else { Choice::OptOut });
            shared.status.opt_out_stored = None;
            let was_on = shared.phase == Phase::Started && shared.status.consent.is_on();
            switched_off = Some(consent.decided_by().to_string()).filter(|_| was_on && !on);
            shared.apply(consent);
            true
        });
        if let Some(decided_by) = switched_off {
            self.engine.log.write(&Event::Disabled { decided_by });
        }
        result
    }

    fn try_start(&self, options: &StartOptions<'_>) {
        let outside = self.engine.external_opt_out();
        // The server may change its working directory later. Where that cannot be found out, the
        // worker says what is wrong with the dbpath.
        let dbpath = std::path::absolute(options.dbpath).unwrap_or(options.dbpath.to_owned());
        let started = self.engine.clock.monotonic();
        let mark = Some(options.suppressed_by).filter(|mark| !mark.is_empty());
        let suppressed_by =
            mark.map(|mark| DecisionSource::Server(one_line(mark, MARK_LIMIT).into()));
        let version = options.version.to_owned();
        let instance = Instance::new(dbpath, version, suppressed_by.clone(), started);
        let mut events = Vec::new();
        self.engine.change(|shared| {
            if shared.phase != Phase::Created {
                if shared.phase == Phase::Started && !shared.logged.restart {
                    shared.logged.restart = true;
                    events.push(Event::StartedAgain);
                }
                return false;
            }
            let consent = Consent::decide(outside.or(suppressed_by), shared.settings.enabled);
            match &consent {
                Consent::Off(by) => {
                    events.push(Event::Disabled { decided_by: by.to_string() });
                    // What an opt-in before the start would remove from the dbpath stays.
                    shared.unsaved = shared.unsaved.filter(|choice| *choice == Choice::OptOut);
                }
                Consent::On(_) => events.extend_from_slice(&self.warnings),
            }
            shared.phase = Phase::Started;
            shared.instance = Some(Arc::new(instance));
            shared.apply(consent);
            true
        });
        for event in &events {
            self.engine.log.write(event);
        }
    }

    fn status(&self) -> String {
        let (mut status, instance) = {
            let shared = self.engine.lock();
            (shared.status.clone(), shared.instance.clone())
        };
        if let (State::Off, None, Some(instance)) = (status.state, &status.report, instance) {
            status.report = Some(Document::preview(self.engine.installation(&instance)));
        }
        json(&status)
    }
}

/// The longest text for why a server does not report, in bytes.
const MARK_LIMIT: usize = 256;

/// The longest message of a panic that a caller gets, in bytes.
const PANIC_LIMIT: usize = 512;

/// Nobody waits longer for a server to stop, and an `Instant` cannot be moved by any `Duration`.
const LONGEST_STOP: Duration = Duration::from_hours(24);

const COPY: &str = "this process was forked from the one that runs telemetry, and has none itself";

const BROKEN: &str = "telemetry has switched itself off after an internal error";

impl Drop for Telemetry {
    fn drop(&mut self) {
        let _ = guard(|| self.stop(Duration::ZERO));
    }
}

impl Shared {
    /// Whether telemetry is on and knows that the dbpath does not say otherwise.
    fn is_on_already(&self) -> bool {
        self.phase == Phase::Started && self.status.consent.is_on() && self.dbpath_read
    }

    /// Acts on a decision.
    fn apply(&mut self, consent: Consent) {
        self.dbpath_read = false;
        self.report_due = consent.is_on();
        match consent {
            Consent::Off(by) => self.status.switch_off(by),
            Consent::On(_) => {
                self.status.consent = consent;
                self.status.last_error = None;
                self.status.state = match self.phase {
                    Phase::Started => State::Waiting,
                    _ => State::Stopped,
                };
            }
        }
    }
}
