//! Time that passes only when the scheduler wants it to: a thread, [`run`], fires the alarms in their
//! order. It may do so at any moment, also while other threads could run.

use std::cell::RefCell;
use std::time::Duration;

use shuttle::thread::{self, Thread};

thread_local! {
    // Of one execution: all its threads share one thread of the system.
    static TIME: RefCell<Time> = RefCell::default();
}

#[derive(Default)]
struct Time {
    now: Duration,
    /// Time does not pass this by itself: a wait beyond it is without an end. A wake-up that is lost then
    /// is a deadlock, and not hidden by a time-out.
    limit: Duration,
    alarms: Vec<Alarm>,
    alarms_set: usize,
    clock: Option<Thread>,
    over: bool,
}

struct Alarm {
    number: usize,
    at: Duration,
    thread: Thread,
}

/// Unparks a thread at a time, until it is dropped.
pub struct AlarmGuard(usize);

/// A new execution: the time is zero.
pub fn reset(limit: Duration) {
    TIME.set(Time { limit, ..Time::default() });
}

pub fn now() -> Duration {
    TIME.with_borrow(|time| time.now)
}

/// Lets time pass up to here.
pub fn pass_until(limit: Duration) {
    let clock = TIME.with_borrow_mut(|time| {
        time.limit = time.limit.max(limit);
        time.clock.clone()
    });
    if let Some(clock) = clock {
        clock.unpark();
    }
}

/// Ends [`run`].
pub fn end() {
    let clock = TIME.with_borrow_mut(|time| {
        time.over = true;
        time.clock.clone()
    });
    if let Some(clock) = clock {
        clock.unpark();
    }
}

/// Unparks this thread at that time.
pub fn set_alarm(at: Duration) -> AlarmGuard {
    let (number, clock) = TIME.with_borrow_mut(|time| {
        time.alarms_set += 1;
        let number = time.alarms_set;
        time.alarms.push(Alarm { number, at, thread: thread::current() });
        (number, time.clock.clone().filter(|_| at <= time.limit))
    });
    if let Some(clock) = clock {
        clock.unpark();
    }
    AlarmGuard(number)
}

impl Drop for AlarmGuard {
    fn drop(&mut self) {
        TIME.with_borrow_mut(|time| time.alarms.retain(|alarm| alarm.number != self.0));
    }
}

/// The clock's thread.
pub fn run() {
    TIME.with_borrow_mut(|time| time.clock = Some(thread::current()));
    while !TIME.with_borrow(|time| time.over) {
        match TIME.with_borrow_mut(next_alarm) {
            Some(thread) => {
                thread.unpark();
                thread::yield_now();
            }
            None => thread::park(),
        }
    }
}

fn next_alarm(time: &mut Time) -> Option<Thread> {
    let due = |(_, alarm): &(usize, &Alarm)| alarm.at <= time.limit;
    let alarms = time.alarms.iter().enumerate().filter(due);
    let (index, _) = alarms.min_by_key(|(_, alarm)| (alarm.at, alarm.number))?;
    let alarm = time.alarms.swap_remove(index);
    time.now = time.now.max(alarm.at);
    Some(alarm.thread)
}
