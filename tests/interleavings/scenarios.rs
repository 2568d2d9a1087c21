//! The scenarios. What holds in each of them, whatever it is about: nothing is sent that is not stored
//! (invariant 1); after an opt-out no byte is sent, and no status says that a report is under way (3); nothing
//! unwinds into the server, and a panic is logged once (4); after `stop` no log callback begins, and none
//! runs if it said so; it always returns (5); no lock is held in a callback, and no thread holds two; all
//! attempts send the same report. The scenarios add what they say themselves: that a choice is stored is
//! invariant 2.

use std::sync::Arc;
use std::time::Duration;

use super::server::{Answer, Callback, read, seen, stop, switch, wait_until};
use super::time;
use super::world::{AN_ATTEMPT, End, Scenario, UNREPORTED, another, explore, start};
use crate::Telemetry;

const ENABLED: i32 = 29800;
const DISABLED: i32 = 29801;
const DELIVERED: i32 = 29803;
const WILL_RETRY: i32 = 29804;
const INTERNAL_ERROR: i32 = 29813;

const MOMENT: Duration = Duration::from_millis(50);

/// What the file says is what the switch says.
fn the_choice_is_stored(end: &End<'_>) {
    let is_off = end.status.contains(r#""enabled":false"#);
    assert_eq!(end.is_opted_out(), is_off, "{} {}", end.file, end.status);
}

fn opted_out(end: &End<'_>) {
    assert!(end.is_opted_out(), "an opt-out is lost: {}", end.file);
}

#[test]
fn a_first_start_and_a_stop_at_any_moment() {
    let scenario = Scenario {
        preemptions: 2,
        body: |telemetry| {
            start(telemetry);
            read(telemetry);
            stop(telemetry, MOMENT);
        },
        ..Scenario::default()
    };
    explore("first start and stop", &scenario);
}

#[test]
fn a_delivery_needs_no_time_out() {
    let scenario = Scenario {
        time: Duration::ZERO,
        body: |telemetry| {
            start(telemetry);
            wait_until(|seen| seen.events.contains(&DELIVERED));
        },
        end: |end| assert!(end.is_reported() && end.bodies.len() == 1, "{}", end.file),
        preemptions: 2,
        ..Scenario::default()
    };
    explore("a delivery", &scenario);
}

#[test]
fn an_opt_out_at_any_moment_of_an_attempt_that_hangs() {
    let scenario = Scenario {
        answers: &[Answer::Hangs],
        time: Duration::ZERO,
        body: |telemetry| {
            start(telemetry);
            wait_until(|seen| seen.bytes > 0);
            switch(telemetry, false);
            read(telemetry);
        },
        end: opted_out,
        preemptions: 2,
        ..Scenario::default()
    };
    explore("opt-out while an attempt hangs", &scenario);
}

#[test]
fn two_threads_opt_out_at_once() {
    let scenario = Scenario {
        file: UNREPORTED,
        answers: &[Answer::Hangs],
        time: Duration::ZERO,
        body: |telemetry| {
            start(telemetry);
            wait_until(|seen| seen.bytes > 0);
            let other = another(telemetry, |telemetry| switch(telemetry, false));
            switch(telemetry, false);
            read(telemetry);
            other.join().unwrap();
        },
        end: opted_out,
        ..Scenario::default()
    };
    explore("two opt-outs", &scenario);
}

#[test]
fn one_thread_opts_out_and_another_in() {
    let scenario = Scenario {
        answers: &[Answer::Hangs, Answer::Hangs],
        body: |telemetry| {
            start(telemetry);
            let other = another(telemetry, |telemetry| switch(telemetry, true));
            switch(telemetry, false);
            read(telemetry);
            other.join().unwrap();
        },
        end: the_choice_is_stored,
        ..Scenario::default()
    };
    explore("opt-out and opt-in", &scenario);
}

#[test]
fn an_opt_in_after_an_opt_out_and_a_stop_at_once() {
    let scenario = Scenario {
        body: |telemetry| {
            start(telemetry);
            switch(telemetry, false);
            read(telemetry);
            switch(telemetry, true);
            stop(telemetry, Duration::ZERO);
        },
        end: |end| assert!(!end.is_opted_out(), "an opt-in is lost: {}", end.file),
        ..Scenario::default()
    };
    explore("off, on and stop", &scenario);
}

#[test]
fn an_opt_out_and_a_stop_from_two_threads() {
    let scenario = Scenario {
        answers: &[Answer::HangsForGood],
        body: |telemetry| {
            start(telemetry);
            let other = another(telemetry, |telemetry| {
                stop(telemetry, MOMENT);
            });
            let is_set = switch(telemetry, false);
            other.join().unwrap();
            seen(|seen| {
                let stored = std::fs::read_to_string(seen.dbpath.join("telemetry_uuid"));
                let is_stored = stored.unwrap_or_default().contains("optOut:1");
                if is_set && seen.stopped == Some(true) && !is_stored {
                    seen.broken.push("stop has not waited for an opt-out".to_owned());
                }
            });
        },
        ..Scenario::default()
    };
    explore("opt-out and stop", &scenario);
}

#[test]
fn an_attempt_that_hangs_for_good_is_left_behind() {
    let scenario = Scenario {
        answers: &[Answer::HangsForGood],
        body: |telemetry| {
            start(telemetry);
            time::pass_until(AN_ATTEMPT);
            switch(telemetry, false);
            if stop(telemetry, AN_ATTEMPT) && !seen(|seen| seen.bodies.is_empty()) {
                seen(|seen| seen.broken.push("a thread hangs, and stop says none".to_owned()));
            }
        },
        end: opted_out,
        ..Scenario::default()
    };
    explore("an attempt hangs for good", &scenario);
}

#[test]
fn an_attempt_that_panics_loses_no_opt_out() {
    let scenario = Scenario {
        answers: &[Answer::Panics],
        body: |telemetry| {
            start(telemetry);
            switch(telemetry, false);
            read(telemetry);
        },
        end: |end| {
            let is_logged = end.events.contains(&INTERNAL_ERROR);
            let was_set = end.is_opted_out();
            assert!(was_set || is_logged, "{} {:?}", end.file, end.events);
        },
        preemptions: 2,
        ..Scenario::default()
    };
    explore("an attempt panics", &scenario);
}

#[test]
fn a_log_callback_that_panics_loses_no_opt_out() {
    let scenario = Scenario {
        callbacks: &[(ENABLED, Callback::Panics)],
        body: |telemetry| {
            start(telemetry);
            switch(telemetry, false);
        },
        end: |end| assert!(end.is_opted_out() || end.events.contains(&INTERNAL_ERROR)),
        ..Scenario::default()
    };
    explore("a log callback panics", &scenario);
}

#[test]
fn a_log_callback_that_blocks_delays_no_call() {
    let scenario = Scenario {
        callbacks: &[(ENABLED, Callback::Blocks)],
        body: |telemetry| {
            start(telemetry);
            switch(telemetry, false);
            read(telemetry);
            stop(telemetry, MOMENT);
        },
        end: opted_out,
        ..Scenario::default()
    };
    explore("a log callback blocks", &scenario);
}

#[test]
fn a_log_callback_calls_back() {
    for callback in [Callback::Reads, Callback::SwitchesOff, Callback::Stops] {
        for event in [ENABLED, DELIVERED] {
            let callbacks: &'static [(i32, Callback)] = Box::leak(Box::new([(event, callback)]));
            let scenario = Scenario {
                callbacks,
                body: |telemetry: &Arc<Telemetry>| {
                    start(telemetry);
                    read(telemetry);
                },
                ..Scenario::default()
            };
            explore(&format!("the callback of {event} {callback:?}"), &scenario);
        }
    }
}

#[test]
fn two_threads_start_and_stop() {
    let scenario = Scenario {
        file: UNREPORTED,
        body: |telemetry| {
            let other = another(telemetry, |telemetry| {
                start(telemetry);
                read(telemetry);
            });
            start(telemetry);
            stop(telemetry, MOMENT);
            other.join().unwrap();
        },
        ..Scenario::default()
    };
    explore("two starts and a stop", &scenario);
}

#[test]
fn three_threads_switch_read_and_stop() {
    let scenario = Scenario {
        answers: &[Answer::IsBusy],
        body: |telemetry| {
            start(telemetry);
            let first = another(telemetry, |telemetry| switch(telemetry, false));
            let second = another(telemetry, read);
            stop(telemetry, MOMENT);
            first.join().unwrap();
            second.join().unwrap();
        },
        ..Scenario::default()
    };
    explore("switch, read and stop", &scenario);
}

#[test]
fn a_retry_waits_and_an_opt_out_ends_the_wait() {
    let scenario = Scenario {
        answers: &[Answer::IsBusy, Answer::Refuses],
        body: |telemetry| {
            start(telemetry);
            time::pass_until(Duration::from_secs(600));
            switch(telemetry, false);
            read(telemetry);
        },
        end: |end| {
            opted_out(end);
            assert!(!end.is_reported());
            assert!(end.events.iter().filter(|id| **id == WILL_RETRY).count() <= 1);
        },
        ..Scenario::default()
    };
    explore("opt-out before a retry", &scenario);
}

#[test]
fn an_opt_in_of_a_dbpath_that_says_off() {
    let scenario = Scenario {
        file: "optOut:1\n",
        body: |telemetry| {
            start(telemetry);
            switch(telemetry, true);
            read(telemetry);
        },
        end: |end| {
            assert!(!end.is_opted_out(), "{}", end.file);
            assert!(end.events.iter().filter(|id| **id == DISABLED).count() <= 1);
        },
        preemptions: 2,
        ..Scenario::default()
    };
    explore("opt-in", &scenario);
}

#[test]
fn the_handle_is_dropped_by_whichever_thread_is_last() {
    let scenario = Scenario {
        answers: &[Answer::Hangs],
        body: |telemetry| {
            start(telemetry);
            let other = another(telemetry, |telemetry| {
                stop(telemetry, Duration::ZERO);
            });
            switch(telemetry, false);
            other.join().unwrap();
        },
        ..Scenario::default()
    };
    explore("drop", &scenario);
}
