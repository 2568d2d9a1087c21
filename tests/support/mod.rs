//! What the scenarios share: a world in temporary folders, a server that keeps its log, a clock that
//! jumps, and endpoints on loopback.

// Each scenario is a program of its own and uses a part of this.
#![allow(dead_code, missing_docs)]

pub mod clock;
pub mod endpoint;
pub mod host;
pub mod ports;
pub mod process;
pub mod schema;
mod server;
pub mod tls;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use psmdb_telemetry::environment::Environment;
use psmdb_telemetry::{Context, Telemetry};
use tempfile::TempDir;

use self::clock::{JumpingClock, SequenceRandom};
use self::endpoint::{Endpoint, OK};
use self::host::TestHost;
pub use self::server::Server;

/// How long any scenario waits for anything.
pub const DEADLINE: Duration = Duration::from_secs(20);

pub const URL: &str = "perconaTelemetryUrl";
pub const GRACE_PERIOD: &str = "perconaTelemetryGracePeriod";
/// A destination that fails, and sends nothing.
pub const NOWHERE: &str = "file:///nowhere";
/// The identity in [`UNREPORTED`].
pub const ID: &str = "6aef422e-56a7-4530-af9d-94cc02198343";

/// What the library sees: a host, a dbpath, a server's log, an endpoint that its reports go to.
pub struct World {
    pub root: TempDir,
    pub dbpath: TempDir,
    pub host: Arc<TestHost>,
    pub clock: Arc<JumpingClock>,
    pub endpoint: Endpoint,
    variables: Vec<(&'static str, String)>,
}

impl World {
    /// An Oracle Linux host, an empty dbpath and an endpoint that takes every report.
    pub fn new() -> Self {
        Self::answering(&[OK])
    }

    /// The endpoint gives these answers, and the last one again and again.
    pub fn answering(answers: &[&str]) -> Self {
        Self::with_endpoint(Endpoint::answering(answers))
    }

    pub fn silent() -> Self {
        Self::with_endpoint(Endpoint::silent())
    }

    pub fn with_endpoint(endpoint: Endpoint) -> Self {
        let world = Self {
            root: TempDir::new().unwrap(),
            dbpath: TempDir::new().unwrap(),
            host: Arc::default(),
            clock: Arc::default(),
            endpoint,
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

    /// With this certificate of an authority, and no other.
    #[must_use]
    pub fn trusting(self, pem: &str) -> Self {
        self.put("ca.pem", pem);
        let file = self.root.path().join("ca.pem");
        self.with("SSL_CERT_FILE", file.to_str().unwrap())
    }

    #[must_use]
    pub fn containing(self, file: impl AsRef<[u8]>) -> Self {
        self.write_file(file);
        self
    }

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
    pub fn server(&self) -> Server {
        self.server_in(self.context())
    }

    pub fn context(&self) -> Context {
        let (clock, random) = (self.clock.clone(), Arc::new(SequenceRandom::default()));
        Context { environment: self.environment(), clock, random }
    }

    pub fn server_in(&self, context: Context) -> Server {
        let (host, dbpath) = (self.host.clone(), self.dbpath.path().to_owned());
        Server { telemetry: Telemetry::new(host.clone(), context), host, dbpath }
    }

    /// A server that reports to the endpoint and has not started yet.
    pub fn reporting(&self) -> Server {
        self.server().with(URL, &self.endpoint.url)
    }

    pub fn run(&self) -> Server {
        self.run_to(&self.endpoint.url)
    }

    pub fn run_to(&self, url: &str) -> Server {
        self.server().with(URL, url).start()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dbpath.path().join(name)
    }

    pub fn file(&self) -> String {
        std::fs::read_to_string(self.path("telemetry_uuid")).unwrap()
    }

    pub fn write_file(&self, content: impl AsRef<[u8]>) {
        std::fs::write(self.path("telemetry_uuid"), content).unwrap();
    }

    pub fn value(&self, key: &str) -> Option<String> {
        let file = self.file();
        let mut lines = file.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(k, _)| *k == key).map(|(_, value)| value.to_owned())
    }

    pub fn is_reported(&self) -> bool {
        self.value("PRODUCT_FAMILY_PSMDB").as_deref() == Some("1")
    }

    pub fn is_opted_out(&self) -> bool {
        self.value("optOut").as_deref() == Some("1")
    }

    pub fn names(&self) -> Vec<String> {
        names_in(self.dbpath.path())
    }

    /// Asserts that nobody made an identity, stored anything or connected to the endpoint.
    pub fn expect_silence(&self) {
        assert_eq!(self.names(), Vec::<String>::new());
        assert!(self.endpoint.is_quiet());
    }
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
pub const UNREPORTED: &str = include_str!("unreported.telemetry_uuid");

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

/// Waits for something that notifies nobody.
pub fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !happened() {
        assert!(Instant::now() < deadline, "{what} did not happen in time");
        std::thread::park_timeout(Duration::from_millis(1));
    }
}

/// Says that this machine does not let the test prove its promise. Not by a macro: what these print of a
/// test that passes is not shown.
pub fn skipped(why: &str) {
    let test = std::thread::current();
    let line = format!("SKIPPED {}: {why}\n", test.name().unwrap_or_default());
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// All of the head that a request for this URL has.
pub fn whole_head(url: &str, body: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap();
    let (length, version) = (body.len(), env!("CARGO_PKG_VERSION"));
    format!(
        "POST /{path} HTTP/1.1\r\ncontent-length: {length}\r\nuser-agent: psmdb-telemetry/{version}\r\n\
         host: {authority}\r\ncontent-type: application/json\r\n\r\n"
    )
}
