//! The one table: what an endpoint may do, and what becomes of the report then.

use std::fmt;
use std::time::Duration;

use crate::answers::{ANSWERS, MALFORMED};
use crate::connections::CONNECTIONS;
use crate::interposed::forget;
use crate::proxies::PROXIES;
use crate::support::World;
use crate::support::endpoint::{Connection, Endpoint};
use crate::tls::{CERTIFICATES, HANDSHAKES};

pub struct Row {
    /// What the endpoint does, in words.
    pub behaviour: &'static str,
    pub scene: fn() -> Scene,
    pub outcome: Outcome,
    pub receives: Receives,
}

/// Rows in groups of what may come to the endpoint: `Receives { "behaviour" => outcome, scene; … }`.
macro_rules! rows {
    ($($receives:ident { $($behaviour:literal => $outcome:expr, $scene:expr;)* })*) => {
        &[$($($crate::table::Row {
            behaviour: $behaviour,
            scene: || $scene,
            outcome: $outcome,
            receives: $crate::table::Receives::$receives,
        },)*)*]
    };
}
pub(crate) use rows;

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.behaviour)
    }
}

impl Row {
    /// What `lastError` is under these limits.
    pub fn last_error(&self, connect: &str, send: &str) -> Option<String> {
        use Outcome::{Delivered, GivesUp, Retried, RetriedAfter};
        let error = match self.outcome {
            Delivered => return None,
            GivesUp(error) | Retried(error) | RetriedAfter(_, error) => error,
        };
        let error = error.replace("{connect}", connect).replace("{send}", send);
        Some(error.replace("{status}", &self.behaviour[..3]))
    }

    /// Whether its attempts end by a limit.
    pub fn takes_its_time(&self) -> bool {
        let error = self.last_error("", "").unwrap_or_default();
        error.contains("timed out") || error.contains("still running")
    }
}

/// What becomes of the report, and the `lastError`. There, `{send}` and `{connect}` stand for
/// the limits in seconds, `{status}` for the status with which the behaviour's name begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Delivered,
    GivesUp(&'static str),
    /// Tried again, after no more than the schedule's own delay.
    Retried(&'static str),
    /// Tried again, and not before this time.
    RetriedAfter(Duration, &'static str),
}

pub const STATUS: &str = "endpoint returned HTTP status {status}";
pub const TIMED_OUT: &str = "request timed out after {send} s";
pub const CLOSED: &str = "connection closed before response";
pub const RESET: &str = "Connection reset by peer (os error 104)";
pub const TOO_LONG: &str = "response headers exceed 4096 bytes";

/// What may come to the endpoint in an attempt, and nothing else may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receives {
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

pub struct Scene {
    pub world: World,
    pub url: String,
    /// What has to last as long as the scene.
    keep: Vec<Box<dyn Send>>,
    /// Where a redirect, or a proxy, could lead. Not one connection may come to it.
    pub elsewhere: Option<Endpoint>,
    /// How many bytes are read in an attempt, at most.
    pub reads: usize,
}

impl Scene {
    pub fn http(behaviour: impl Fn(&mut Connection) + Send + Sync + 'static) -> Self {
        let world = World::with_endpoint(Endpoint::new(behaviour));
        forget(world.endpoint.port);
        let url = world.endpoint.url.clone();
        Self { world, url, keep: Vec::new(), elsewhere: None, reads: 4096 }
    }

    /// An endpoint that has no part in it: the URL leads elsewhere.
    pub fn unreached(url: String) -> Self {
        Self { url, ..Self::http(|_| {}) }
    }

    /// More is read: a TLS handshake, or what comes with the last of many short answers.
    pub fn reading(mut self, more: usize) -> Self {
        self.reads += more;
        self
    }

    pub fn with(mut self, change: impl FnOnce(World) -> World) -> Self {
        self.world = change(self.world);
        self
    }

    pub fn keeping(mut self, what: impl Send + 'static) -> Self {
        self.keep.push(Box::new(what));
        self
    }
}

pub fn table() -> impl Iterator<Item = &'static Row> {
    [ANSWERS, MALFORMED, CONNECTIONS, CERTIFICATES, HANDSHAKES, PROXIES].into_iter().flatten()
}
