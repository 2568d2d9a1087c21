//! Telemetry for Percona Server for MongoDB: on the first start of a data directory it stores an
//! anonymous id there and delivers one small report about the installation.
//!
//! Data flows one way: switches ([`parameters`], [`environment`]) → [`consent`] → [`instance`] →
//! [`report`] → [`delivery`] → [`status`]. `ARCHITECTURE.md` has the rest.

#![warn(clippy::unwrap_used, clippy::expect_used)]

pub mod clock;
pub mod consent;
mod context;
pub mod delivery;
pub mod destination;
mod engine;
pub mod environment;
pub mod events;
#[cfg(not(interleavings))]
mod ffi;
mod folder;
mod fork;
mod guard;
pub mod host;
pub mod instance;
#[cfg(interleavings)]
#[path = "../tests/interleavings/mod.rs"]
mod interleavings;
mod log;
mod number;
pub mod parameters;
pub mod random;
pub mod report;
pub mod status;
mod sync;
mod telemetry;
mod text;
mod threads;
mod worker;

pub use context::Context;
pub use telemetry::{StartOptions, Telemetry};
