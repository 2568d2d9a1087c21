//! What the targets share.

#[allow(dead_code)]
#[path = "../../tests/support/clock.rs"]
mod clock;
#[allow(dead_code)]
#[path = "../../tests/support/host.rs"]
mod host;
mod rules;
mod server;

pub use rules::*;
pub use server::Server;

use std::time::Duration;

use psmdb_telemetry::clock::Timestamp;
use psmdb_telemetry::report::{InstallationInfo, Report};
use uuid::Uuid;

const DEADLINE: Duration = Duration::from_secs(60);

/// When all this happens.
pub fn noon() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00Z").expect("a moment")
}

/// A report of this installation.
pub fn report_of(installation: InstallationInfo) -> Report {
    Report {
        id: Uuid::from_u128(0x4000_8000_0000_0000_0007),
        instance_id: Uuid::from_u128(0x4000_8000_0000_0000_0008),
        create_time: Timestamp::from_unix(1_698_835_583).expect("a moment"),
        installation,
    }
}

/// What any message of the library to a user must be: one line, and not a long one.
pub fn check_message(message: &str) {
    assert!(!message.is_empty() && message.len() <= 4096, "a message of {}", message.len());
    assert!(!message.contains(char::is_control), "control characters in {message:?}");
}
