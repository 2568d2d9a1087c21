//! The handle: what a server holds and calls.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::consent::{Consent, DecisionSource, RuntimeChoice};
use crate::context::Context;
use crate::delivery;
use crate::engine::{Engine, Run};
use crate::events::Event;
use crate::fork::ForkMark;
use crate::guard::guard;
use crate::host::Host;
use crate::log::Log;
use crate::parameters::{Name, ParameterError, Setting, Settings, When};
use crate::report::{Document, json};
use crate::sync::Instant;
use crate::text::one_line;
use crate::worker;

/// The arguments of `start`.
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
/// A process that is forked after `start` has a copy without the threads, with the locks in the state of that
/// moment, and with the parent's connection. The functions of the copy touch none of these.
pub struct Telemetry {
    engine: Arc<Engine>,
    fork_mark: ForkMark,
    /// Invalid environment variables, logged at start.
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
        let engine = Engine::new(Log::new(host), client, context, timeouts, settings, worker::run);
        Self { engine: Arc::new(engine), fork_mark: ForkMark::default(), warnings }
    }

    /// Sets a parameter from text.
    pub fn set(&self, name: &str, value: &str, when: When) -> Result<(), ParameterError> {
        self.guarded(|| self.try_set(name, value, when))
            .unwrap_or_else(|error| Err(ParameterError::Internal(error)))
    }

    /// The value of a parameter as JSON.
    pub fn get(&self, name: &str) -> Result<String, ParameterError> {
        let parameter = Name::find(name).ok_or_else(|| ParameterError::Unknown(name.to_owned()))?;
        self.guarded(|| match parameter {
            Name::Enabled => json(&self.engine.lock().lifecycle.consent().is_on()),
            Name::Url => json(&self.engine.lock().settings.url()),
            Name::GracePeriod => json(&self.engine.lock().settings.grace_period.as_secs()),
            Name::Status => self.status(),
        })
        .map_err(ParameterError::Internal)
    }

    /// The part of the status that may be archived, as JSON.
    pub fn summary(&self) -> String {
        self.guarded(|| json(&self.engine.lock().lifecycle.status().summary()))
            .unwrap_or_else(|_| "{}".into())
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
            let until = Instant::now() + deadline.min(MAX_STOP);
            let ended = self.engine.wait_for_worker(until);
            // The worker hangs, or there was no start, and so no dbpath.
            if self.engine.lock().lifecycle.has_pending_opt_out() {
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
            shared.lifecycle.stop();
            true
        });
    }

    /// After a panic: telemetry is off for good.
    pub(crate) fn poison(&self, panic: &str) {
        let _ = guard(|| self.engine.poison(panic));
    }

    /// Runs the body of a call, unless this is a forked child. After a panic telemetry is off.
    fn guarded<T>(&self, body: impl FnOnce() -> T) -> Result<T, String> {
        if self.fork_mark.in_forked_child() {
            return Err(COPY.to_owned());
        }
        guard(body).map_err(|panic| {
            self.poison(&panic);
            one_line(&panic, MAX_PANIC_BYTES)
        })
    }

    fn try_set(&self, name: &str, value: &str, when: When) -> Result<(), ParameterError> {
        let setting = Setting::parse(name, value, when)?;
        if let (Setting::Enabled(on), When::Runtime) = (&setting, when) {
            return self.switch(*on);
        }
        let has_client = self.engine.client.is_some();
        let outside = match setting {
            Setting::Enabled(_) => self.engine.external_opt_out(),
            Setting::Url(_) | Setting::GracePeriod(_) => None,
        };
        let mut shared = self.engine.lock();
        if !shared.lifecycle.is_created() {
            return Err(ParameterError::NotSettable("may be set before the start only"));
        }
        match setting {
            Setting::Enabled(on) => {
                let on = on && !shared.lifecycle.has_pending_opt_out();
                shared.settings.enabled = Some(on);
                shared.lifecycle.configure(Consent::decide(outside, Some(on)));
            }
            Setting::GracePeriod(period) => shared.settings.grace_period = period,
            Setting::Url(destination) => {
                delivery::check_supported(&destination, has_client)
                    .map_err(|why| ParameterError::BadValue(why.to_owned()))?;
                shared.settings.destination = Ok(destination);
                let url = shared.settings.url();
                shared.lifecycle.set_destination(url);
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
        let mut event = None;
        self.engine.change(|shared| {
            let has_worker = shared.has_worker();
            let lifecycle = &mut shared.lifecycle;
            let was_on = lifecycle.is_started() && lifecycle.consent().is_on();
            let consent = Consent::decide(outside.clone(), Some(on));
            let choice = RuntimeChoice::from_switch(on);
            match lifecycle.switch(choice, consent, has_worker) {
                Ok(has_work) => {
                    shared.settings.enabled = Some(on);
                    let decided_by = shared.lifecycle.decided_by();
                    event = (was_on && !on).then_some(Event::Disabled { decided_by });
                    has_work
                }
                Err(error) => {
                    result = Err(error);
                    false
                }
            }
        });
        if let Some(event) = event {
            self.engine.log.write(&event);
        }
        result
    }

    fn try_start(&self, options: &StartOptions<'_>) {
        let outside = self.engine.external_opt_out();
        // The server may change its working directory later. Where that cannot be found out, the
        // worker says what is wrong with the dbpath.
        let dbpath = std::path::absolute(options.dbpath).unwrap_or(options.dbpath.to_owned());
        let started = self.engine.context.clock.monotonic();
        let mark = Some(options.suppressed_by).filter(|mark| !mark.is_empty());
        let suppressed_by =
            mark.map(|mark| DecisionSource::Server(one_line(mark, MAX_MARK_BYTES).into()));
        let version = options.version.to_owned();
        let run = Run::new(dbpath, version, suppressed_by.clone(), started);
        let mut events = Vec::new();
        self.engine.change(|shared| {
            if !shared.lifecycle.is_created() {
                if shared.lifecycle.is_started() && !shared.logged.restart {
                    shared.logged.restart = true;
                    events.push(Event::StartedAgain);
                }
                return false;
            }
            let consent = Consent::decide(outside.or(suppressed_by), shared.settings.enabled);
            match &consent {
                Consent::Off(by) => events.push(Event::Disabled { decided_by: by.to_string() }),
                Consent::On(_) => events.extend_from_slice(&self.warnings),
            }
            shared.run = Some(Arc::new(run));
            shared.lifecycle.start(consent);
            true
        });
        for event in &events {
            self.engine.log.write(event);
        }
    }

    fn status(&self) -> String {
        let (status, run) = {
            let shared = self.engine.lock();
            (shared.lifecycle.status().clone(), shared.run.clone())
        };
        let preview = |run: &Run| match self.engine.installation(run) {
            Ok(installation) => Document::preview(installation),
            Err(incomplete) => Document::preview(&incomplete.known),
        };
        json(&match run {
            Some(run) => status.with_preview(|| preview(&run)),
            None => status,
        })
    }
}

/// The longest text for why a server does not report, in bytes.
const MAX_MARK_BYTES: usize = 256;

/// The longest message of a panic that a caller gets, in bytes.
const MAX_PANIC_BYTES: usize = 512;

/// An `Instant` cannot be moved by every `Duration`.
const MAX_STOP: Duration = Duration::from_secs(24 * 60 * 60);

const COPY: &str = "this process was forked from the one that runs telemetry, and has none itself";

impl Drop for Telemetry {
    fn drop(&mut self) {
        let _ = guard(|| self.stop(Duration::ZERO));
    }
}
