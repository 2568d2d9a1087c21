//! The library's thread: it performs one task after the other, and ends when there is none.

mod job;
mod reporting;
mod sending;

use std::sync::Arc;

use crate::consent::RuntimeChoice;
use crate::engine::{Engine, Task};
use crate::guard::guard;
use crate::instance::Store;
use crate::status::Work;
use job::Job;

/// The thread's body.
pub(crate) fn run(engine: &Arc<Engine>) {
    // After a panic there may still be an opt-out to store.
    for _ in 0..2 {
        let ended = guard(|| {
            while let Some(task) = engine.next_task() {
                perform(engine, &task);
            }
        });
        match ended {
            Ok(()) => return,
            Err(panic) => engine.poison(&panic),
        }
    }
    engine.end_worker();
}

fn perform(engine: &Engine, task: &Task) {
    let job = Job { engine, run: &task.run, revision: task.revision };
    match task.work {
        Work::StoreChoice(choice) => store_choice(&job, choice),
        Work::Report { opting_in } => reporting::report(&job, opting_in),
    }
}

fn store_choice(job: &Job<'_>, choice: RuntimeChoice) {
    let stored = job.run.store().and_then(|store| store.store_choice(choice, job.on_quarantine()));
    let found = match stored {
        Ok(()) => None,
        Err(_) => job.run.store().ok().and_then(Store::is_opted_out),
    };
    // Under a later revision there may be another choice to store.
    let _ = job.publish(|shared| match &stored {
        Ok(()) => shared.lifecycle.choice_stored(choice),
        Err(error) => shared.lifecycle.choice_not_stored(choice, found, &error.to_string()),
    });
    if let Err(error) = stored {
        job.engine.log_choice_not_stored(choice, error.to_string());
    }
}
