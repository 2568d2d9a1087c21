//! The library's thread: it takes one task after the other, and ends when there is none.

use std::sync::Arc;

use crate::consent::Switch;
use crate::engine::{Engine, Instance, Task};
use crate::guard::guard;
use crate::instance::{CORRUPT_NAME, FILE_NAME, Found, Record, Store, StoreError};
use crate::reporting::Run;

/// The thread's body.
pub(crate) fn run(engine: &Arc<Engine>) {
    let ended = guard(|| {
        while let Some(task) = engine.next_task() {
            perform(engine, task);
        }
    });
    if let Err(words) = ended {
        engine.fault(&words);
        // After a fault there is no task: this is how the thread takes its leave.
        let _none = engine.next_task();
    }
}

fn perform(engine: &Engine, task: Task) {
    match task {
        Task::StoreOptOut { instance } => {
            if let Err(error) = store_opt_out(engine, &instance) {
                let why = error.to_string();
                engine.log.warning(&format!(
                    "telemetry is off until this server ends, but the opt-out is not stored: {why}"
                ));
                engine.lock().status.last_error = Some(why);
            }
        }
        Task::Report { revision, instance, opting_in } => {
            Run { engine, instance: &instance, revision }.perform(opting_in);
        }
    }
}

fn store_opt_out(engine: &Engine, instance: &Instance) -> Result<(), StoreError> {
    let store = Store::open(&instance.dbpath)?;
    let mut record = load(engine, &store)?;
    if record.is_opted_out() {
        return Ok(());
    }
    record.set_opted_out(true);
    store.save(&record)
}

/// The record in the dbpath; an empty one if there is none, or what was there is moved aside.
pub(crate) fn load(engine: &Engine, store: &Store) -> Result<Record, StoreError> {
    match store.load()? {
        Found::Record(record) => Ok(record),
        Found::Nothing => Ok(Record::default()),
        Found::Corrupt(what) => {
            store.set_aside()?;
            engine.log.warning(&format!(
                "{FILE_NAME} in the dbpath {what}; it was moved to {CORRUPT_NAME}, and telemetry \
                 goes on as on a first start"
            ));
            Ok(Record::default())
        }
    }
}

/// The line in the log that says telemetry is off.
pub(crate) fn off_line(by: Switch) -> String {
    format!("telemetry is off (decided by {}); nothing is collected and nothing is sent", by.name())
}
