//! What the endpoint is promised, whatever it goes through: held by the library's retry policy on a
//! virtual clock, and broken by one that retries within a minute. `docs/fleet.md` has all figures.

#[path = "../../examples/fleet/model/mod.rs"]
mod model;

use std::time::Duration;

use model::endpoint::Answer::{Busy, Silence};
use model::figures::{Figures, Recovery};
use model::population::Lifecycle;
use model::scenarios::{self, Scenario, trouble_of};
use model::time::{DAY, HOUR, MINUTE};
use psmdb_telemetry::delivery::retry::Schedule;

fn now(scenario: &Scenario) -> Figures {
    figures(scenario, &Schedule::default())
}

fn with_hasty_retries(scenario: &Scenario) -> Figures {
    const MINUTE: &[Duration] = &[Duration::from_secs(60)];
    figures(scenario, &Schedule { delays: MINUTE })
}

fn figures(scenario: &Scenario, schedule: &Schedule) -> Figures {
    let figures = scenario.run(schedule);
    println!("{}: {figures:?}", scenario.title);
    figures
}

fn recovery(figures: &Figures) -> &Recovery {
    figures.recovery.as_ref().unwrap()
}

#[test]
fn after_trouble_the_peak_stays_under_three_times_the_steady_rate_and_nobody_is_forgotten() {
    let worst = 4 * HOUR + 10 * MINUTE;
    for (lasts, answer) in [
        (HOUR, Silence),
        (HOUR, Busy(None)),
        (HOUR, Busy(Some(3600))),
        (worst, Silence),
        (DAY, Silence),
        (DAY, Busy(Some(3600))),
    ] {
        let figures = now(&trouble_of(lasts, answer));
        let recovery = recovery(&figures);
        assert!(recovery.waiting > 5000, "there is something to recover from");
        assert!(recovery.peak_over_mean() < 3.0, "{answer:?} for {lasts} ms");
        assert_eq!(figures.forgotten, 0, "{answer:?} for {lasts} ms");
        assert!(recovery.reported_within.is_some_and(|time| time < 30 * HOUR));
        assert!(figures.requests_per_instance < 2.5);
    }
    let hasty = with_hasty_retries(&trouble_of(HOUR, Silence));
    assert!(recovery(&hasty).peak > 50.0, "all come back at once, where 1.65 a second are usual");
}

#[test]
fn a_fleet_that_starts_at_one_instant_comes_back_no_faster_than_it_can_be_served() {
    let mut scenario = scenarios::fleet_start(500);
    let figures = now(&scenario);
    assert!(recovery(&figures).peak < 500.0);
    assert_eq!((figures.reports, figures.forgotten), (100_000, 0));
    assert!(figures.requests_per_instance < 2.5);
    scenario.ends = 10 * MINUTE;
    assert!(recovery(&with_hasty_retries(&scenario)).peak > 500.0);
}

#[test]
fn those_who_are_asked_to_wait_do_not_come_back_together() {
    let figures = now(&scenarios::fleet_asked_to_wait());
    assert!(recovery(&figures).peak_over_mean() < 3.0);
    // They were asked to wait for an hour: in the hour after that it is 28 each second.
    assert!(recovery(&figures).peak < 50.0);
}

#[test]
fn a_fleet_restarted_after_an_outage_keeps_to_its_times() {
    let mut scenario = scenarios::fleet_restart();
    let figures = now(&scenario);
    assert!(recovery(&figures).peak_over_mean() < 3.0);
    assert_eq!((figures.reports, figures.forgotten), (100_000, 0));
    scenario.population.instances = 1000;
    assert!(recovery(&with_hasty_retries(&scenario)).peak > 15.0, "all come in one minute");
}

#[test]
fn a_server_that_crashes_all_day_sends_a_few_times_and_not_at_each_start() {
    for mut scenario in [scenarios::crashes_in_the_attempt(), scenarios::crashes_while_busy()] {
        scenario.population.instances = 50;
        let most = now(&scenario).most_requests;
        assert!((3..20).contains(&most), "{}: {most}", scenario.title);
        assert!(with_hasty_retries(&scenario).most_requests > 1000, "{}", scenario.title);
    }
}

#[test]
fn a_report_arrives_twice_only_if_the_answer_was_lost() {
    let mut scenario = trouble_of(HOUR, Silence);
    let usual = now(&scenario);
    assert!(0 < usual.duplicates && usual.duplicates <= usual.lost_answers);
    scenario.endpoint.lost_answers = 0.0;
    // Nobody is thrown away in the middle of an attempt either.
    scenario.population.lifecycle = |_| Lifecycle::Server;
    let figures = now(&scenario);
    assert_eq!((figures.duplicates, figures.lost_answers), (0, 0));
}

#[test]
fn the_same_seed_gives_the_same_figures() {
    let mut scenario = trouble_of(HOUR, Silence);
    scenario.population.instances = 20_000;
    assert_eq!(format!("{:?}", now(&scenario)), format!("{:?}", now(&scenario)));
}
