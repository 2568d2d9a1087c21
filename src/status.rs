//! The status: what telemetry did, what it will do, and who decided so.

use serde::{Serialize, Serializer};

use crate::clock::Timestamp;
use crate::consent::{Consent, Switch};
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
    /// Where reports go.
    pub destination: String,
    /// The report that was or will be sent, or while off, would be.
    pub report: Option<Document>,
    /// How many attempts this start has made.
    pub attempts: u32,
    /// When the latest of them began.
    pub last_attempt: Option<Timestamp>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// Before when nothing is sent.
    pub next_attempt: Option<Timestamp>,
    /// When the report was delivered.
    pub sent_at: Option<Timestamp>,
}

impl Status {
    /// Before anything has happened.
    pub fn new(consent: Consent, destination: &str) -> Self {
        Self {
            consent,
            state: State::Stopped,
            instance_id: None,
            destination: destination.to_owned(),
            report: None,
            attempts: 0,
            last_attempt: None,
            last_error: None,
            next_attempt: None,
            sent_at: None,
        }
    }

    /// Telemetry is off from now on; what it did stays told.
    pub fn switch_off(&mut self, by: Switch) {
        self.consent = Consent::Off(by);
        self.state = State::Off;
        self.next_attempt = None;
        if self.sent_at.is_none() {
            // The report that would be sent is made when it is asked for.
            self.report = None;
        }
    }
}

// serde wants a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn consent<S: Serializer>(consent: &Consent, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Fields {
        enabled: bool,
        decided_by: Switch,
    }
    Fields { enabled: consent.is_on(), decided_by: consent.decided_by() }.serialize(serializer)
}
