//! The one table: what an endpoint may do, and what becomes of the report then.

use std::time::Duration;

use crate::answers::ANSWERS;
use crate::certificates::CERTIFICATES;
use crate::connections::CONNECTIONS;
use crate::endpoint::{Endpoint, Talk};
use crate::garbage::GARBAGE;
use crate::handshakes::HANDSHAKES;
use crate::proxies::PROXIES;

/// A behaviour and what follows from it.
pub struct Row {
    /// What the endpoint does, in words.
    pub behaviour: &'static str,
    /// Makes it.
    pub scene: fn() -> Scene,
    pub outcome: Outcome,
    /// What `lastError` says; `{send}` and `{connect}` stand for the limits in seconds.
    pub says: &'static str,
    pub hears: Hears,
}

impl Row {
    /// Whether its attempts end by a limit.
    pub fn takes_its_time(&self) -> bool {
        self.says.contains("timed out") || self.says.contains("still running")
    }
}

/// What becomes of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Delivered,
    /// Tried again, and not before this time.
    Retried(Duration),
    GivesUp,
}

/// After no more than the schedule's own delay.
pub const RETRIED: Outcome = Outcome::Retried(Duration::ZERO);

/// What may come to the endpoint in an attempt, and nothing else may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hears {
    /// The documented request, whole.
    Request,
    /// The documented request, or as much of it as was sent before the end came.
    UpToRequest,
    /// A TLS handshake that comes to nothing.
    Handshake,
    /// A question to a proxy, whole, and perhaps a handshake through it.
    Connect,
    /// A greeting to a SOCKS proxy, and perhaps where to go.
    Socks,
    /// Not one byte.
    Nothing,
}

/// A behaviour set up.
pub struct Scene {
    pub url: String,
    pub variables: Vec<(&'static str, String)>,
    pub endpoint: Endpoint,
    /// What has to last as long as the scene.
    pub keep: Vec<Box<dyn Send>>,
    /// Where a redirect, or a proxy, could lead. Not one connection may come to it.
    pub elsewhere: Option<Endpoint>,
    /// How many bytes are read in an attempt, at most.
    pub reads: usize,
}

impl Scene {
    /// An endpoint for plain HTTP.
    pub fn http(behaviour: impl Fn(&mut Talk) + Send + Sync + 'static) -> Self {
        let endpoint = Endpoint::new(behaviour);
        let url = format!("http://127.0.0.1:{}/v1/telemetry/GenericReport", endpoint.port);
        Self {
            url,
            variables: Vec::new(),
            endpoint,
            keep: Vec::new(),
            elsewhere: None,
            reads: 4096,
        }
    }

    /// More is read: a TLS handshake, or what comes with the last of many short answers.
    pub fn reading(mut self, more: usize) -> Self {
        self.reads += more;
        self
    }

    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.variables.push((name, value));
        self
    }

    pub fn keeping(mut self, what: impl Send + 'static) -> Self {
        self.keep.push(Box::new(what));
        self
    }
}

/// All of them.
pub fn table() -> impl Iterator<Item = &'static Row> {
    [ANSWERS, GARBAGE, CONNECTIONS, CERTIFICATES, HANDSHAKES, PROXIES].into_iter().flatten()
}
