//! The locks and threads of the engine, the worker, the log and the attempts: those of the standard
//! library. The model checker's build (`tests/interleavings/`) has its own here, to run them in every order.

#[cfg(not(interleavings))]
pub(crate) use std::{
    sync::{Condvar, Mutex, MutexGuard},
    thread,
    time::Instant,
};

#[cfg(interleavings)]
pub(crate) use crate::interleavings::sync::{Condvar, Instant, Mutex, MutexGuard, thread};
