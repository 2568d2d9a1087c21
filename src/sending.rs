//! Sending a fixed report: attempts, what is written down between them, and after the last.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::delivery::retry::{MAX_DELAY, RetryContext, RetryDecision, Schedule};
use crate::delivery::{self, Attempt, AttemptEnd, Cancel, DetachedAttempt, Outcome, UploadRequest};
use crate::events::Event;
use crate::instance::{LoadResult, Record, Store, StoreError};
use crate::report::Report;
use crate::reporting::{Halt, Run};
use crate::status::State;
use crate::worker::record_of;

/// How long an attempt that is no longer wanted, or late, may take to end by itself.
const ABANDON_AFTER: Duration = Duration::from_millis(20);

/// How much longer than its own time-out an attempt is waited for: it knows better than we do
/// what it was waiting for.
const TIMEOUT_SLACK: Duration = Duration::from_millis(100);

impl Run<'_> {
    /// Sends until the report is delivered, the endpoint refuses it, or something on this host is in
    /// the way. How old a report is counts only if it is `left_over` from an earlier start.
    pub fn deliver(
        &self,
        store: &Store,
        record: &Record,
        report: &Report,
        left_over: bool,
    ) -> Result<(), Halt> {
        loop {
            let attempts = self.engine.lock().status.attempts + 1;
            let begun = self.engine.clock.monotonic();
            let outcome = self.attempt(attempts, report);
            let now = self.engine.clock.now();
            let age = if left_over { report.create_time.until(now) } else { Duration::ZERO };
            let context = RetryContext { attempts, age };
            let outcome = outcome.inspect_err(|_| self.back_off_if_begun(context))?;
            match Schedule::default().decide(context, &outcome, now, self.jitter()) {
                RetryDecision::Done => {
                    let duration = self.engine.clock.monotonic().saturating_sub(begun);
                    self.delivered(store, record, report, Event::Delivered { attempts, duration });
                    return Ok(());
                }
                RetryDecision::Fail => {
                    self.put_off_no_more(store, record);
                    return Err(Halt::Failed(outcome.to_string()));
                }
                RetryDecision::Retry(delay) => {
                    let next_attempt = now + delay;
                    self.back_off(delay);
                    self.put_off(store, record, (State::Retrying, next_attempt), &outcome)?;
                    self.log_first_failure(outcome.to_string(), next_attempt);
                    self.wait(delay)?;
                    self.look_again(store, report)?;
                }
                RetryDecision::GiveUp(delay) => {
                    let next_attempt = now + delay;
                    self.back_off(delay);
                    self.put_off(store, record, (State::GaveUp, next_attempt), &outcome)?;
                    let error = outcome.to_string();
                    self.engine.log.write(&Event::GaveUp { error, next_attempt });
                    return Ok(());
                }
            }
        }
    }

    fn log_first_failure(&self, error: String, next_attempt: Timestamp) {
        let was_logged = std::mem::replace(&mut self.engine.lock().logged.failure, true);
        if !was_logged {
            self.engine.log.write(&Event::WillRetry { error, next_attempt });
        }
    }

    /// Switched off and on again, telemetry waits as for a retry.
    fn back_off(&self, delay: Duration) {
        self.engine.lock().backoff = self.engine.clock.monotonic() + delay;
    }

    /// The same after an attempt that the switch has cut.
    fn back_off_if_begun(&self, context: RetryContext) {
        if self.engine.lock().status.attempts == context.attempts {
            self.back_off(Schedule::default().backoff(context, self.jitter()));
        }
    }

    /// Writes down before when nothing is to be sent, also for a later start: a server that crashes
    /// and comes back every second must not send every second.
    fn put_off(
        &self,
        store: &Store,
        record: &Record,
        (state, until): (State, Timestamp),
        outcome: &Outcome,
    ) -> Result<(), Halt> {
        self.engine.check(self.revision)?;
        self.amend(store, record, |record| record.set_next_attempt(until))?;
        self.engine.publish(self.revision, |shared| {
            shared.status.state = state;
            shared.status.next_attempt = Some(until);
            shared.status.set_last_error(&outcome.to_string());
        })?;
        Ok(())
    }

    /// An earlier start has left this report, perhaps by crashing in the middle of an attempt. If this
    /// one does so too, the next must not send at once. What was left is durable after this.
    pub fn put_off_ahead(
        &self,
        store: &Store,
        record: &Record,
        report: &Report,
    ) -> Result<(), Halt> {
        let now = self.engine.clock.now();
        let until =
            now + Schedule::default().crash_backoff(report.create_time.until(now), self.jitter());
        self.engine.check(self.revision)?;
        Ok(self.amend(store, record, |record| record.set_next_attempt(until))?)
    }

    /// What failed is on this host: once it is repaired, the next start need not wait. If that cannot
    /// be written down, it waits.
    fn put_off_no_more(&self, store: &Store, known: &Record) {
        if self.engine.check(self.revision).is_ok()
            && matches!(store.load(), Ok(LoadResult::Record(found)) if found.next_attempt().is_some())
        {
            let _ = self.amend(store, known, Record::clear_next_attempt);
        }
    }

    /// Changes what is in the dbpath now: others may have written there since it was read. If it is
    /// gone, `known` takes its place.
    fn amend(
        &self,
        store: &Store,
        known: &Record,
        change: impl FnOnce(&mut Record),
    ) -> Result<(), StoreError> {
        let found = match store.load()? {
            LoadResult::LongOptOut => return Err(store.too_long()),
            found => record_of(found, self.engine, store, false)?,
        };
        let mut record = if found.is_empty() { known.clone() } else { found };
        change(&mut record);
        store.save(&record)
    }

    /// The delay's share that chance decides; without randomness, the whole delay.
    pub fn jitter(&self) -> u64 {
        let bytes = self.engine.random.bytes();
        bytes.map_or(u64::MAX, |bytes| Uuid::from_bytes(bytes).as_u64_pair().0)
    }

    /// One attempt. Interrupted, it may still turn out to have been delivered.
    fn attempt(&self, number: u32, report: &Report) -> Result<Outcome, Halt> {
        let engine = self.engine;
        let destination = engine.lock().settings.destination.clone().map_err(Halt::Failed)?;
        let transport = delivery::transport(
            &destination,
            engine.client.clone(),
            &engine.environment,
            engine.timeouts,
        )
        .map_err(|why| Halt::Failed(why.to_owned()))?;

        let now = engine.clock.now();
        let instance_id = report.instance_id;
        let request =
            UploadRequest { body: report.body(), instance_id, time: now, attempt: number };
        let cancel = Arc::new(Cancel::default());
        let hangs = engine.publish(self.revision, |shared| {
            shared.attempt = Some(Arc::clone(&cancel));
            shared.status.state = State::Sending;
            shared.status.attempts = number;
            shared.status.last_attempt = Some(now);
            shared.status.next_attempt = None;
            shared.detached_attempt.as_ref().is_some_and(DetachedAttempt::is_running)
        })?;
        if hangs {
            // One thread may be left behind, not one for each attempt.
            return Ok(Outcome::Unreachable("previous attempt still running".to_owned()));
        }

        let attempt = match Attempt::begin(transport, request, cancel) {
            Ok(attempt) => attempt,
            Err(e) => {
                return Ok(Outcome::LocalError(format!("cannot create thread to send: {e}")));
            }
        };
        let limit = engine.timeouts.send + TIMEOUT_SLACK;
        let end = match attempt.wait(limit, || !engine.is_current(self.revision)) {
            AttemptEnd::Pending => None,
            ended => Some(ended),
        };
        let late = end.is_none() && engine.is_current(self.revision);
        let end = end.unwrap_or_else(|| attempt.abandon(ABANDON_AFTER));
        let detached_attempt = matches!(end, AttemptEnd::Pending).then(|| attempt.detach());

        let (done, current) = {
            let mut shared = engine.lock();
            if detached_attempt.is_some() {
                shared.detached_attempt = detached_attempt;
            }
            (shared.attempt.take(), shared.revision == self.revision)
        };
        // With it goes what the client still holds, outside of the lock.
        drop(done);

        match end {
            // What was delivered is delivered, whatever is wanted now, and must be written down.
            AttemptEnd::Finished(Outcome::Delivered) => Ok(Outcome::Delivered),
            AttemptEnd::Panicked(words) => std::panic::resume_unwind(Box::new(words)),
            AttemptEnd::Finished(_) | AttemptEnd::Pending if !current => Err(Halt::Interrupted),
            AttemptEnd::Finished(outcome) if !late => Ok(outcome),
            // It was cancelled for being late: what it says now is only the effect of that.
            AttemptEnd::Finished(_) | AttemptEnd::Pending => {
                let seconds = engine.timeouts.send.as_secs();
                Ok(Outcome::Unreachable(format!("request timed out after {seconds} s")))
            }
        }
    }

    /// The report has left the host: that is so whatever is wanted now.
    fn delivered(&self, store: &Store, record: &Record, report: &Report, event: Event) {
        let now = self.engine.clock.now();
        let stored = self.amend(store, record, |record| record.set_reported(now));
        {
            let mut shared = self.engine.lock();
            let status = &mut shared.status;
            status.sent_at = Some(now);
            status.report = Some(report.document());
            status.next_attempt = None;
            status.last_error = None;
            if let Err(error) = &stored {
                status.set_last_error(&error.to_string());
            }
            if status.consent.is_on() {
                status.state = State::Sent;
            }
        }
        self.engine.log.write(&match stored {
            Ok(()) => event,
            Err(error) => {
                self.back_off(MAX_DELAY);
                Event::DeliveryNotStored { error: error.to_string() }
            }
        });
    }
}
