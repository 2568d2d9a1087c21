//! A server so small that its whole life takes microseconds.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use psmdb_telemetry::clock::{Clock, Timestamp};
use psmdb_telemetry::environment::Environment;
use psmdb_telemetry::events::LogEvent;
use psmdb_telemetry::host::{Host, HttpClient, HttpRequest, HttpResponse};
use psmdb_telemetry::random::Random;
use psmdb_telemetry::{Context, StartOptions, Telemetry};
use tempfile::TempDir;

use crate::{check_message, noon};

/// A server without a host of its own, whose HTTP client keeps what it is given and says 200.
pub struct Server {
    folder: TempDir,
    clock: Arc<JumpingClock>,
    random: Arc<Sequence>,
    pub sent: Arc<Outbox>,
    log: Arc<Log>,
}

impl Default for Server {
    fn default() -> Self {
        let sent = Arc::new(Outbox::default());
        Self {
            folder: TempDir::new().expect("a temporary folder"),
            clock: Arc::default(),
            random: Arc::default(),
            log: Arc::new(Log { sent: Arc::clone(&sent), ..Log::default() }),
            sent,
        }
    }
}

impl Server {
    /// As if it had never run.
    pub fn reset(&self) {
        for entry in std::fs::read_dir(self.folder.path()).expect("the dbpath") {
            std::fs::remove_file(entry.expect("an entry").path()).expect("a file of the library");
        }
        self.sent.0.lock().expect("the outbox").clear();
        self.clock.0.store(0, Ordering::Relaxed);
        self.random.0.store(0, Ordering::Relaxed);
    }

    /// The path of something in the dbpath.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What is in the dbpath under this name.
    pub fn file(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.path(name)).ok()
    }

    /// How much time has been waited for since the last reset.
    pub fn waited(&self) -> Duration {
        self.clock.monotonic()
    }

    /// A new run of the server, not started yet.
    pub fn telemetry(&self) -> Telemetry {
        let context = Context {
            // A busy machine may let an attempt wait for longer than its ten seconds.
            environment: Environment::at_root(self.path("no-such-folder"))
                .with("PERCONA_SEND_TIMEOUT", "3600"),
            clock: Arc::clone(&self.clock) as _,
            random: Arc::clone(&self.random) as _,
        };
        Telemetry::new(Arc::clone(&self.log) as _, context)
    }

    pub fn start(&self, telemetry: &Telemetry) {
        telemetry.start(&StartOptions {
            dbpath: self.folder.path(),
            version: "4.4.26-25",
            suppressed_by: "",
        });
    }

    /// Waits until there is nothing left to do, stops, and returns the last status.
    pub fn finish(&self, telemetry: &Telemetry) -> serde_json::Value {
        let status = || {
            let text = telemetry.get("perconaTelemetryStatus").expect("a status");
            serde_json::from_str::<serde_json::Value>(&text).expect("a status in JSON")
        };
        let busy = |state: &str| matches!(state, "waiting" | "sending" | "retrying");
        let mut lines = self.log.lines.lock().expect("the log");
        while busy(status()["state"].as_str().expect("a state")) {
            // Most ways to an end say so in the log; libFuzzer's time limit is the deadline.
            let moment = Duration::from_millis(100);
            lines = self.log.written.wait_timeout(lines, moment).expect("the log").0;
        }
        drop(lines);
        assert!(telemetry.stop(Duration::from_secs(60)), "the thread has ended");
        status()
    }
}

/// What the server's HTTP client was given.
#[derive(Default)]
pub struct Outbox(Mutex<Vec<String>>);

impl Outbox {
    /// Takes everything out.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("the outbox"))
    }
}

impl HttpClient for Outbox {
    fn post(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, String> {
        self.0.lock().expect("the outbox").push(request.body.to_owned());
        Ok(HttpResponse { status: 200, retry_after: None })
    }
}

#[derive(Default)]
struct Log {
    lines: Mutex<u64>,
    written: Condvar,
    sent: Arc<Outbox>,
}

impl Host for Log {
    fn log(&self, event: &LogEvent) {
        check_message(&event.to_string());
        *self.lines.lock().expect("the log") += 1;
        self.written.notify_all();
    }

    fn http_client(&self) -> Option<Arc<dyn HttpClient>> {
        Some(Arc::clone(&self.sent) as _)
    }
}

/// A clock that jumps to the end of each wait.
#[derive(Default)]
pub struct JumpingClock(AtomicU64);

impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        noon() + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }

    fn park(&self, limit: Duration) {
        let nanos = u64::try_from(limit.as_nanos()).expect("no wait of 500 years");
        self.0.fetch_add(nanos, Ordering::Relaxed);
    }
}

/// Distinct, and the same in every run.
#[derive(Default)]
struct Sequence(AtomicU64);

impl Random for Sequence {
    fn bytes(&self) -> Result<[u8; 16], String> {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        Ok((u128::from(number) << 64 | 1).to_be_bytes())
    }
}
