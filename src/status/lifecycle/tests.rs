//! The transitions, as rows of the table of states.

use super::*;

const ID: &str = "6aef422e-56a7-4530-af9d-94cc02198343";

fn on() -> Consent {
    Consent::On(DecisionSource::Default)
}

fn off() -> Consent {
    Consent::Off(DecisionSource::DoNotTrack)
}

fn noon() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00Z").unwrap()
}

fn record() -> Record {
    Record::parse(format!("instanceId:{ID}\n").as_bytes())
}

fn report() -> Document {
    use crate::{environment::Environment, report::InstallationInfo};
    let environment = Environment::at_root("/nowhere");
    Document::preview(&InstallationInfo::collect(&environment, "4.4.26-25").unwrap())
}

fn after(transitions: &[Transition]) -> Lifecycle {
    let mut lifecycle = Lifecycle::new(on(), None);
    for transition in transitions {
        transition(&mut lifecycle);
    }
    lifecycle
}

fn state(lifecycle: &Lifecycle) -> String {
    let json = serde_json::to_value(lifecycle.status()).unwrap();
    json["state"].as_str().unwrap().to_owned()
}

type Transition = fn(&mut Lifecycle);

const START: Transition = |l| l.start(on());
const START_OFF: Transition = |l| l.start(off());
const STOP: Transition = Lifecycle::stop;
const FIX: Transition = |l| l.fix_report(&record(), report(), None);
const SEND: Transition = |l| l.begin_attempt(1, noon());
const RETRY: Transition = |l| l.await_retry("no route", noon());
const GIVE_UP: Transition = |l| l.give_up("404", noon());
const DELIVER: Transition = |l| l.deliver(report(), noon(), None);
const FAIL: Transition = |l| l.fail("read-only");
const POISON: Transition = |l| assert!(l.poison("a panic"));
const OPT_OUT: Transition = |l| {
    let consent = Consent::decide(None, Some(false));
    assert_eq!(l.switch(RuntimeChoice::OptOut, consent, true), Ok(true));
};
const OPT_IN: Transition = |l| {
    let consent = Consent::decide(None, Some(true));
    assert_eq!(l.switch(RuntimeChoice::OptIn, consent, false), Ok(true));
};
const NO_OPT_IN: Transition = |l| l.choice_not_stored(RuntimeChoice::OptIn, None, "read-only");

/// Each row of the table of states in `docs/dba.md`, in its order, and all ways into the state.
const ROWS: [(&str, &[&[Transition]]); 8] = [
    (
        "off",
        &[
            &[START_OFF],
            &[START, OPT_OUT],
            &[OPT_OUT],
            &[START, |l| l.disable(DecisionSource::HostFile)],
            &[START, |l| l.find_opt_out(&record(), None)],
            &[START, FIX, SEND, OPT_OUT, DELIVER],
            &[START, OPT_OUT, |l| assert!(l.fail_without_worker("EAGAIN").is_some())],
            &[START, OPT_OUT, STOP],
        ],
    ),
    ("waiting", &[&[START], &[START, FIX], &[START, OPT_OUT, OPT_IN]]),
    ("sending", &[&[START, FIX, SEND]]),
    ("retrying", &[&[START, FIX, SEND, RETRY]]),
    (
        "sent",
        &[
            &[START, FIX, SEND, DELIVER],
            &[START, FIX, SEND, STOP, DELIVER],
            &[START, |l| l.find_delivered(&record(), None)],
            &[START, FIX, SEND, DELIVER, STOP],
            &[START, FIX, SEND, DELIVER, OPT_IN, NO_OPT_IN],
            &[START, FIX, SEND, DELIVER, OPT_IN, |l| {
                assert!(l.fail_without_worker("EAGAIN").is_some());
            }],
        ],
    ),
    ("gaveUp", &[&[START, FIX, SEND, GIVE_UP], &[START, FIX, SEND, GIVE_UP, STOP]]),
    (
        "failed",
        &[
            &[START, FAIL],
            &[START, OPT_OUT, OPT_IN, NO_OPT_IN],
            &[START, |l| assert!(l.fail_without_worker("EAGAIN").is_none())],
            &[START, POISON],
            &[START, FIX, SEND, POISON, STOP],
            &[POISON],
        ],
    ),
    ("stopped", &[&[], &[STOP], &[OPT_IN], &[START, STOP], &[START, FIX, SEND, RETRY, STOP]]),
];

#[test]
fn each_state_is_reached_by_its_transitions() {
    for (expected, ways) in ROWS {
        for (way, transitions) in ways.iter().enumerate() {
            assert_eq!(state(&after(transitions)), expected, "way {way}");
        }
    }
}

