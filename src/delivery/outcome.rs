//! The result of an attempt.

use std::fmt;

use crate::text::one_line;

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
    pub(super) fn unreachable(why: &str) -> Self {
        Self::Unreachable(one_line(why, MAX_ERROR_BYTES))
    }

    /// [`LocalError`](Self::LocalError), for a text that may repeat a path or a variable.
    pub(super) fn local_error(why: &str) -> Self {
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
