//! The server and the endpoint of the scenarios, and what they notice. A broken promise is kept until the
//! end of the execution: the library would catch a panic.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use shuttle::sync::{Condvar, Mutex};
use shuttle::thread::{self, Thread, ThreadId};

use super::sync::held;
use crate::Telemetry;
use crate::delivery::{Cancel, Outcome, Transport, UploadRequest};
use crate::events::LogEvent;
use crate::host::Host;

/// What the endpoint does with an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Accepts,
    IsBusy,
    Refuses,
    /// Until the connection is shut down.
    Hangs,
    /// Whatever happens to the connection: as name resolution may.
    HangsForGood,
    Panics,
}

/// What the server's log does with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callback {
    Returns,
    /// Until the end of the scenario.
    Blocks,
    Reads,
    SwitchesOff,
    Stops,
    Panics,
}

#[derive(Default)]
pub struct Seen {
    pub dbpath: PathBuf,
    pub telemetry: Option<std::sync::Weak<Telemetry>>,
    pub answers: VecDeque<Answer>,
    /// What the callback of the first event of an id does.
    pub callbacks: Vec<(i32, Callback)>,
    /// The ids of the events.
    pub events: Vec<i32>,
    pub bytes: usize,
    pub bodies: Vec<String>,
    pub broken: Vec<String>,
    /// Whether a `set(false)` has returned, and no later call may have switched on again.
    is_off: bool,
    switching_on: usize,
    switched_on: usize,
    /// Whether `stop` has returned, and what.
    pub stopped: Option<bool>,
    stopping: Vec<ThreadId>,
    released: bool,
    held: Vec<Thread>,
    waiting: Vec<Thread>,
}

thread_local! {
    // Of one execution: all its threads share one thread of the system.
    static SEEN: RefCell<Seen> = RefCell::default();
}

pub fn seen<T>(look: impl FnOnce(&mut Seen) -> T) -> T {
    SEEN.with_borrow_mut(look)
}

pub fn reset(dbpath: PathBuf, answers: &[Answer], callbacks: &[(i32, Callback)]) {
    let (answers, callbacks) = (answers.iter().copied().collect(), callbacks.to_vec());
    SEEN.set(Seen { dbpath, answers, callbacks, ..Seen::default() });
}

pub fn broken(promise: &str) {
    seen(|seen| seen.broken.push(promise.to_owned()));
}

/// Blocks until the end of the scenario.
fn hang() {
    while !seen(|seen| {
        seen.held.push(thread::current());
        seen.released
    }) {
        thread::park();
    }
}

/// Waits until it is so; whatever is seen wakes who waits.
pub fn wait_until(is_so: impl Fn(&Seen) -> bool) {
    while !seen(|seen| {
        seen.waiting.push(thread::current());
        is_so(seen)
    }) {
        thread::park();
    }
}

fn wake_who_waits() {
    let waiting = seen(|seen| std::mem::take(&mut seen.waiting));
    waiting.into_iter().for_each(|thread| thread.unpark());
}

/// The end of the scenario: nothing hangs any more.
pub fn release() {
    let held = seen(|seen| {
        seen.released = true;
        std::mem::take(&mut seen.held)
    });
    held.into_iter().for_each(|thread| thread.unpark());
}

/// `set` at run time, and what it promises.
pub fn switch(telemetry: &Telemetry, on: bool) -> bool {
    let switched_on = seen(|seen| {
        seen.switching_on += usize::from(on);
        if on {
            seen.is_off = false;
        }
        seen.switched_on
    });
    let when = crate::parameters::When::Runtime;
    let is_set = telemetry.set("perconaTelemetry", if on { "true" } else { "false" }, when).is_ok();
    seen(|seen| {
        seen.switching_on -= usize::from(on);
        seen.switched_on += usize::from(on);
        if !on && is_set && seen.switching_on == 0 && seen.switched_on == switched_on {
            seen.is_off = true;
        }
    });
    is_set
}

/// A status request, and what it may say.
pub fn read(telemetry: &Telemetry) {
    let was_off = seen(|seen| seen.is_off);
    let status = telemetry.get("perconaTelemetryStatus").unwrap_or_default();
    let is_off = was_off && seen(|seen| seen.is_off);
    let says = |text: &str| status.contains(text);
    if is_off && !says(r#""enabled":false"#) {
        broken("the status says on after an opt-out");
    }
    if is_off && [r#""waiting""#, r#""sending""#, r#""retrying""#].into_iter().any(says) {
        broken("the status says that a report is under way after an opt-out");
    }
}

