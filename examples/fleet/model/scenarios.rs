//! What is simulated.

use super::endpoint::{Answer, Endpoint};
use super::figures::Figures;
use super::policy::Policy;
use super::population::{Lifecycle, Population};
use super::simulation::{self, History};
use super::time::{DAY, HOUR, MINUTE, Millis, NEVER, SECOND};

/// First starts of the installed base in a week.
const INSTALLED_BASE: u64 = 1_000_000;
const WEEK: Millis = 7 * DAY;
/// Containers of one operator.
const FLEET: u32 = 100_000;

#[derive(Clone, Debug)]
pub struct Scenario {
    /// In file names.
    pub name: &'static str,
    pub title: &'static str,
    pub population: Population,
    pub endpoint: Endpoint,
    pub ends: Millis,
    /// Where the aftermath begins.
    pub after: Option<Millis>,
    /// The part that a picture shows.
    pub shown: Option<(Millis, Millis)>,
}

impl Scenario {
    pub fn run(&self, policy: &dyn Policy, seed: u64) -> (History, Figures) {
        let history = simulation::run(policy, &self.population, &self.endpoint, self.ends, seed);
        let figures = Figures::of(&history, self.after);
        (history, figures)
    }
}

pub fn all() -> Vec<Scenario> {
    let in_week = |name, title, lasts, answer| {
        let (from, until) = (2 * DAY, 2 * DAY + lasts);
        Scenario {
            name,
            title,
            endpoint: Endpoint::in_trouble(from, until, answer),
            after: Some(until),
            shown: Some((from - 6 * HOUR, until + 30 * HOUR)),
            ..steady_week()
        }
    };
    let (busy, asking) = (Answer::Busy(None), Answer::Busy(Some(3600)));
    vec![
        steady_week(),
        in_week("outage-hour", "An outage of an hour", HOUR, Answer::Silence),
        in_week("outage-day", "An outage of a day", DAY, Answer::Silence),
        in_week("busy-hour", "503 without Retry-After for an hour", HOUR, busy),
        in_week("asking-hour", "503 with Retry-After: 3600 for an hour", HOUR, asking),
        in_week("asking-day", "503 with Retry-After: 3600 for a day", DAY, asking),
        fleet_start(),
        Scenario {
            name: "fleet-start-weak",
            title: "100,000 first starts in one second; 50/s can be served",
            endpoint: Endpoint::default().with_capacity(50),
            ..fleet_start()
        },
        fleet_asked_to_wait(),
        fleet_restart(),
        crashes_in_the_attempt(),
        crashes_while_busy(),
    ]
}

fn steady_week() -> Scenario {
    Scenario {
        name: "week",
        title: "A steady week of first starts",
        population: installed_base(WEEK),
        endpoint: Endpoint::default(),
        ends: WEEK + 3 * DAY,
        after: None,
        shown: Some((0, WEEK + DAY)),
    }
}

/// Those who start for the first time in this part of the steady week.
fn installed_base(within: Millis) -> Population {
    let instances = INSTALLED_BASE * within / WEEK;
    Population { instances: instances as u32, within, lifecycle: Lifecycle::of_anyone }
}

/// Trouble at the same rate of first starts, but only as long as it takes to see the recovery.
pub fn trouble_of(lasts: Millis, answer: Answer) -> Scenario {
    let until = HOUR + lasts;
    let ends = until + 36 * HOUR;
    Scenario {
        name: "trouble",
        title: "Trouble",
        population: installed_base(ends),
        endpoint: Endpoint::in_trouble(HOUR, until, answer),
        ends,
        after: Some(until),
        shown: None,
    }
}

/// Fresh containers that stay.
pub fn fleet_start() -> Scenario {
    Scenario {
        name: "fleet-start",
        title: "100,000 first starts in one second; 500/s can be served",
        population: Population {
            instances: FLEET,
            within: SECOND,
            lifecycle: |_| Lifecycle::RestartedAt(NEVER),
        },
        endpoint: Endpoint::default().with_capacity(500),
        ends: 2 * DAY,
        after: Some(MINUTE),
        shown: Some((0, HOUR)),
    }
}

pub fn fleet_asked_to_wait() -> Scenario {
    let endpoint = Endpoint::in_trouble(0, HOUR, Answer::Busy(Some(3600)));
    Scenario {
        name: "fleet-asked",
        title: "100,000 first starts in one second; 503 with Retry-After: 3600 for an hour",
        endpoint: endpoint.with_capacity(500),
        after: Some(HOUR),
        shown: Some((0, 3 * HOUR)),
        ..fleet_start()
    }
}

/// Containers that started during an outage of a day are all restarted an hour after it.
pub fn fleet_restart() -> Scenario {
    Scenario {
        name: "fleet-restart",
        title: "100,000 restarts at one instant, an hour after an outage of a day",
        population: Population {
            instances: FLEET,
            within: HOUR,
            lifecycle: |_| Lifecycle::RestartedAt(25 * HOUR),
        },
        endpoint: Endpoint::in_trouble(0, DAY, Answer::Silence).with_capacity(500),
        ends: 5 * DAY,
        after: Some(DAY),
        shown: Some((20 * HOUR, 50 * HOUR)),
    }
}

/// A thousand servers in a crash loop, for a day.
fn crash_loop() -> Scenario {
    Scenario {
        population: Population {
            instances: 1000,
            within: MINUTE,
            lifecycle: |_| Lifecycle::CrashLoop { runs: 100, pause: 10 * SECOND - 100 },
        },
        ends: DAY,
        shown: None,
        ..steady_week()
    }
}

pub fn crashes_in_the_attempt() -> Scenario {
    Scenario {
        name: "crash-in-attempt",
        title: "1,000 servers that start every 10 s and crash in the middle of each attempt, for a day",
        ..crash_loop()
    }
}

pub fn crashes_while_busy() -> Scenario {
    let mut scenario = Scenario {
        name: "crash-busy",
        title: "1,000 servers that start every 10 s and crash, for a day; the endpoint answers 503",
        endpoint: Endpoint::in_trouble(0, DAY, Answer::Busy(None)),
        ..crash_loop()
    };
    scenario.population.lifecycle =
        |_| Lifecycle::CrashLoop { runs: 3 * SECOND, pause: 7 * SECOND };
    scenario
}
