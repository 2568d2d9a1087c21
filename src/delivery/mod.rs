//! Delivery of a report: the destination, the transports, and the outcome.

mod attempt;
mod destination;
mod file;
mod host;
// Public for the fuzzing alone, which feeds it responses from memory.
#[cfg(feature = "https")]
#[doc(hidden)]
pub mod https;
mod no_proxy;
pub mod retry;
mod url;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::environment::Environment;
use crate::events::Event;
use crate::host::HttpClient;
use crate::log::one_line;

pub use attempt::{Attempt, AttemptEnd, DetachedAttempt};
pub use destination::{DEFAULT_DESTINATION, Destination, DestinationError, redacted_url};

/// Value of `User-Agent`: the one header that the request does not need.
pub const USER_AGENT: &str = concat!("psmdb-telemetry/", env!("CARGO_PKG_VERSION"));
/// The type of the body.
pub const CONTENT_TYPE: &str = "application/json";

/// What one attempt uploads.
#[derive(Clone, Debug)]
pub struct UploadRequest {
    /// The request's body.
    pub body: String,
    /// Whose report it is.
    pub instance_id: Uuid,
    /// When the attempt is made.
    pub time: Timestamp,
    /// Its number in this start, from 1.
    pub attempt: u32,
}

/// The result of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The report was delivered.
    Delivered,
    /// The endpoint responded with another status than 2xx.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The value of `Retry-After`, as received.
        retry_after: Option<String>,
    },
    /// No response was received; the text says why.
    Unreachable(String),
    /// Something on this host prevents delivery; the text says what.
    LocalError(String),
}

/// The longest error text that is kept, in bytes: it stays in the server's status.
const MAX_ERROR_BYTES: usize = 512;

impl Outcome {
    /// [`Unreachable`](Self::Unreachable), for a text that may come from outside of the library.
    fn unreachable(why: &str) -> Self {
        Self::Unreachable(one_line(why, MAX_ERROR_BYTES))
    }

    /// [`LocalError`](Self::LocalError), for a text that may repeat a path or a variable.
    fn local_error(why: &str) -> Self {
        Self::LocalError(one_line(why, MAX_ERROR_BYTES))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivered => write!(f, "delivered"),
            Self::Refused { status, .. } => write!(f, "endpoint returned HTTP status {status}"),
            Self::Unreachable(why) | Self::LocalError(why) => f.write_str(why),
        }
    }
}

/// A way to deliver. Blocks; runs on a thread of its own, which may be detached.
pub trait Transport: Send {
    /// Makes one attempt. After `cancel` no more of the request may be sent.
    fn deliver(&self, request: &UploadRequest, cancel: &Cancel) -> Outcome;

    /// Whether it runs code of the server that embeds the library.
    fn runs_server_code(&self) -> bool {
        false
    }
}

/// The time-outs of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the connection (`PERCONA_CONNECT_TIMEOUT`).
    pub connect: Duration,
    /// For the whole attempt, name resolution included (`PERCONA_SEND_TIMEOUT`).
    pub send: Duration,
}

/// The time-outs in force, and an event for each variable that has no usable value.
pub fn timeouts(environment: &Environment) -> (Timeouts, Vec<Event>) {
    let mut events = Vec::new();
    let mut seconds = |variable, default: u64| {
        let value = environment.get(variable);
        let chosen = value.map_or(Some(default), |v| v.parse().ok().filter(|s| *s > 0));
        Duration::from_secs(chosen.filter(|s| *s <= 3600).unwrap_or_else(|| {
            events.push(Event::InvalidVariable {
                variable,
                reason: "is not a number of seconds from 1 to 3600".to_owned(),
                effect: format!("{default} s are used"),
            });
            default
        }))
    };
    let timeouts = Timeouts {
        connect: seconds("PERCONA_CONNECT_TIMEOUT", 5),
        send: seconds("PERCONA_SEND_TIMEOUT", 10),
    };
    (timeouts, events)
}

/// The transport for a destination: the server's own HTTP client if it offers one, else the
/// built-in one. The error is a sentence that says why there is none.
pub fn transport(
    destination: &Destination,
    client: Option<Arc<dyn HttpClient>>,
    environment: &Environment,
    timeouts: Timeouts,
) -> Result<Box<dyn Transport>, &'static str> {
    match (destination, client) {
        (Destination::Folder { path, .. }, _) => {
            Ok(Box::new(file::FolderTransport::new(path.clone())))
        }
        (Destination::Http { url, tls: false }, Some(_))
            if host::uses_a_proxy(url, environment) =>
        {
            Err(PROXIED)
        }
        (Destination::Http { url, .. }, Some(client)) => {
            let names_cas = ["SSL_CERT_FILE", "SSL_CERT_DIR"].map(|name| environment.get(name));
            let are_cas_named = names_cas.iter().any(Option::is_some);
            Ok(Box::new(host::ServerClient::new(url.clone(), client, timeouts, are_cas_named)))
        }
        #[cfg(feature = "https")]
        (Destination::Http { url, tls }, None) => {
            Ok(Box::new(https::Client::new(url, *tls, environment, timeouts)))
        }
        #[cfg(not(feature = "https"))]
        (Destination::Http { .. }, None) => {
            let _ = (environment, timeouts);
            Err(NO_CLIENT)
        }
    }
}

/// Whether [`transport`] would find one.
pub fn check_supported(destination: &Destination, has_client: bool) -> Result<(), &'static str> {
    match destination {
        Destination::Http { .. } if !has_client && !cfg!(feature = "https") => Err(NO_CLIENT),
        _ => Ok(()),
    }
}

/// Plain http is for this very host; a proxy could be anywhere.
const PROXIED: &str = "the server's HTTP client would send plain http through the proxy of \
                       http_proxy or all_proxy; add the host to no_proxy";

const NO_CLIENT: &str = "this build has no HTTP client of its own and the server offers none; \
                         only file:///folder can be used";

/// Stops an attempt from another thread.
#[derive(Default)]
pub struct Cancel {
    /// Protects the moment of cancelling: an interruption is either registered before it and
    /// then carried out, or refused. Held while it is carried out, which must not block.
    state: Mutex<CancelState>,
}

type Interruption = Box<dyn FnOnce() + Send>;

#[derive(Default)]
enum CancelState {
    #[default]
    Open,
    Interruptible(Interruption),
    Cancelled,
}

impl Cancel {
    /// Cancels, and interrupts what is running; returns when it is interrupted, also if
    /// another thread is interrupting it.
    pub fn cancel(&self) {
        let mut state = self.state();
        if let CancelState::Interruptible(interrupt) =
            std::mem::replace(&mut *state, CancelState::Cancelled)
        {
            interrupt();
        }
    }

    /// Whether `cancel` was called.
    pub fn is_cancelled(&self) -> bool {
        matches!(*self.state(), CancelState::Cancelled)
    }

    /// Registers how to interrupt what starts now, without blocking; false if it must not start.
    pub fn interrupt_by(&self, interruption: impl FnOnce() + Send + 'static) -> bool {
        let mut state = self.state();
        if matches!(*state, CancelState::Cancelled) {
            return false;
        }
        *state = CancelState::Interruptible(Box::new(interruption));
        true
    }

    fn state(&self) -> std::sync::MutexGuard<'_, CancelState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancel").field("cancelled", &self.is_cancelled()).finish()
    }
}
