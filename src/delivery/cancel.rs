//! Cancelling an attempt.

use std::fmt;
use std::sync::PoisonError;

use crate::sync::{Mutex, MutexGuard};

/// Stops an attempt from another thread.
#[derive(Default)]
pub struct Cancel {
    /// Protects whether it is cancelled, and how to interrupt: an interruption is registered before and
    /// then run, or refused. Held while it runs; it must not block.
    state: Mutex<CancelState>,
}

type Interruption = Box<dyn FnOnce() + Send>;

#[derive(Default)]
enum CancelState {
    #[default]
    Open,
    Interruptible(Interruption),
    Cancelled,
}

impl Cancel {
    /// Cancels, and interrupts what is running; returns when it is interrupted, also if
    /// another thread is interrupting it.
    pub fn cancel(&self) {
        let mut state = self.state();
        if let CancelState::Interruptible(interrupt) =
            std::mem::replace(&mut *state, CancelState::Cancelled)
        {
            interrupt();
        }
    }

    /// Whether `cancel` was called.
    pub fn is_cancelled(&self) -> bool {
        matches!(*self.state(), CancelState::Cancelled)
    }

    /// Registers how to interrupt what starts now, without blocking; false if it must not start.
    pub fn interrupt_by(&self, interruption: impl FnOnce() + Send + 'static) -> bool {
        let mut state = self.state();
        if matches!(*state, CancelState::Cancelled) {
            return false;
        }
        *state = CancelState::Interruptible(Box::new(interruption));
        true
    }

    fn state(&self) -> MutexGuard<'_, CancelState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancel").field("cancelled", &self.is_cancelled()).finish()
    }
}
