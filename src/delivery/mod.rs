//! Delivery of a report: the transports, one attempt and its outcome, and the retry policy.

mod attempt;
mod cancel;
mod file;
mod server_client;
// Public for the fuzzing alone, which feeds it responses from memory.
#[cfg(feature = "https")]
#[doc(hidden)]
pub mod https;
#[cfg(feature = "https")]
mod no_proxy;
mod outcome;
pub mod retry;
mod timeouts;
mod transport;

pub use attempt::{Attempt, AttemptEnd, DetachedAttempt};
pub use cancel::Cancel;
pub use outcome::Outcome;
pub use timeouts::{Timeouts, timeouts};
pub use transport::{
    CONTENT_TYPE, Transport, USER_AGENT, UploadRequest, check_supported, transport,
};