/// `stop`, and what it promises.
pub fn stop(telemetry: &Telemetry, deadline: std::time::Duration) -> bool {
    seen(|seen| seen.stopping.push(thread::current().id()));
    let ended = telemetry.stop(deadline);
    seen(|seen| {
        let me = thread::current().id();
        seen.stopping.retain(|id| *id != me);
        seen.stopped = Some(ended || seen.stopped == Some(true));
    });
    ended
}

/// The server's log.
pub struct Log;

impl Host for Log {
    fn log(&self, event: &LogEvent) {
        if held::count() > 0 {
            broken("a log callback begins while its thread holds a lock");
        }
        let (callback, telemetry) = seen(|seen| {
            if seen.stopped.is_some() {
                seen.broken.push(format!("event {} after stop", event.id));
            }
            seen.events.push(event.id);
            let known = seen.callbacks.iter().position(|(id, _)| *id == event.id);
            let callback = known.map_or(Callback::Returns, |index| seen.callbacks.remove(index).1);
            (callback, seen.telemetry.as_ref().and_then(std::sync::Weak::upgrade))
        });
        wake_who_waits();
        let has_stopped = callback == Callback::Stops;
        match (callback, telemetry) {
            // Whoever could run may do so now.
            (Callback::Returns, _) => shuttle::hint::spin_loop(),
            (Callback::Blocks, _) => hang(),
            (Callback::Reads, Some(telemetry)) => read(&telemetry),
            (Callback::SwitchesOff, Some(telemetry)) => drop(switch(&telemetry, false)),
            (Callback::Stops, Some(telemetry)) => {
                stop(&telemetry, std::time::Duration::from_millis(50));
            }
            (Callback::Panics, _) => panic_quietly(),
            (_, None) => {}
        }
        if !has_stopped && seen(|seen| seen.stopped == Some(true)) {
            broken("a log callback runs after stop has said that none does");
        }
    }
}

/// Without the panic hook, which would write each time.
fn panic_quietly() {
    std::panic::resume_unwind(Box::new("on purpose"));
}

#[derive(Default)]
struct Connection {
    is_shut_down: Mutex<bool>,
    shut_down: Condvar,
}

impl Connection {
    fn shut_down(&self) {
        *self.is_shut_down.lock().unwrap() = true;
        self.shut_down.notify_all();
    }

    /// Sends a byte; false if the connection was shut down.
    fn send(&self) -> bool {
        let is_shut_down = self.is_shut_down.lock().unwrap();
        if *is_shut_down {
            return false;
        }
        seen(|seen| {
            seen.bytes += 1;
            if seen.is_off {
                seen.broken.push("a byte after an opt-out".to_owned());
            }
            if seen.stopped == Some(true) {
                seen.broken.push("a byte after stop".to_owned());
            }
        });
        drop(is_shut_down);
        wake_who_waits();
        true
    }

    fn wait_for_shut_down(&self) {
        let is_shut_down = self.is_shut_down.lock().unwrap();
        drop(self.shut_down.wait_while(is_shut_down, |is| !*is).unwrap());
    }
}

/// The length of a request. Between two bytes, everything else may happen.
const BYTES: usize = 3;

/// The built-in client, whose connection a cancelled attempt shuts down.
pub struct Client;

impl Transport for Client {
    fn deliver(&self, request: &UploadRequest, cancel: &Cancel) -> Outcome {
        if held::count() > 0 {
            broken("an attempt begins while its thread holds a lock");
        }
        let connection = Arc::new(Connection::default());
        let cancelled = Arc::clone(&connection);
        if !cancel.interrupt_by(move || cancelled.shut_down()) {
            return Outcome::Unreachable("stopped".to_owned());
        }
        let answer = seen(|seen| {
            let file = std::fs::read_to_string(seen.dbpath.join("telemetry_uuid"));
            let file = file.unwrap_or_default();
            let id = request.body.split('"').nth(5).unwrap_or_default();
            if !file.contains(&format!("reportId:{id}\n")) {
                seen.broken.push(format!("a report is sent that is not stored: {id} {file}"));
            }
            seen.answers.pop_front().unwrap_or(Answer::Accepts)
        });
        if !(0..BYTES).all(|_| connection.send()) {
            return Outcome::Unreachable("stopped".to_owned());
        }
        seen(|seen| seen.bodies.push(request.body.clone()));
        match answer {
            Answer::Accepts => Outcome::Delivered,
            Answer::IsBusy => Outcome::Refused { status: 503, retry_after: None },
            Answer::Refuses => Outcome::Refused { status: 400, retry_after: None },
            Answer::Hangs => {
                connection.wait_for_shut_down();
                Outcome::Unreachable("connection closed".to_owned())
            }
            Answer::HangsForGood => {
                hang();
                Outcome::Unreachable("no address".to_owned())
            }
            Answer::Panics => {
                panic_quietly();
                Outcome::Delivered
            }
        }
    }
}
