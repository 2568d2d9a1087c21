//! The life cycle of a handle: its phase, the state that the status shows, and every transition.
//!
//! Nothing else assigns a phase or a state. A transition assigns a few fields and does no I/O: the engine
//! holds its lock around it. `docs/dba.md` has the table of the states for people.

use super::{State, Status};
use crate::clock::Timestamp;
use crate::consent::{Consent, DecisionSource, RuntimeChoice};
use crate::instance::Record;
use crate::parameters::ParameterError;
use crate::report::Document;

/// Where a handle is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Created,
    Started,
    Stopped,
    /// A panic was caught: telemetry is off for good.
    Poisoned,
}

/// What the worker does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Storing what the run-time switch said.
    StoreChoice(RuntimeChoice),
    /// Reporting. An opt-in is stored in one write with the report, so that the dbpath never holds a file
    /// without an id.
    Report { opting_in: bool },
}

/// The phase, the status, and what is left to do.
#[derive(Debug)]
pub(crate) struct Lifecycle {
    phase: Phase,
    status: Status,
    /// The run-time switch's last setting, if it is not in the dbpath yet.
    pending_choice: Option<RuntimeChoice>,
    /// Whether there is a report to make or to deliver.
    report_due: bool,
    /// Whether the dbpath was read since `report_due` was last raised.
    dbpath_read: bool,
}

impl Lifecycle {
    /// Before anything has happened: `stopped`.
    pub fn new(consent: Consent, destination: Option<String>) -> Self {
        let status = Status {
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
        };
        Self {
            phase: Phase::Created,
            status,
            pending_choice: None,
            report_due: false,
            dbpath_read: false,
        }
    }

    /// The library could not be initialized: `failed`.
    pub fn not_created(panic: &str) -> Self {
        let mut lifecycle = Self::new(Consent::Off(DecisionSource::Fault), None);
        lifecycle.poison(panic);
        lifecycle
    }

    pub fn status(&self) -> &Status {
        &self.status
    }

    pub fn consent(&self) -> &Consent {
        &self.status.consent
    }

    /// For the events that name it.
    pub fn decided_by(&self) -> String {
        self.consent().decided_by().to_string()
    }

    pub fn destination(&self) -> String {
        self.status.destination.clone().unwrap_or_default()
    }

    /// How many attempts this start has made.
    pub fn attempts(&self) -> u32 {
        self.status.attempts
    }

    pub fn is_created(&self) -> bool {
        self.phase == Phase::Created
    }

    pub fn is_started(&self) -> bool {
        self.phase == Phase::Started
    }

    /// Whether an opt-out is not in the dbpath yet.
    pub fn has_pending_opt_out(&self) -> bool {
        self.pending_choice == Some(RuntimeChoice::OptOut)
    }

    pub fn work(&self) -> Option<Work> {
        match self.pending_choice {
            None => self.report_due.then_some(Work::Report { opting_in: false }),
            Some(RuntimeChoice::OptIn) if self.report_due => Some(Work::Report { opting_in: true }),
            // Also while the server shuts down.
            Some(choice) => Some(Work::StoreChoice(choice)),
        }
    }

    // ---- the server's calls ----

    /// The switch is set at start-up.
    pub fn configure(&mut self, consent: Consent) {
        self.status.consent = consent;
    }

    pub fn set_destination(&mut self, destination: Option<String>) {
        self.status.destination = destination;
    }

    /// `start`: `waiting`, or `off`.
    pub fn start(&mut self, consent: Consent) {
        if !consent.is_on() {
            // An opt-in from before the start does not remove an opt-out from the dbpath.
            self.pending_choice = self.pending_choice.filter(|choice| !choice.is_on());
        }
        self.phase = Phase::Started;
        self.decide(consent);
    }

    /// The switch is set at run time: `waiting`, or `off`. Returns whether there is new work.
    pub fn switch(
        &mut self,
        choice: RuntimeChoice,
        consent: Consent,
        has_worker: bool,
    ) -> Result<bool, ParameterError> {
        match self.phase {
            Phase::Created | Phase::Started => {}
            Phase::Stopped => {
                return Err(ParameterError::NotSettable("the server is shutting down"));
            }
            Phase::Poisoned => return Err(ParameterError::Internal(POISONED.to_owned())),
        }
        let is_on_already = self.is_started() && self.consent().is_on() && self.dbpath_read;
        if choice.is_on() && is_on_already {
            self.status.consent = consent;
            // Another program may have written an opt-out into the dbpath. A worker would notice, or still
            // has the choice to store.
            if !has_worker {
                self.pending_choice = Some(choice);
                self.status.opt_out_stored = None;
            }
            return Ok(!has_worker);
        }
        self.pending_choice = Some(choice);
        self.status.opt_out_stored = None;
        self.decide(consent);
        Ok(true)
    }

    /// `stop`: `stopped`, unless there was nothing left to do.
    pub fn stop(&mut self) {
        if self.phase != Phase::Poisoned {
            self.phase = Phase::Stopped;
        }
        self.report_due = false;
        if !self.status.state.is_final() {
            self.status.state = State::Stopped;
            self.status.next_attempt = None;
        }
    }

    /// A panic was caught: `failed`, and off for good. A choice is still stored. False if this is not the
    /// first.
    pub fn poison(&mut self, panic: &str) -> bool {
        let is_first = self.phase != Phase::Poisoned;
        self.phase = Phase::Poisoned;
        self.status.consent = Consent::Off(DecisionSource::Fault);
        self.fail(&format!("internal error: {panic}"));
        is_first
    }

