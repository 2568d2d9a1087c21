//! The library's thread: it takes one task after the other, and ends when there is none.

use std::sync::Arc;

use crate::engine::{Choice, Engine, Instance, Task};
use crate::events::Event;
use crate::guard::guard;
use crate::instance::{CORRUPT_NAME, Found, Record, Store, StoreError};
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
            let opted_out = choice == Choice::OptOut;
            {
                let status = &mut engine.lock().status;
                match &stored {
                    Ok(()) => status.opt_out_stored = Some(opted_out),
                    Err(error) => {
                        status.opt_out_stored.get_or_insert(false);
                        status.set_last_error(&error.to_string());
                    }
                }
            }
            if let Err(error) = stored {
                let error = error.to_string();
                engine.log.write(&match choice {
                    Choice::OptOut => Event::OptOutNotStored { error },
                    Choice::OptIn => Event::OptInNotStored { error },
                });
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
    let store = instance.store()?;
    let opting_in = choice == Choice::OptIn;
    let (mut record, _) = load(engine, store, opting_in)?;
    if record.is_opted_out() != opting_in {
        return Ok(());
    }
    record.set_opted_out(!opting_in);
    if record.is_empty() { store.remove() } else { store.save(&record) }
}

/// The record in the dbpath, and whether it takes the place of one that was quarantined.
pub(crate) fn load(
    engine: &Engine,
    store: &Store,
    opting_in: bool,
) -> Result<(Record, bool), StoreError> {
    record_of(store.load()?, engine, store, opting_in)
}

/// The same of what was found there.
pub(crate) fn record_of(
    found: Found,
    engine: &Engine,
    store: &Store,
    opting_in: bool,
) -> Result<(Record, bool), StoreError> {
    let reason = match found {
        Found::Record(record) => return Ok((record, false)),
        Found::Nothing => return Ok((Record::default(), false)),
        // It stays as it is: what is beyond the part that was read would be lost.
        Found::LongOptOut if !opting_in => return Ok((Record::opt_out(), false)),
        Found::LongOptOut => "is too long",
        Found::Corrupt(reason) => reason,
    };
    store.set_aside()?;
    engine.log.write(&Event::FileQuarantined { reason, moved_to: CORRUPT_NAME });
    Ok((Record::default(), true))
}
