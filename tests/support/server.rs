//! A server with the library in it, and what its log and its status say.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use psmdb_telemetry::parameters::{ParameterError, When};
use psmdb_telemetry::{StartOptions, Telemetry};
use serde_json::Value;

use super::host::TestHost;
use super::{DEADLINE, schema, wait_until};

pub struct Server {
    pub telemetry: Telemetry,
    pub host: Arc<TestHost>,
    pub dbpath: PathBuf,
}

impl Server {
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        self.telemetry.set(name, value, When::Startup).unwrap();
        self
    }

    #[must_use]
    pub fn start(self) -> Self {
        let dbpath = self.dbpath.clone();
        self.start_at(&dbpath, "4.4.26-25")
    }

    /// Starts on any dbpath, as a server of any version.
    #[must_use]
    pub fn start_at(self, dbpath: &Path, version: &str) -> Self {
        self.telemetry.start(&StartOptions { dbpath, version, suppressed_by: "" });
        self
    }

    /// Sets `perconaTelemetry` at run time.
    pub fn try_switch(&self, on: bool) -> Result<(), ParameterError> {
        self.telemetry.set("perconaTelemetry", &on.to_string(), When::Runtime)
    }

    pub fn switch(&self, on: bool) {
        self.try_switch(on).unwrap();
    }

    /// The status as a DBA reads it; every report in it is checked against the schema.
    pub fn status(&self) -> Value {
        let text = self.telemetry.get("perconaTelemetryStatus").unwrap();
        let status: Value = serde_json::from_str(&text).unwrap();
        if status["report"].is_object() && status["report"]["id"].is_string() {
            schema::check_report(&status["report"]);
        }
        status
    }

    pub fn logs(&self, words: &str) -> String {
        self.host.wait_for(words)
    }

    pub fn reaches(&self, state: &str) -> Value {
        self.wait_for_status(&format!("state {state}"), |now| now["state"] == state)
    }

    /// Waits for a status of this kind, and returns it: the next may be another.
    pub fn wait_for_status(&self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let mut now = Value::Null;
        wait_until(what, || {
            now = self.status();
            is_it(&now)
        });
        now
    }

    /// Stops a server that has nothing left to do, as a test of that too.
    pub fn stop(&self) {
        assert!(self.telemetry.stop(DEADLINE), "the thread has ended");
    }

    pub fn logs_and_stops(&self, words: &str) -> String {
        let line = self.logs(words);
        self.stop();
        line
    }

    pub fn ends(&self, state: &str) -> Value {
        let status = self.reaches(state);
        self.stop();
        status
    }

    pub fn delivers(&self) {
        self.logs_and_stops("Telemetry report delivered");
    }
}
