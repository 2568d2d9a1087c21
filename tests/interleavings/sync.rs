//! The locks, threads and time-outs that `src/sync.rs` names, for the model checker.

use std::fmt;
use std::ops::{Add, Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LockResult, PoisonError};
use std::time::Duration;

use super::time;

/// A lock of the library. That no thread holds two of them, and none in a callback, is checked by counting.
#[derive(Debug, Default)]
pub struct Mutex<T>(shuttle::sync::Mutex<T>);

pub struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    guard: Option<shuttle::sync::MutexGuard<'a, T>>,
}

impl<T> Mutex<T> {
    pub const fn new(value: T) -> Self {
        Self(shuttle::sync::Mutex::new(value))
    }

    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        held::before_lock();
        let wrap = |guard| {
            held::add(1);
            MutexGuard { mutex: self, guard: Some(guard) }
        };
        match self.0.lock() {
            Ok(guard) => Ok(wrap(guard)),
            Err(poisoned) => Err(PoisonError::new(wrap(poisoned.into_inner()))),
        }
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.guard.as_ref().expect("held until drop")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.guard.as_mut().expect("held until drop")
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        self.guard = None;
        held::add(-1);
    }
}

/// Who holds how many locks.
pub mod held {
    use std::cell::RefCell;

    use shuttle::thread::{self, ThreadId};

    thread_local! {
        static HELD: RefCell<Vec<(ThreadId, isize)>> = RefCell::default();
        static TWO_AT_ONCE: RefCell<bool> = RefCell::default();
    }

    pub fn reset() {
        HELD.set(Vec::new());
        TWO_AT_ONCE.set(false);
    }

    /// The number of locks that this thread holds.
    pub fn count() -> isize {
        let me = thread::current().id();
        let mine = |held: &Vec<_>| held.iter().find(|(id, _)| *id == me).map_or(0, |(_, n)| *n);
        HELD.with_borrow(mine)
    }

    /// Whether a thread has ever held two locks.
    pub fn two_at_once() -> bool {
        TWO_AT_ONCE.with_borrow(|is| *is)
    }

    pub(super) fn before_lock() {
        if count() > 0 {
            TWO_AT_ONCE.set(true);
        }
    }

    pub(super) fn add(change: isize) {
        let me = thread::current().id();
        HELD.with_borrow_mut(|held| match held.iter_mut().find(|(id, _)| *id == me) {
            Some((_, count)) => *count += change,
            None => held.push((me, change)),
        });
    }
}

/// A condition variable with time-outs.
#[derive(Default)]
pub struct Condvar {
    /// No thread is interrupted while it holds this one.
    waiting: std::sync::Mutex<Vec<Arc<Waiting>>>,
}

struct Waiting {
    thread: thread::Thread,
    is_notified: AtomicBool,
}

pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

impl Condvar {
    pub const fn new() -> Self {
        Self { waiting: std::sync::Mutex::new(Vec::new()) }
    }

    pub fn notify_all(&self) {
        // Not with the list locked: who is woken may look at it.
        let woken = std::mem::take(&mut *self.waiting());
        for waiting in woken {
            waiting.is_notified.store(true, Ordering::Relaxed);
            waiting.thread.unpark();
        }
    }

    pub fn wait_timeout_while<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        limit: Duration,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let mutex = guard.mutex;
        let deadline = time::now().saturating_add(limit);
        let mut is_unparked = false;
        let timed_out = loop {
            if !condition(&mut guard) {
                break false;
            }
            if time::now() >= deadline {
                break true;
            }
            let waiting = Arc::new(Waiting {
                thread: thread::current(),
                is_notified: AtomicBool::new(false),
            });
            self.waiting().push(Arc::clone(&waiting));
            let alarm = time::set_alarm(deadline);
            drop(guard);
            let is_over = || waiting.is_notified.load(Ordering::Relaxed) || time::now() >= deadline;
            while !is_over() {
                shuttle::thread::park();
                is_unparked |= !is_over();
            }
            drop(alarm);
            self.waiting().retain(|other| !Arc::ptr_eq(other, &waiting));
            guard = mutex.lock().unwrap_or_else(PoisonError::into_inner);
        };
        if is_unparked {
            // A real condition variable leaves the token of `park` alone.
            thread::current().unpark();
        }
        Ok((guard, WaitTimeoutResult(timed_out)))
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Waiting>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Condvar")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(Duration);

impl Instant {
    pub fn now() -> Self {
        Self(time::now())
    }

    pub fn saturating_duration_since(&self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Instant {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0 + duration)
    }
}

pub mod thread {
    use std::cell::{Cell, RefCell};
    use std::io;
    use std::time::Duration;

    pub use shuttle::thread::{JoinHandle, Thread, ThreadId, current};

    use super::time;

    thread_local! {
        /// The library's threads that have not ended.
        static RUNNING: Cell<usize> = const { Cell::new(0) };
        static WAITING: RefCell<Option<Thread>> = const { RefCell::new(None) };
    }

    pub fn reset() {
        RUNNING.set(0);
        WAITING.set(None);
    }

    /// Waits for the library's threads to end.
    pub fn wait_for_all() {
        WAITING.set(Some(current()));
        while RUNNING.get() > 0 {
            shuttle::thread::park();
        }
    }

    pub fn park_timeout(limit: Duration) {
        let alarm = time::set_alarm(time::now().saturating_add(limit));
        shuttle::thread::park();
        drop(alarm);
    }

    #[derive(Default)]
    pub struct Builder(shuttle::thread::Builder);

    impl Builder {
        pub fn new() -> Self {
            Self::default()
        }

        pub fn name(self, name: String) -> Self {
            Self(self.0.name(name))
        }

        // Of shuttle's threads all have the same.
        pub fn stack_size(self, _bytes: usize) -> Self {
            self
        }

        pub fn spawn(self, body: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
            RUNNING.set(RUNNING.get() + 1);
            self.0.spawn(move || {
                body();
                RUNNING.set(RUNNING.get() - 1);
                if let Some(waiting) = WAITING.take() {
                    WAITING.set(Some(waiting.clone()));
                    waiting.unpark();
                }
            })
        }
    }
}
