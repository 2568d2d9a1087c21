//! A million instances on a virtual clock, and the endpoint that they report to.
//!
//! When anything is sent is decided by the library's own [`Schedule`]; here is only the world around
//! it.
//!
//! [`Schedule`]: psmdb_telemetry::delivery::retry::Schedule

// Figures for people: rounding is welcome.
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)]
// The example and the test use a part each, and document what needs it.
#![allow(dead_code, missing_docs)]

pub mod endpoint;
pub mod figures;
pub mod population;
pub mod scenarios;
pub mod simulation;
pub mod time;