#[test]
fn the_documented_table_has_the_same_states() {
    let page = include_str!("../../../docs/dba.md");
    let table = page.split("| state | meaning |").nth(1).unwrap();
    let rows = table.lines().skip(2).map_while(|line| line.strip_prefix("| `"));
    let documented: Vec<_> = rows.filter_map(|row| row.split('`').next()).collect();
    assert_eq!(documented, ROWS.map(|(state, _)| state));
}

#[test]
fn there_is_work_while_a_report_is_due_or_a_choice_is_not_stored() {
    let report = |opting_in| Some(Work::Report { opting_in });
    let store = |choice| Some(Work::StoreChoice(choice));
    let stored: Transition = |l| l.choice_stored(RuntimeChoice::OptOut);
    for (transitions, work) in [
        ([START].as_slice(), report(false)),
        (&[START, OPT_OUT], store(RuntimeChoice::OptOut)),
        (&[START, OPT_OUT, STOP], store(RuntimeChoice::OptOut)),
        (&[START, OPT_OUT, POISON], store(RuntimeChoice::OptOut)),
        (&[START, OPT_OUT, OPT_IN], report(true)),
        (&[START, OPT_OUT, OPT_IN, STOP], store(RuntimeChoice::OptIn)),
        (&[START, OPT_OUT, OPT_IN, FAIL], store(RuntimeChoice::OptIn)),
        (&[OPT_IN, START], report(true)),
        (&[], None),
        (&[START_OFF], None),
        (&[OPT_IN, START_OFF], None),
        (&[START, OPT_OUT, stored], None),
        (&[START, OPT_OUT, OPT_IN, NO_OPT_IN], None),
        (&[START, FIX, SEND, DELIVER, Lifecycle::finish_report], None),
        (&[START, STOP], None),
        (&[START, POISON], None),
    ] {
        assert_eq!(after(transitions).work(), work);
    }
}

#[test]
fn an_opt_in_that_is_repeated_before_it_is_stored_is_still_stored() {
    let mut lifecycle = after(&[START, FIX, SEND, DELIVER, Lifecycle::finish_report, OPT_IN]);
    assert_eq!(lifecycle.switch(RuntimeChoice::OptIn, on(), true), Ok(false));
    assert_eq!(lifecycle.work(), Some(Work::StoreChoice(RuntimeChoice::OptIn)));
    assert_eq!(lifecycle.status().opt_out_stored, None);
}

#[test]
fn a_switch_after_the_end_is_refused_and_changes_nothing() {
    for transitions in [[START, STOP], [START, POISON]] {
        let mut lifecycle = after(&transitions);
        let before = state(&lifecycle);
        assert!(lifecycle.switch(RuntimeChoice::OptIn, on(), false).is_err());
        assert_eq!((state(&lifecycle), lifecycle.work()), (before, None));
    }
}

#[test]
fn a_failed_choice_claims_nothing_of_the_dbpath_that_is_not_known() {
    for found in [Some(true), Some(false), None] {
        let mut lifecycle = after(&[START, OPT_OUT, OPT_IN]);
        lifecycle.choice_not_stored(RuntimeChoice::OptIn, found, "read-only");
        assert_eq!(lifecycle.status().opt_out_stored, found);
    }
    let mut lifecycle = after(&[START, OPT_OUT]);
    lifecycle.choice_not_stored(RuntimeChoice::OptOut, None, "read-only");
    assert_eq!(lifecycle.status().opt_out_stored, Some(false));
}

#[test]
fn a_delivery_clears_the_error_of_the_attempt_before() {
    assert_eq!(after(&[START, FIX, SEND, RETRY]).status().last_error.as_deref(), Some("no route"));
    assert_eq!(after(&[START, FIX, SEND, RETRY, SEND, DELIVER]).status().last_error, None);
}

#[test]
fn a_delivery_after_a_panic_does_not_hide_the_panic() {
    let poisoned = after(&[START, FIX, SEND, POISON, DELIVER]);
    assert_eq!(state(&poisoned), "failed");
    assert_eq!(poisoned.last_error(), "internal error: a panic");
}

#[test]
fn a_new_report_is_not_shown_as_sent() {
    let sent = after(&[START, FIX, SEND, DELIVER, OPT_OUT, OPT_IN]);
    assert!(sent.status().sent_at.is_some());
    let removed_meanwhile = after(&[START, FIX, SEND, DELIVER, OPT_OUT, OPT_IN, FIX]);
    assert!(removed_meanwhile.status().sent_at.is_none());
}
