//! What the targets share.

mod rules;
mod server;

pub use rules::*;
pub use server::Server;

use psmdb_telemetry::clock::Timestamp;

/// When all this happens.
pub fn noon() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00Z").expect("a moment")
}

/// What any word of the library to a user must be: one line, and not a long one.
pub fn check_message(message: &str) {
    assert!(!message.is_empty() && message.len() <= 4096, "a message of {}", message.len());
    assert!(!message.contains(char::is_control), "control characters in {message:?}");
}
