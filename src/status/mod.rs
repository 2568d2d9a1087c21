//! The status: what telemetry did, what it will do, and who decided so.
//!
//! Only [`Lifecycle`] changes one.

mod lifecycle;

use serde::{Serialize, Serializer};

use crate::clock::Timestamp;
use crate::consent::{Consent, DecisionSource};
use crate::report::Document;
use crate::text::one_line;

pub(crate) use lifecycle::{Lifecycle, Work};

/// What telemetry is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Switched off.
    Off,
    /// Before the first attempt: the dbpath is being read, or the grace period runs.
    Waiting,
    /// An attempt is under way.
    Sending,
    /// Between two attempts.
    Retrying,
    /// The report was delivered, in this run or an earlier one.
    Sent,
    /// The endpoint does not want the report; no more attempts until the next start.
    GaveUp,
    /// A cause on this host, which `lastError` names, prevents delivery.
    Failed,
    /// Not started yet, or stopped before the work was done.
    Stopped,
}

impl State {
    /// Whether there is nothing left to do in it.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Waiting | Self::Sending | Self::Retrying)
    }
}

/// The value of `perconaTelemetryStatus`, fields in the documented order.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Whether telemetry may report, and who decided so.
    #[serde(flatten, serialize_with = "consent")]
    consent: Consent,
    /// What it is doing.
    state: State,
    /// The anonymous instance, once it is known.
    instance_id: Option<String>,
    /// Where reports go; none if what the environment names cannot be used.
    destination: Option<String>,
    /// The report that was or will be sent, or while off, would be.
    report: Option<Document>,
    /// How many attempts this start has made.
    attempts: u32,
    /// When the latest of them began.
    last_attempt: Option<Timestamp>,
    /// What went wrong last.
    last_error: Option<String>,
    /// The earliest time of the next attempt.
    next_attempt: Option<Timestamp>,
    /// When the report was delivered.
    sent_at: Option<Timestamp>,
    /// Whether `telemetry_uuid` says `optOut:1`; false also after an opt-out that could not be stored.
    /// Unknown until the file is read, and while a choice made at run time is being stored.
    opt_out_stored: Option<bool>,
}

/// The part of the status that names neither the instance nor the host. `serverStatus` shows it by
/// default: the server archives that every second, in files that are handed to support.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Summary {
    enabled: bool,
    state: State,
    attempts: u32,
}

/// The longest `lastError`, in bytes: an error may repeat what others said.
const MAX_ERROR_BYTES: usize = 512;

impl Status {
    /// What may be archived.
    pub fn summary(&self) -> Summary {
        Summary { enabled: self.consent.is_on(), state: self.state, attempts: self.attempts }
    }

    /// The same status with the report that would be sent, where telemetry is off and has sent none.
    #[must_use]
    pub fn with_preview(mut self, preview: impl FnOnce() -> Document) -> Self {
        if self.state == State::Off && self.report.is_none() {
            self.report = Some(preview());
        }
        self
    }

    fn set_last_error(&mut self, error: &str) {
        self.last_error = Some(one_line(error, MAX_ERROR_BYTES));
    }
}

fn consent<S: Serializer>(consent: &Consent, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Fields<'a> {
        enabled: bool,
        decided_by: &'a DecisionSource,
    }
    Fields { enabled: consent.is_on(), decided_by: consent.decided_by() }.serialize(serializer)
}
