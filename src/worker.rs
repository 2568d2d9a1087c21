//! The library's thread: it takes one task after the other, and ends when there is none.

use std::sync::Arc;

use crate::consent::Switch;
use crate::engine::{Choice, Engine, Instance, Task, opt_out_not_stored};
use crate::guard::guard;
use crate::instance::{CORRUPT_NAME, FILE_NAME, Found, Record, Store, StoreError};
use crate::reporting::Run;

/// The thread's body.
pub(crate) fn run(engine: &Arc<Engine>) {
    // After a panic there may still be an opt-out to store.
    for _ in 0..2 {
        let ended = guard(|| {
            while let Some(task) = engine.next_task() {
                perform(engine, task);
            }
        });
        match ended {
            Ok(()) => return,
            Err(words) => engine.fault(&words),
        }
    }
    engine.give_up();
}

fn perform(engine: &Engine, task: Task) {
    match task {
        Task::StoreChoice { revision, instance, choice } => {
            let stored = store_choice(engine, &instance, choice);
            if let Err(error) = stored {
                let why = error.to_string();
                engine.log.warning(&match choice {
                    Choice::OptOut => opt_out_not_stored(&why),
                    Choice::OptIn => format!("telemetry stays off at the next start: {why}"),
                });
                engine.lock().status.last_error = Some(why);
            }
            // Under a later revision there may be another choice to store.
            let _ = engine.publish(revision, |shared| shared.unsaved = None);
        }
        Task::Report { revision, instance, opting_in } => {
            Run { engine, instance: &instance, revision }.perform(opting_in);
        }
    }
}

fn store_choice(engine: &Engine, instance: &Instance, choice: Choice) -> Result<(), StoreError> {
    let store = Store::open(&instance.dbpath)?;
    let opting_in = choice == Choice::OptIn;
    let mut record = load(engine, &store, opting_in)?;
    if record.is_opted_out() != opting_in {
        return Ok(());
    }
    record.set_opted_out(!opting_in);
    if record.is_empty() { store.remove() } else { store.save(&record) }
}

/// The record in the dbpath; an empty one if there is none, or what was there is moved aside.
pub(crate) fn load(engine: &Engine, store: &Store, opting_in: bool) -> Result<Record, StoreError> {
    record_of(store.load()?, engine, store, opting_in)
}

/// The same of what was found there.
pub(crate) fn record_of(
    found: Found,
    engine: &Engine,
    store: &Store,
    opting_in: bool,
) -> Result<Record, StoreError> {
    let what = match found {
        Found::Record(record) => return Ok(record),
        Found::Nothing => return Ok(Record::default()),
        // It stays as it is: what is beyond the part that was read would be lost.
        Found::LongOptOut if !opting_in => return Ok(Record::opt_out()),
        Found::LongOptOut => "is too long",
        Found::Corrupt(what) => what,
    };
    store.set_aside()?;
    engine.log.warning(&format!(
        "{FILE_NAME} in the dbpath {what}; it was moved to {CORRUPT_NAME} beside it"
    ));
    Ok(Record::default())
}

/// The line in the log that says telemetry is off.
pub(crate) fn off_line(by: Switch) -> String {
    format!("telemetry is off (decided by {}); nothing is collected and nothing is sent", by.name())
}
