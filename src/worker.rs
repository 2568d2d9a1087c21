//! The library's thread: it takes one task after the other, and ends when there is none.

use std::sync::Arc;

use crate::engine::{Choice, Engine, Instance, Task};
use crate::events::Event;
use crate::guard::guard;
use crate::instance::{CORRUPT_NAME, LoadResult, Record, Store, StoreError};
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
            // Under a later revision there may be another choice to store.
            let _ = engine.publish(revision, |shared| {
                shared.unsaved = None;
                match &stored {
                    Ok(()) => shared.status.opt_out_stored = Some(choice == Choice::OptOut),
                    Err(error) => shared.choice_failed(choice, &error.to_string()),
                }
            });
            if let Err(error) = stored {
                engine.log_choice_not_stored(choice, error.to_string());
            }
        }
        Task::Report { revision, instance, opting_in } => {
            Run { engine, instance: &instance, revision }.perform(opting_in);
        }
    }
}

fn store_choice(engine: &Engine, instance: &Instance, choice: Choice) -> Result<(), StoreError> {
    let store = instance.store()?;
    let opting_in = choice == Choice::OptIn;
    let mut record = record_of(store.load()?, engine, store, opting_in)?;
    if record.is_opted_out() != opting_in {
        // It says so already, but perhaps an earlier write is not durable.
        return store.sync();
    }
    record.set_opted_out(!opting_in);
    if record.is_empty() { store.remove() } else { store.save(&record) }
}

/// The record that was found; an empty one if there is none, or what was found is quarantined.
pub(crate) fn record_of(
    found: LoadResult,
    engine: &Engine,
    store: &Store,
    opting_in: bool,
) -> Result<Record, StoreError> {
    let reason = match found {
        LoadResult::Record(record) => return Ok(record),
        LoadResult::Missing => return Ok(Record::default()),
        // It stays as it is: what is beyond the part that was read would be lost.
        LoadResult::LongOptOut if !opting_in => return Ok(Record::opt_out()),
        LoadResult::LongOptOut => "is too long",
        LoadResult::Corrupt(reason) => reason,
    };
    store.quarantine()?;
    engine.log.write(&Event::FileQuarantined { reason, moved_to: CORRUPT_NAME });
    Ok(Record::default())
}
