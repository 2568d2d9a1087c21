//! Sending a stored report: attempts, what is stored between them, and after the last.

use std::sync::Arc;
use std::time::Duration;

use super::job::{Job, JobError};
use crate::clock::Timestamp;
use crate::delivery::retry::{MAX_DELAY, RetryContext, RetryDecision, Schedule};
use crate::delivery::{self, Attempt, AttemptEnd, Cancel, DetachedAttempt, Outcome, UploadRequest};
use crate::events::Event;
use crate::instance::{LoadResult, Record, Store, StoreError};
use crate::report::Report;

/// How long an attempt that is no longer wanted, or late, may take to end by itself.
const ABANDON_AFTER: Duration = Duration::from_millis(20);

/// How long the worker waits beyond an attempt's own time-outs: their errors say more than the worker can.
const TIMEOUT_SLACK: Duration = Duration::from_millis(100);

/// What is sent.
pub(super) struct Sender<'a> {
    pub job: &'a Job<'a>,
    pub store: &'a Store,
    /// What is known to be in the store.
    pub record: &'a Record,
    pub report: &'a Report,
    /// Whether an earlier start has made the report. Only then does its age count.
    pub is_left_over: bool,
}

impl Sender<'_> {
    /// Sends after `delay`, until the report is delivered, the endpoint refuses it, or a cause on this
    /// host prevents it.
    pub fn send(&self, delay: Duration) -> Result<(), JobError> {
        self.job.wait(delay)?;
        if self.is_left_over || !delay.is_zero() {
            self.revalidate()?;
        }
        if self.is_left_over {
            self.persist_crash_backoff()?;
        }
        while let Some(delay) = self.attempt()? {
            self.job.wait(delay)?;
            self.revalidate()?;
        }
        Ok(())
    }

    /// One attempt. Returns the time until the next, if there is one.
    fn attempt(&self) -> Result<Option<Duration>, JobError> {
        let clock = &self.job.engine.context.clock;
        let attempts = self.job.engine.lock().lifecycle.attempts() + 1;
        let begun = clock.monotonic();
        let outcome = self.deliver(attempts);
        let now = clock.now();
        let age = if self.is_left_over { self.report.age(now) } else { Duration::ZERO };
        let context = RetryContext { attempts, age };
        let outcome = outcome.inspect_err(|_| self.back_off_if_begun(context))?;
        // A delivery needs no delay, and so no random bytes.
        let jitter = if outcome == Outcome::Delivered { 0 } else { self.job.jitter() };
        match Schedule::default().decide(context, &outcome, now, jitter) {
            RetryDecision::Done => {
                let duration = clock.monotonic().saturating_sub(begun);
                let error = self.store_delivery(attempts == 1 && !self.is_left_over);
                self.job.log(&match error {
                    None => Event::Delivered { attempts, duration },
                    Some(error) => Event::DeliveryNotStored { error },
                });
                Ok(None)
            }
            RetryDecision::Fail => {
                self.clear_next_attempt();
                Err(JobError::Failed(outcome.to_string()))
            }
            RetryDecision::Retry(delay) => {
                let error = outcome.to_string();
                let next_attempt = self.defer(now, delay)?;
                self.job.publish(|shared| shared.lifecycle.await_retry(&error, next_attempt))?;
                self.log_first_failure(error, next_attempt);
                Ok(Some(delay))
            }
            RetryDecision::GiveUp(delay) => {
                let error = outcome.to_string();
                let next_attempt = self.defer(now, delay)?;
                self.job.publish(|shared| shared.lifecycle.give_up(&error, next_attempt))?;
                self.job.log(&Event::GaveUp { error, next_attempt });
                Ok(None)
            }
        }
    }

    /// After a wait, which may have been long: whether the report may still be sent, and is still the one
    /// that is stored.
    fn revalidate(&self) -> Result<(), JobError> {
        let is_unchanged = match self.store.load()? {
            LoadResult::Record(record) => {
                !record.is_opted_out()
                    && !record.is_reported()
                    && Report::stored_in(&record).as_ref() == Some(self.report)
            }
            _ => false,
        };
        if is_unchanged && self.job.engine.external_opt_out().is_none() {
            Ok(())
        } else {
            Err(JobError::Changed)
        }
    }

    /// An earlier start made this report, and may have crashed during an attempt. If this one does so
    /// too, the next must not send at once. What that start stored is durable after this.
    fn persist_crash_backoff(&self) -> Result<(), JobError> {
        let now = self.job.now();
        let delay = Schedule::default().crash_backoff(self.report.age(now), self.job.jitter());
        self.job.check()?;
        Ok(self.update_record(|record| record.set_next_attempt(now + delay))?)
    }

    /// Stores the earliest time of the next attempt, also for a later start: a server that restarts each
    /// second must not send each second. A run that is switched off and on again waits for it too.
    fn defer(&self, now: Timestamp, delay: Duration) -> Result<Timestamp, JobError> {
        self.back_off(delay);
        self.job.check()?;
        self.update_record(|record| record.set_next_attempt(now + delay))?;
        Ok(now + delay)
    }

    /// What failed is on this host: once it is repaired, the next start need not wait. If that cannot be
    /// stored, it waits.
    fn clear_next_attempt(&self) {
        let is_deferred = || {
            let found = self.store.load();
            matches!(found, Ok(LoadResult::Record(record)) if record.next_attempt().is_some())
        };
        if self.job.is_current() && is_deferred() {
            let _ = self.update_record(Record::clear_next_attempt);
        }
    }

    fn update_record(&self, change: impl FnOnce(&mut Record)) -> Result<(), StoreError> {
        self.store.update_record(self.record, change, self.job.on_quarantine())
    }

    fn back_off(&self, delay: Duration) {
        let engine = self.job.engine;
        engine.lock().backoff = engine.context.clock.monotonic() + delay;
    }

    /// After an attempt that the switch has cancelled.
    fn back_off_if_begun(&self, context: RetryContext) {
        if self.job.engine.lock().lifecycle.attempts() == context.attempts {
            self.back_off(Schedule::default().backoff(context, self.job.jitter()));
        }
    }

    fn log_first_failure(&self, error: String, next_attempt: Timestamp) {
        let was_logged = std::mem::replace(&mut self.job.engine.lock().logged.failure, true);
        if !was_logged {
            self.job.log(&Event::WillRetry { error, next_attempt });
        }
    }

    /// Delivers. A result that comes although the task is no longer wanted counts only if the report was
    /// delivered.
    fn deliver(&self, number: u32) -> Result<Outcome, JobError> {
        let engine = self.job.engine;
        let destination = engine.lock().settings.destination.clone().map_err(JobError::Failed)?;
        let transport = match delivery::transport(
            &destination,
            engine.client.clone(),
            &engine.context.environment,
            engine.timeouts,
        ) {
            Ok(transport) => transport,
            Err(why) => return Ok(Outcome::LocalError(why.to_owned())),
        };

        let now = self.job.now();
        let request = UploadRequest {
            body: self.report.body(),
            instance_id: self.report.instance_id,
            time: now,
            attempt: number,
        };
        let cancel = Arc::new(Cancel::default());
        let is_blocked = self.job.publish(|shared| {
            shared.attempt = Some(Arc::clone(&cancel));
            shared.lifecycle.begin_attempt(number, now);
            shared.detached_attempt.as_ref().is_some_and(DetachedAttempt::is_running)
        })?;
        if is_blocked {
            // One thread may hang, not one for each attempt.
            return Ok(Outcome::Unreachable("previous attempt still running".to_owned()));
        }
        match Attempt::begin(transport, request, cancel) {
            Ok(attempt) => self.end_of(attempt),
            Err(e) => Ok(Outcome::LocalError(format!("cannot create thread to send: {e}"))),
        }
    }

    /// Waits for an attempt to end, or else detaches it.
    fn end_of(&self, attempt: Attempt) -> Result<Outcome, JobError> {
        let engine = self.job.engine;
        let limit = engine.timeouts.send + TIMEOUT_SLACK;
        let mut end = attempt.wait(limit, || !self.job.is_current());
        let is_late = matches!(end, AttemptEnd::Pending) && self.job.is_current();
        if matches!(end, AttemptEnd::Pending) {
            end = attempt.abandon(ABANDON_AFTER);
        }
        let detached = matches!(end, AttemptEnd::Pending).then(|| attempt.detach());

        let (ended, is_current) = {
            let mut shared = engine.lock();
            if detached.is_some() {
                shared.detached_attempt = detached;
            }
            (shared.attempt.take(), shared.revision == self.job.revision)
        };
        // Outside of the lock: it may own what the client still holds.
        drop(ended);

        match end {
            // What is delivered must be stored, whatever is wanted now.
            AttemptEnd::Finished(Outcome::Delivered) => Ok(Outcome::Delivered),
            AttemptEnd::Panicked(panic) => std::panic::resume_unwind(Box::new(panic)),
            AttemptEnd::Finished(_) | AttemptEnd::Pending if !is_current => {
                Err(JobError::Interrupted)
            }
            AttemptEnd::Finished(outcome) if !is_late => Ok(outcome),
            // Cancelled for being late: its outcome is the effect of that.
            AttemptEnd::Finished(_) | AttemptEnd::Pending => {
                let seconds = engine.timeouts.send.as_secs();
                Ok(Outcome::Unreachable(format!("request timed out after {seconds} s")))
            }
        }
    }

    /// Stores that the report was delivered: that is so whatever is wanted now. Returns why it could not be
    /// stored. Where no next attempt is stored, a mark is appended: `is_first` says so.
    fn store_delivery(&self, is_first: bool) -> Option<String> {
        let now = self.job.now();
        let is_marked = is_first && self.store.append_mark(self.report.instance_id, now);
        let stored =
            if is_marked { Ok(()) } else { self.update_record(|record| record.set_reported(now)) };
        let error = stored.err().map(|error| error.to_string());
        if error.is_some() {
            self.back_off(MAX_DELAY);
        }
        let report = self.report.document();
        self.job.engine.lock().lifecycle.deliver(report, now, error.as_deref());
        error
    }
}