    fn decide(&mut self, consent: Consent) {
        self.dbpath_read = false;
        self.report_due = consent.is_on();
        match consent {
            Consent::Off(by) => self.disable(by),
            Consent::On(_) => {
                self.status.consent = consent;
                self.status.last_error = None;
                self.status.state = if self.is_started() { State::Waiting } else { State::Stopped };
            }
        }
    }

    // ---- what the worker finds and does ----

    /// No thread could be created: `failed`. Returns the choice that is not stored for that reason.
    pub fn fail_without_worker(&mut self, error: &str) -> Option<RuntimeChoice> {
        self.report_due = false;
        if self.is_started() && self.consent().is_on() {
            self.fail_unless_sent();
        }
        self.status.set_last_error(error);
        self.abandon_choice()
    }

    /// The worker ends for good after a second panic. Returns the choice that is not stored for that
    /// reason.
    pub fn abandon_choice(&mut self) -> Option<RuntimeChoice> {
        let choice = self.pending_choice?;
        self.choice_not_stored(choice, None, &self.last_error());
        Some(choice)
    }

    pub fn last_error(&self) -> String {
        self.status.last_error.clone().unwrap_or_default()
    }

    /// What the run-time switch said is in the dbpath.
    pub fn choice_stored(&mut self, choice: RuntimeChoice) {
        self.pending_choice = None;
        self.status.opt_out_stored = Some(!choice.is_on());
    }

    /// What the run-time switch said could not be stored. If that was an opt-in: `failed`, unless the report
    /// was delivered before, and `found` says whether the dbpath says off, if that is known.
    pub fn choice_not_stored(&mut self, choice: RuntimeChoice, found: Option<bool>, error: &str) {
        self.pending_choice = None;
        self.status.set_last_error(error);
        self.status.opt_out_stored = if choice.is_on() { found } else { Some(false) };
        if choice.is_on() && self.is_started() {
            self.report_due = false;
            self.fail_unless_sent();
        }
    }

    fn fail_unless_sent(&mut self) {
        if self.status.state != State::Sent {
            self.status.state = State::Failed;
        }
    }

    /// The dbpath says off: `off`. `delivered` is the report, if it was delivered.
    pub fn find_opt_out(&mut self, record: &Record, delivered: Option<Document>) {
        self.read_identity(record);
        self.status.sent_at = record.sent_at();
        self.status.report = delivered;
        self.disable(DecisionSource::StoredOptOut);
    }

    /// A switch says off: `off`. What was done before remains in the status.
    pub fn disable(&mut self, by: DecisionSource) {
        self.status.consent = Consent::Off(by);
        self.status.state = State::Off;
        self.status.next_attempt = None;
        if self.status.sent_at.is_none() {
            // The report that would be sent is made when somebody asks for it.
            self.status.report = None;
        }
    }

    /// An earlier run has delivered the report: `sent`.
    pub fn find_delivered(&mut self, record: &Record, report: Option<Document>) {
        self.read_identity(record);
        self.status.state = State::Sent;
        self.status.report = report;
        self.status.next_attempt = None;
        self.status.sent_at = record.sent_at();
    }

    /// The report is stored, and is sent at `next_attempt`, or now. The state stays.
    pub fn fix_report(
        &mut self,
        record: &Record,
        report: Document,
        next_attempt: Option<Timestamp>,
    ) {
        self.read_identity(record);
        self.status.report = Some(report);
        self.status.next_attempt = next_attempt;
        // An identity that was delivered may have been removed from the dbpath.
        self.status.sent_at = None;
    }

    fn read_identity(&mut self, record: &Record) {
        self.dbpath_read = true;
        self.pending_choice = None;
        self.status.instance_id = record.instance_id().map(|id| id.to_string());
        self.status.opt_out_stored = Some(record.is_opted_out());
    }

    /// An attempt starts: `sending`.
    pub fn begin_attempt(&mut self, number: u32, now: Timestamp) {
        self.status.state = State::Sending;
        self.status.attempts = number;
        self.status.last_attempt = Some(now);
        self.status.next_attempt = None;
    }

    /// An attempt failed, and another follows: `retrying`.
    pub fn await_retry(&mut self, error: &str, next_attempt: Timestamp) {
        self.defer(State::Retrying, error, next_attempt);
    }

    /// The endpoint does not want the report: `gaveUp`.
    pub fn give_up(&mut self, error: &str, next_attempt: Timestamp) {
        self.defer(State::GaveUp, error, next_attempt);
    }

    fn defer(&mut self, state: State, error: &str, next_attempt: Timestamp) {
        self.status.state = state;
        self.status.next_attempt = Some(next_attempt);
        self.status.set_last_error(error);
    }

    /// The report was delivered: `sent`, unless a switch says off by now. `error` says why the dbpath
    /// does not say so.
    pub fn deliver(&mut self, report: Document, now: Timestamp, error: Option<&str>) {
        self.status.sent_at = Some(now);
        self.status.report = Some(report);
        self.status.next_attempt = None;
        match error {
            Some(error) => self.status.set_last_error(error),
            None if self.phase == Phase::Poisoned => {}
            None => self.status.last_error = None,
        }
        if self.consent().is_on() {
            self.status.state = State::Sent;
        }
    }

    /// A cause on this host prevents delivery: `failed`.
    pub fn fail(&mut self, error: &str) {
        self.report_due = false;
        self.status.state = State::Failed;
        self.status.next_attempt = None;
        self.status.set_last_error(error);
    }

    /// There is nothing more to do about the report in this run; the state stays.
    pub fn finish_report(&mut self) {
        self.report_due = false;
    }
}

const POISONED: &str = "telemetry has switched itself off after an internal error";

#[cfg(test)]
mod tests;
