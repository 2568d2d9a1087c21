//! The status: what telemetry did, what it will do, and who decided so.

use serde::{Serialize, Serializer};

use crate::clock::Timestamp;
use crate::consent::{Consent, DecisionSource};
use crate::log::one_line;
use crate::report::Document;

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
    /// Something on this host is in the way: `lastError` says what.
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
    pub consent: Consent,
    /// What it is doing.
    pub state: State,
    /// The anonymous instance, once it is known.
    pub instance_id: Option<String>,
    /// Where reports go; none if what the environment names cannot be used.
    pub destination: Option<String>,
    /// The report that was or will be sent, or while off, would be.
    pub report: Option<Document>,
    /// How many attempts this start has made.
    pub attempts: u32,
    /// When the latest of them began.
    pub last_attempt: Option<Timestamp>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// The earliest time of the next attempt.
    pub next_attempt: Option<Timestamp>,
    /// When the report was delivered.
    pub sent_at: Option<Timestamp>,
    /// Whether `telemetry_uuid` says `optOut:1`; false also after an opt-out that could not be stored.
    /// Unknown until the file is read, and while a choice made at run time is being stored.
    pub opt_out_stored: Option<bool>,
}

/// The part of the status that names neither the instance nor the host. `serverStatus` shows it by
/// default: the server archives that every second, in files that are handed to support.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Summary {
    enabled: bool,
    state: State,
    attempts: u32,
}

/// The longest `lastError`, in bytes.
const ERROR_LIMIT: usize = 512;

impl Status {
    /// Before anything has happened.
    pub fn new(consent: Consent, destination: Option<String>) -> Self {
        Self {
            consent,
            state: State::Stopped,
            instance_id: None,
            destination,
            report: None,
            attempts: 0,
            last_attempt: None,
            last_error: None,
            next_attempt: None,
            sent_at: None,
            opt_out_stored: None,
        }
    }

    /// The library failed before it could do anything.
    pub fn broken(panic: &str) -> Self {
        let mut status = Self::new(Consent::Off(DecisionSource::Fault), None);
        status.state = State::Failed;
        status.set_last_error(&internal_error(panic));
        status
    }

    /// Remembers what went wrong, on one line of bounded length: it may repeat what others said.
    pub fn set_last_error(&mut self, error: &str) {
        self.last_error = Some(one_line(error, ERROR_LIMIT));
    }

    /// What may be archived.
    pub fn summary(&self) -> Summary {
        Summary { enabled: self.consent.is_on(), state: self.state, attempts: self.attempts }
    }

    /// Telemetry is off from now on; what it did stays told.
    pub fn switch_off(&mut self, by: DecisionSource) {
        self.consent = Consent::Off(by);
        self.state = State::Off;
        self.next_attempt = None;
        if self.sent_at.is_none() {
            // The report that would be sent is made when it is asked for.
            self.report = None;
        }
    }
}

/// How a panic is told.
pub(crate) fn internal_error(panic: &str) -> String {
    format!("internal error: {panic}")
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
