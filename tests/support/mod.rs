//! What the scenarios share: a world in temporary folders, a server that listens to its log, a
//! clock that jumps, and receivers on loopback.

// Each scenario is a program of its own and uses a part of this.
#![allow(dead_code, missing_docs)]

pub mod clock;
pub mod host;
pub mod process;
pub mod receiver;
pub mod schema;
pub mod tls;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use psmdb_telemetry::environment::Environment;
use psmdb_telemetry::parameters::When;
use psmdb_telemetry::{Context, StartOptions, Telemetry};
use serde_json::Value;
use tempfile::TempDir;

use self::clock::{JumpingClock, SequenceRandom};
use self::host::TestHost;

/// How long any scenario waits for anything.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// What the library sees: a host, a dbpath, a server.
pub struct World {
    pub root: TempDir,
    pub dbpath: TempDir,
    pub host: Arc<TestHost>,
    pub clock: Arc<JumpingClock>,
    variables: Vec<(&'static str, String)>,
}

impl World {
    /// An Oracle Linux host and an empty dbpath.
    pub fn new() -> Self {
        let world = Self {
            root: TempDir::new().unwrap(),
            dbpath: TempDir::new().unwrap(),
            host: Arc::default(),
            clock: Arc::default(),
            variables: Vec::new(),
        };
        world.put(
            "etc/os-release",
            "NAME=\"Oracle Linux Server\"\nVERSION=\"8.8\"\nID=\"ol\"\nID_LIKE=\"fedora\"\n\
             VERSION_ID=\"8.8\"\nPRETTY_NAME=\"Oracle Linux Server 8.8\"\n",
        );
        world
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    /// Puts a file on the host.
    pub fn put(&self, path: &str, content: &str) {
        let path = self.root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub fn environment(&self) -> Environment {
        let empty = Environment::at_root(self.root.path());
        self.variables.iter().fold(empty, |e, (name, value)| e.with(name, value))
    }

    /// A server that has not started yet.
    pub fn telemetry(&self) -> Telemetry {
        Telemetry::new(
            self.host.clone(),
            Context {
                environment: self.environment(),
                clock: self.clock.clone(),
                random: Arc::new(SequenceRandom::default()),
            },
        )
    }

    /// A server that reports to `url` and has not started yet.
    pub fn reporting_to(&self, url: &str) -> Telemetry {
        let telemetry = self.telemetry();
        telemetry.set("perconaTelemetryUrl", url, When::Startup).unwrap();
        telemetry
    }

    /// A server that reports to `url` and has started.
    pub fn started(&self, url: &str) -> Telemetry {
        let telemetry = self.reporting_to(url);
        self.start(&telemetry);
        telemetry
    }

    pub fn start(&self, telemetry: &Telemetry) {
        start_at(telemetry, self.dbpath.path(), "4.4.26-25");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dbpath.path().join(name)
    }

    /// What is in `telemetry_uuid`.
    pub fn file(&self) -> String {
        std::fs::read_to_string(self.path("telemetry_uuid")).unwrap()
    }

    pub fn write_file(&self, content: &str) {
        std::fs::write(self.path("telemetry_uuid"), content).unwrap();
    }

    /// The value of a key in `telemetry_uuid`.
    pub fn value(&self, key: &str) -> Option<String> {
        let file = self.file();
        let mut lines = file.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(k, _)| *k == key).map(|(_, value)| value.to_owned())
    }

    /// The names of everything in the dbpath.
    pub fn names(&self) -> Vec<String> {
        names_in(self.dbpath.path())
    }
}

/// Starts on any dbpath, as a server of any version.
pub fn start_at(telemetry: &Telemetry, dbpath: &Path, version: &str) {
    telemetry.start(&StartOptions { dbpath, version, suppressed_by: "" });
}

pub fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A whole `telemetry_uuid` of an instance that has not reported.
pub const UNREPORTED: &str = "\
instanceId:6aef422e-56a7-4530-af9d-94cc02198343
reportId:c416c3ee-48cd-471c-9733-37c2886f8231
createTime:2023-11-01T10:46:23Z
deployment:PACKAGE
pillar_version:4.4.26-25
OS:Oracle Linux Server 8.8
hardware_arch:x86_64 x86_64
";

/// The report in it, as the documentation shows it.
pub const UNREPORTED_BODY: &str = concat!(
    r#"{"reports":[{"id":"c416c3ee-48cd-471c-9733-37c2886f8231","#,
    r#""product_family":"PRODUCT_FAMILY_PSMDB","#,
    r#""instanceId":"6aef422e-56a7-4530-af9d-94cc02198343","#,
    r#""createTime":"2023-11-01T10:46:23Z","#,
    r#""metrics":[{"key":"deployment","value":"PACKAGE"},"#,
    r#"{"key":"pillar_version","value":"4.4.26-25"},"#,
    r#"{"key":"OS","value":"Oracle Linux Server 8.8"},"#,
    r#"{"key":"hardware_arch","value":"x86_64 x86_64"}]}]}"#
);

/// The status as a DBA reads it; every report in it is checked against the schema.
pub fn status(telemetry: &Telemetry) -> Value {
    let text = telemetry.get("perconaTelemetryStatus").unwrap();
    let status: Value = serde_json::from_str(&text).unwrap();
    if status["report"].is_object() && status["report"]["id"].is_string() {
        schema::check_report(&status["report"]);
    }
    status
}

/// Waits for something that tells nobody when it happens.
pub fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !happened() {
        assert!(Instant::now() < deadline, "{what} did not happen in time");
        std::thread::park_timeout(Duration::from_millis(1));
    }
}

/// Waits for a state, and returns the status that said so.
pub fn wait_for(telemetry: &Telemetry, state: &str) -> Value {
    wait_for_status(telemetry, &format!("state {state}"), |now| now["state"] == state)
}

/// Waits for a status of this kind, and returns it: the next may be another.
pub fn wait_for_status(telemetry: &Telemetry, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
    let mut now = Value::Null;
    wait_until(what, || {
        now = status(telemetry);
        is_it(&now)
    });
    now
}

/// Stops a server that has nothing left to do, as a test of that too.
pub fn stop(telemetry: &Telemetry) {
    assert!(telemetry.stop(DEADLINE), "the thread has ended");
}
