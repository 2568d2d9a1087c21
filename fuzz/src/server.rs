//! A server so small that its whole run takes microseconds.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use psmdb_telemetry::clock::Clock;
use psmdb_telemetry::environment::Environment;
use psmdb_telemetry::host::{HttpClient, HttpRequest, HttpResponse};
use psmdb_telemetry::parameters::When;
use psmdb_telemetry::{Context, StartOptions, Telemetry};
use serde_json::Value;
use tempfile::TempDir;

use crate::clock::{JumpingClock, SequenceRandom};
use crate::host::TestHost;
use crate::{DEADLINE, check_message};

/// A server without files of a host, whose HTTP client keeps what it is given and says 200.
pub struct Server {
    folder: TempDir,
    clock: Arc<JumpingClock>,
    random: Arc<SequenceRandom>,
    host: Arc<TestHost>,
    pub sent: Arc<Outbox>,
}

impl Default for Server {
    fn default() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let sent = Arc::<Outbox>::default();
        let (clock, random, host) = <(_, _, Arc<TestHost>)>::default();
        host.offer(sent.clone());
        Self { folder, clock, random, host, sent }
    }
}

impl Server {
    /// The path of something in the dbpath.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What is in the dbpath under this name.
    pub fn file(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.path(name)).ok()
    }

    /// How much time has been waited for.
    pub fn waited(&self) -> Duration {
        self.clock.monotonic()
    }

    /// A new run of the server, not started yet.
    pub fn telemetry(&self) -> Telemetry {
        // A busy machine may let an attempt wait for longer than its ten seconds.
        let environment =
            Environment::at_root(self.path("no-such-folder")).with("PERCONA_SEND_TIMEOUT", "3600");
        let (clock, random) = (self.clock.clone(), self.random.clone());
        Telemetry::new(self.host.clone(), Context { environment, clock, random })
    }

    pub fn start(&self, telemetry: &Telemetry) {
        let dbpath = self.folder.path();
        telemetry.start(&StartOptions { dbpath, version: "4.4.26-25", suppressed_by: "" });
    }

    /// Waits until there is nothing left to do, stops, and returns the last status.
    pub fn finish(&self, telemetry: &Telemetry) -> Value {
        let status = || -> Value {
            let text = telemetry.get("perconaTelemetryStatus").expect("a status");
            serde_json::from_str(&text).expect("a status in JSON")
        };
        let busy = |state: &str| matches!(state, "waiting" | "sending" | "retrying");
        // libFuzzer's time limit is the deadline.
        while busy(status()["state"].as_str().expect("a state")) {
            std::thread::park_timeout(Duration::from_micros(50));
        }
        assert!(telemetry.stop(DEADLINE), "the thread has ended");
        self.host.lines().iter().for_each(|line| check_message(line));
        status()
    }

    /// One whole run of the server, with the switch set before the start; its last status.
    pub fn run(&self, switch: Option<bool>) -> Value {
        let telemetry = self.telemetry();
        if let Some(on) = switch {
            let set = telemetry.set("perconaTelemetry", &on.to_string(), When::Runtime);
            set.expect("the switch is set");
        }
        self.start(&telemetry);
        self.finish(&telemetry)
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
