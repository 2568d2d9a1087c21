//! Seeing to the report: what the dbpath holds decides, and a new report is fixed there.
//!
//! [`crate::sending`] takes over when it is time for the first attempt.

use std::time::Duration;

use uuid::Uuid;

use crate::consent::DecisionSource;
use crate::delivery::retry::Schedule;
use crate::engine::{Engine, Instance, Interrupted, Shared};
use crate::events::Event;
use crate::instance::{LoadResult, Record, Store, StoreError, parse_instance_id};
use crate::report::Report;
use crate::status::State;
use crate::worker::record_of;

/// Why a report was not seen through to its end.
pub(crate) enum Halt {
    /// Something else is wanted now.
    Interrupted,
    /// What is in the dbpath, or a switch outside of the server, is not what it was.
    Changed,
    /// This host is in the way; the words say how.
    Failed(String),
}

impl From<Interrupted> for Halt {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Seeing to the report, for one revision of what is wanted.
pub(crate) struct Run<'a> {
    pub engine: &'a Engine,
    pub instance: &'a Instance,
    pub revision: u64,
}

impl Run<'_> {
    /// Sees to the report until there is nothing more to do, or something else is wanted. An opt-in is
    /// stored with it.
    pub fn perform(&self, opting_in: bool) {
        let mut opting_in = opting_in;
        loop {
            match self.report(opting_in) {
                Err(Halt::Interrupted) => return,
                Err(Halt::Changed) => {
                    if let Some(switch) = self.engine.external_opt_out() {
                        return self.settle(self.switched_off(switch).map_err(Halt::from));
                    }
                    opting_in = false;
                }
                settled => return self.settle(settled),
            }
        }
    }

    fn report(&self, opting_in: bool) -> Result<(), Halt> {
        let store = self.instance.store()?;
        let mut record = record_of(store.load()?, self.engine, store, opting_in)?;
        if record.is_opted_out() && !opting_in {
            store.remove_stale_temp();
            return Ok(self.stay_off(&record)?);
        }
        let before = record.clone();
        if opting_in {
            record.set_opted_out(false);
        }

        let reported = record.is_reported() && record.instance_id().is_some();
        if !reported {
            // Before an id is made: who named another destination did not ask for ours.
            self.engine.lock().settings.destination.clone().map_err(Halt::Failed)?;
        }
        let report = match record.report() {
            None if !reported => {
                let report = self.make_report(record.instance_id())?;
                record.set_report(&report);
                if before.instance_id().is_none() && store.has_quarantined()? {
                    // It may have been more than a damaged id: nothing is sent at once.
                    let delay = Schedule::default().crash_backoff(Duration::ZERO, self.jitter());
                    record.set_next_attempt(self.engine.clock.now() + delay);
                }
                Some(report)
            }
            stored => stored,
        };
        if !reported {
            self.correct_next_attempt(&mut record);
        }
        // What an earlier start left may not be durable: a crash may have come before the folder was
        // synced. It is written once more in `put_off_ahead`.
        let left_over = before.report().is_some() && !reported;
        if record == before {
            store.remove_stale_temp();
        } else {
            self.engine.check(self.revision)?;
            store.save(&record)?;
        }
        self.engine.publish(self.revision, |shared| shared.unsaved = None)?;
        match report {
            Some(report) if !reported => {
                let delay = self.delay_to_begin(&record);
                self.announce(&record, &report, delay)?;
                self.wait(delay)?;
                if left_over || !delay.is_zero() {
                    self.look_again(store, &report)?;
                }
                if left_over {
                    self.put_off_ahead(store, &record, &report)?;
                }
                self.deliver(store, &record, &report, left_over)
            }
            report => Ok(self.had_reported(&record, report.as_ref())?),
        }
    }

    /// A stored time is kept to, clamped to one day from now.
    fn correct_next_attempt(&self, record: &mut Record) {
        let Some(at) = record.next_attempt() else { return };
        let clamped = Schedule::clamp(self.engine.clock.now(), at);
        if clamped != at {
            record.set_next_attempt(clamped);
        }
    }

    /// After a wait, which may have been long: whether the report may still be sent, and is still
    /// the one that is stored.
    pub fn look_again(&self, store: &Store, report: &Report) -> Result<(), Halt> {
        let unchanged = match store.load()? {
            LoadResult::Record(record) => {
                !record.is_opted_out()
                    && !record.is_reported()
                    && record.report().as_ref() == Some(report)
            }
            _ => false,
        };
        if unchanged && self.engine.external_opt_out().is_none() {
            Ok(())
        } else {
            Err(Halt::Changed)
        }
    }

    /// The environment or the host says off by now.
    fn switched_off(&self, by: DecisionSource) -> Result<(), Interrupted> {
        let decided_by = by.to_string();
        self.engine.publish(self.revision, |shared| shared.status.switch_off(by))?;
        self.engine.log.write(&Event::Disabled { decided_by });
        Ok(())
    }

    /// The dbpath says off.
    fn stay_off(&self, record: &Record) -> Result<(), Interrupted> {
        self.engine.publish(self.revision, |shared| {
            identity_read(shared, record);
            shared.status.sent_at = record.sent_at();
            shared.status.report =
                record.report().filter(|_| record.is_reported()).map(|r| r.document());
        })?;
        self.switched_off(DecisionSource::StoredOptOut)
    }

    fn had_reported(&self, record: &Record, report: Option<&Report>) -> Result<(), Interrupted> {
        let sent_at = record.sent_at();
        let decided_by = self.engine.publish(self.revision, |shared| {
            identity_read(shared, record);
            shared.status.state = State::Sent;
            shared.status.report = report.map(Report::document);
            shared.status.next_attempt = None;
            shared.status.sent_at = sent_at;
            shared.status.consent.decided_by().to_string()
        })?;
        self.engine.log.write(&Event::AlreadyDelivered { decided_by, sent_at });
        Ok(())
    }

    fn announce(
        &self,
        record: &Record,
        report: &Report,
        delay: Duration,
    ) -> Result<(), Interrupted> {
        let now = self.engine.clock.now();
        let (decided_by, destination) = self.engine.publish(self.revision, |shared| {
            identity_read(shared, record);
            shared.status.report = Some(report.document());
            shared.status.next_attempt = Some(now + delay).filter(|_| !delay.is_zero());
            let decided_by = shared.status.consent.decided_by().to_string();
            (decided_by, shared.status.destination.clone().unwrap_or_default())
        })?;
        self.engine.log.write(&Event::Enabled { decided_by, destination });
        Ok(())
    }

    fn make_report(&self, stored_id: Option<Uuid>) -> Result<Report, Halt> {
        let instance_id = match stored_id.or_else(|| self.given_id()) {
            Some(id) => id,
            None => self.new_id()?,
        };
        Ok(Report {
            id: self.new_id()?,
            instance_id,
            create_time: self.engine.clock.now(),
            installation: self.engine.installation(self.instance).clone(),
        })
    }

    fn given_id(&self) -> Option<Uuid> {
        let given = self.engine.environment.get("PERCONA_INSTANCE_ID")?;
        let id = parse_instance_id(given);
        if id.is_none() {
            self.engine.log.write(&Event::InvalidVariable {
                variable: "PERCONA_INSTANCE_ID",
                reason: "is not a valid UUID of version 4".to_owned(),
                effect: "a new instanceId is made".to_owned(),
            });
        }
        id
    }

    fn new_id(&self) -> Result<Uuid, Halt> {
        let bytes = self.engine.random.bytes().map_err(Halt::Failed)?;
        Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// Until the grace period is over, the time has come that is stored, and the back-off after an
    /// attempt that was cut has passed: whichever is last.
    fn delay_to_begin(&self, record: &Record) -> Duration {
        let clock = &self.engine.clock;
        let now = clock.monotonic();
        let until = {
            let shared = self.engine.lock();
            shared.backoff.max(self.instance.started + shared.settings.grace_period)
        };
        Schedule::default().initial_delay(
            clock.now(),
            record.next_attempt(),
            until.saturating_sub(now),
        )
    }

    /// Waits, unless something else is wanted first.
    pub fn wait(&self, delay: Duration) -> Result<(), Interrupted> {
        let clock = &self.engine.clock;
        let until = clock.monotonic() + delay;
        loop {
            self.engine.check(self.revision)?;
            let left = until.saturating_sub(clock.monotonic());
            if left.is_zero() {
                return Ok(());
            }
            clock.park(left);
        }
    }

    /// The task is done, or has failed: there is nothing more to do in this run. An opt-in that was
    /// not stored by then is the next task.
    fn settle(&self, result: Result<(), Halt>) {
        let failure = match result {
            Err(Halt::Failed(why)) => Some(why),
            _ => None,
        };
        let published = self.engine.publish(self.revision, |shared| {
            shared.report_due = false;
            shared.attempt = None;
            if let Some(why) = &failure {
                shared.status.state = State::Failed;
                shared.status.next_attempt = None;
                shared.status.set_last_error(why);
            }
            shared.status.consent.decided_by().to_string()
        });
        if let (Ok(decided_by), Some(error)) = (published, failure) {
            self.engine.log.write(&Event::Failed { error, decided_by });
        }
    }
}

/// What the dbpath says of the instance is known from now on.
fn identity_read(shared: &mut Shared, record: &Record) {
    shared.dbpath_read = true;
    shared.status.instance_id = record.instance_id().map(|id| id.to_string());
    shared.status.opt_out_stored = Some(record.is_opted_out());
}
