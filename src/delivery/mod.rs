//! Delivery of a report: the destination, the transports, and the outcome.

mod attempt;
mod cancel;
mod destination;
mod file;
mod server_client;
// Public for the fuzzing alone, which feeds it responses from memory.
#[cfg(feature = "https")]
#[doc(hidden)]
pub mod https;
mod no_proxy;
mod outcome;
pub mod retry;
mod timeouts;
mod transport;
mod url;

pub use attempt::{Attempt, AttemptEnd, DetachedAttempt};
pub use cancel::Cancel;
pub use destination::{DEFAULT_DESTINATION, Destination, DestinationError, redacted_url};
pub use outcome::Outcome;
pub use timeouts::{Timeouts, timeouts};
pub use transport::{
    CONTENT_TYPE, Transport, USER_AGENT, UploadRequest, check_supported, transport,
};
