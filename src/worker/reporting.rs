//! What the dbpath says decides whether a report is due; a new one is fixed and stored there.
//!
//! [`super::sending`] takes over when the report is stored.

use std::time::Duration;

use uuid::Uuid;

use super::job::{Job, JobError};
use super::sending::Sender;
use crate::consent::DecisionSource;
use crate::delivery::retry::Schedule;
use crate::engine::Interrupted;
use crate::events::Event;
use crate::instance::{Record, Store, parse_instance_id};
use crate::report::Report;

/// Reports, until there is nothing more to do or something else is wanted. An opt-in is stored with the
/// report.
pub(super) fn report(job: &Job<'_>, mut opting_in: bool) {
    loop {
        match try_report(job, opting_in) {
            Err(JobError::Interrupted) => return,
            Err(JobError::Changed) => match job.engine.external_opt_out() {
                Some(source) => return finish(job, disable(job, source).map_err(JobError::from)),
                None => opting_in = false,
            },
            ended => return finish(job, ended),
        }
    }
}

fn try_report(job: &Job<'_>, opting_in: bool) -> Result<(), JobError> {
    let store = job.run.store()?;
    let stored = store.load_record(opting_in, job.on_quarantine())?;
    if stored.is_opted_out() && !opting_in {
        store.remove_stale_temp();
        return Ok(stay_off(job, &stored)?);
    }
    let mut record = stored.clone();
    if opting_in {
        record.set_opted_out(false);
    }
    if is_delivered(&record) {
        save_if_changed(job, store, &stored, &record)?;
        return Ok(find_delivered(job, &record)?);
    }
    // Before an id is made: who named another destination did not ask for ours.
    job.engine.lock().settings.destination.clone().map_err(JobError::Failed)?;
    let left_over = Report::stored_in(&record);
    let is_left_over = left_over.is_some();
    if is_left_over {
        record.remove_torn_mark();
    }
    let report = match left_over {
        Some(report) => report,
        None => fix_report(job, store, &mut record)?,
    };
    clamp_next_attempt(job, &mut record);
    save_if_changed(job, store, &stored, &record)?;
    let delay = initial_delay(job, &record);
    enable(job, &record, &report, delay)?;
    Sender { job, store, record: &record, report: &report, is_left_over }.send(delay)
}

fn is_delivered(record: &Record) -> bool {
    record.is_reported() && record.instance_id().is_some()
}

fn save_if_changed(
    job: &Job<'_>,
    store: &Store,
    stored: &Record,
    record: &Record,
) -> Result<(), JobError> {
    if record == stored {
        store.remove_stale_temp();
        return Ok(());
    }
    job.check()?;
    Ok(store.save(record)?)
}

/// Makes a report and puts it into the record.
fn fix_report(job: &Job<'_>, store: &Store, record: &mut Record) -> Result<Report, JobError> {
    let stored_id = record.instance_id();
    let instance_id = match stored_id.or_else(|| given_id(job)) {
        Some(id) => id,
        None => new_id(job)?,
    };
    // A report is sent once, so it is not made with a gap that another start would not have.
    let installation = job.engine.installation(job.run);
    let installation = installation.map_err(|why| JobError::Failed(why.to_string()))?.clone();
    let report = Report { id: new_id(job)?, instance_id, create_time: job.now(), installation };
    report.store_in(record);
    if stored_id.is_none() && store.has_quarantined()? {
        // What is quarantined may have been more than a damaged id: nothing is sent at once.
        let delay = Schedule::default().crash_backoff(Duration::ZERO, job.jitter());
        record.set_next_attempt(job.now() + delay);
    }
    Ok(report)
}

/// `PERCONA_INSTANCE_ID`, where it is valid.
fn given_id(job: &Job<'_>) -> Option<Uuid> {
    let given = job.engine.context.environment.get("PERCONA_INSTANCE_ID")?;
    let id = parse_instance_id(given);
    if id.is_none() {
        job.log(&Event::InvalidVariable {
            variable: "PERCONA_INSTANCE_ID",
            reason: "is not a valid UUID of version 4".to_owned(),
            effect: "a new instanceId is made".to_owned(),
        });
    }
    id
}

fn new_id(job: &Job<'_>) -> Result<Uuid, JobError> {
    let bytes = job.engine.context.random.bytes().map_err(JobError::Failed)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// A stored time is kept to, clamped to one day from now.
fn clamp_next_attempt(job: &Job<'_>, record: &mut Record) {
    let Some(at) = record.next_attempt() else { return };
    let clamped = Schedule::clamp(job.now(), at);
    if clamped != at {
        record.set_next_attempt(clamped);
    }
}

/// Until the grace period is over, the stored time has come, and the back-off after a cancelled attempt
/// has passed: whichever is last.
fn initial_delay(job: &Job<'_>, record: &Record) -> Duration {
    let clock = &job.engine.context.clock;
    let until = {
        let shared = job.engine.lock();
        shared.backoff.max(job.run.started + shared.settings.grace_period)
    };
    let grace = until.saturating_sub(clock.monotonic());
    Schedule::default().initial_delay(clock.now(), record.next_attempt(), grace)
}

/// The dbpath says off.
fn stay_off(job: &Job<'_>, record: &Record) -> Result<(), Interrupted> {
    let delivered = Report::stored_in(record).filter(|_| record.is_reported());
    let decided_by = job.publish(|shared| {
        shared.lifecycle.find_opt_out(record, delivered.map(|report| report.document()));
        shared.lifecycle.decided_by()
    })?;
    job.log(&Event::Disabled { decided_by });
    Ok(())
}

/// The environment or the host says off by now.
fn disable(job: &Job<'_>, by: DecisionSource) -> Result<(), Interrupted> {
    let decided_by = by.to_string();
    job.publish(|shared| shared.lifecycle.disable(by))?;
    job.log(&Event::Disabled { decided_by });
    Ok(())
}

/// An earlier run, or one of Percona's tools, has reported.
fn find_delivered(job: &Job<'_>, record: &Record) -> Result<(), Interrupted> {
    let report = Report::stored_in(record).map(|report| report.document());
    let decided_by = job.publish(|shared| {
        shared.lifecycle.find_delivered(record, report);
        shared.lifecycle.decided_by()
    })?;
    job.log(&Event::AlreadyDelivered { decided_by, sent_at: record.sent_at() });
    Ok(())
}

fn enable(
    job: &Job<'_>,
    record: &Record,
    report: &Report,
    delay: Duration,
) -> Result<(), Interrupted> {
    let next_attempt = Some(job.now() + delay).filter(|_| !delay.is_zero());
    let (decided_by, destination) = job.publish(|shared| {
        shared.lifecycle.fix_report(record, report.document(), next_attempt);
        (shared.lifecycle.decided_by(), shared.lifecycle.destination())
    })?;
    job.log(&Event::Enabled { decided_by, destination });
    Ok(())
}

/// There is nothing more to do in this run, unless an opt-in is not stored yet.
fn finish(job: &Job<'_>, result: Result<(), JobError>) {
    let failure = match result {
        Err(JobError::Failed(why)) => Some(why),
        _ => None,
    };
    let published = job.publish(|shared| {
        shared.attempt = None;
        match &failure {
            Some(why) => shared.lifecycle.fail(why),
            None => shared.lifecycle.finish_report(),
        }
        shared.lifecycle.decided_by()
    });
    if let (Ok(decided_by), Some(error)) = (published, failure) {
        job.log(&Event::Failed { error, decided_by });
    }
}
