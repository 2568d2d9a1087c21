//! What the endpoint is promised, whatever it goes through: held by the library's retry policy on a
//! virtual clock, and broken by the one that the design began with. `docs/fleet.md` has all figures.

#[path = "../../examples/fleet/model/mod.rs"]
mod model;

use model::endpoint::Answer::{Busy, Silence};
use model::figures::Figures;
use model::policy::{FirstDesign, Policy};
use model::scenarios::{self, Scenario, trouble_of};
use model::time::{DAY, HOUR, SECOND};
use psmdb_telemetry::delivery::retry::Schedule;

const SEED: u64 = 4426;

fn now(scenario: &Scenario) -> Figures {
    figures(scenario, &Schedule::default())
}

fn first_design(scenario: &Scenario) -> Figures {
    figures(scenario, &FirstDesign)
}

fn figures(scenario: &Scenario, policy: &dyn Policy) -> Figures {
    let (_, figures) = scenario.run(policy, SEED);
    println!("{}: {figures:?}", scenario.title);
    figures
}

fn peak_of_the_recovery(figures: &Figures) -> f64 {
    figures.after.unwrap().recovery.peak_over_mean()
}

#[test]
fn after_trouble_the_peak_stays_under_three_times_the_steady_rate_and_nobody_is_forgotten() {
    let worst = 4 * HOUR + 10 * 60 * SECOND;
    for (lasts, answer) in [
        (HOUR, Silence),
        (HOUR, Busy(None)),
        (HOUR, Busy(Some(3600))),
        (worst, Silence),
        (DAY, Silence),
        (DAY, Busy(Some(3600))),
    ] {
        let figures = now(&trouble_of(lasts, answer));
        let after = figures.after.unwrap();
        assert!(after.waiting > 5000, "there is something to recover from");
        assert!(peak_of_the_recovery(&figures) < 3.0, "{answer:?} for {lasts} ms");
        assert_eq!(figures.forgotten, 0, "{answer:?} for {lasts} ms");
        assert!(after.reported_within.is_some_and(|time| time < 30 * HOUR));
        assert!(figures.requests_per_report() < 2.5);
    }
    let broken = first_design(&trouble_of(HOUR, Silence));
    assert!(peak_of_the_recovery(&broken) > 3.0 && broken.forgotten > 1000);
    assert_eq!(broken.after.unwrap().reported_within, None);
}

#[test]
fn a_fleet_that_starts_at_one_instant_comes_back_no_faster_than_it_can_be_served() {
    let scenario = scenarios::fleet_start();
    let figures = now(&scenario);
    let capacity = f64::from(scenario.endpoint.capacity);
    assert!(figures.after.unwrap().recovery.peak < capacity);
    assert_eq!((figures.reports, figures.forgotten), (100_000, 0));
    assert!(figures.requests_per_report() < 2.5);

    let broken = first_design(&scenario);
    assert!(broken.after.unwrap().recovery.peak > capacity && broken.forgotten > 1000);
}

#[test]
fn those_who_are_asked_to_wait_do_not_come_back_together() {
    let scenario = scenarios::fleet_asked_to_wait();
    let figures = now(&scenario);
    assert!(peak_of_the_recovery(&figures) < 3.0);
    // They were asked to wait for an hour: in the hour after that it is 28 each second.
    assert!(figures.after.unwrap().recovery.peak < 50.0);
    assert!(first_design(&scenario).after.unwrap().recovery.peak > 1000.0);
}

#[test]
fn a_fleet_restarted_after_an_outage_keeps_to_its_times() {
    let scenario = scenarios::fleet_restart();
    let figures = now(&scenario);
    assert!(peak_of_the_recovery(&figures) < 3.0);
    assert_eq!((figures.reports, figures.forgotten), (100_000, 0));

    let broken = first_design(&scenario);
    assert!(broken.busiest_second > 90_000, "all come at the instant of the restart");
}

#[test]
fn a_server_that_crashes_all_day_sends_a_few_times_and_not_at_each_start() {
    for scenario in [scenarios::crashes_in_the_attempt(), scenarios::crashes_while_busy()] {
        let mut scenario = scenario;
        scenario.population.instances = 50;
        let figures = now(&scenario);
        assert!((3..20).contains(&figures.most_requests), "{}", scenario.title);
        assert!(first_design(&scenario).most_requests > 2000, "{}", scenario.title);
    }
}

#[test]
fn a_report_arrives_twice_only_if_the_answer_was_lost() {
    let mut scenario = trouble_of(HOUR, Silence);
    let usual = now(&scenario);
    assert!(0 < usual.duplicates && usual.duplicates <= usual.lost_answers);
    scenario.endpoint.lost_answers = 0.0;
    // Nobody is thrown away in the middle of an attempt either.
    scenario.population.lifecycle = |_| model::population::Lifecycle::Server;
    let figures = now(&scenario);
    assert_eq!((figures.duplicates, figures.lost_answers), (0, 0));
}

#[test]
fn the_same_seed_gives_the_same_figures() {
    let mut scenario = trouble_of(HOUR, Silence);
    scenario.population.instances = 20_000;
    assert_eq!(format!("{:?}", now(&scenario)), format!("{:?}", now(&scenario)));
}
