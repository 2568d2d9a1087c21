//! What is simulated.

use fastrand::Rng;
use psmdb_telemetry::delivery::retry::Schedule;

use super::endpoint::{Answer, Endpoint};
use super::figures::Figures;
use super::population::{Lifecycle, Population};
use super::simulation;
use super::time::{DAY, HOUR, MINUTE, Millis, NEVER, SECOND, words};

const SEED: u64 = 4426;
/// First starts of the installed base in a week.
const INSTALLED_BASE: u64 = 1_000_000;
const WEEK: Millis = 7 * DAY;
/// Containers of one operator.
const FLEET: u32 = 100_000;

#[derive(Clone, Debug)]
pub struct Scenario {
    pub title: String,
    pub population: Population,
    pub endpoint: Endpoint,
    pub ends: Millis,
    /// Where the recovery begins.
    pub recovers_from: Option<Millis>,
}

impl Scenario {
    pub fn run(&self, schedule: &Schedule) -> Figures {
        let history = simulation::run(
            schedule,
            &self.population,
            &self.endpoint,
            self.ends,
            Rng::with_seed(SEED),
        );
        Figures::of(&history, self.recovers_from)
    }
}

pub fn all() -> Vec<Scenario> {
    let outages = [5, 15, 30, 60, 120, 180, 240, 250, 300, 480, 720, 1440, 2880, 4320];
    let outages = outages.map(|minutes| trouble_of(minutes * MINUTE, Answer::Silence));
    let busy = [(HOUR, None), (HOUR, Some(3600)), (DAY, None), (DAY, Some(3600))];
    let busy = busy.map(|(lasts, asks_for)| trouble_of(lasts, Answer::Busy(asks_for)));
    let [strong, weak] = [500, 50].map(fleet_start);
    let fleets = [strong, weak, fleet_asked_to_wait(), fleet_restart()];
    let crashes = [crashes_in_the_attempt(), crashes_while_busy()];
    [steady_week()].into_iter().chain(outages).chain(busy).chain(fleets).chain(crashes).collect()
}

fn steady_week() -> Scenario {
    Scenario {
        title: "a steady week".to_owned(),
        population: installed_base(WEEK),
        endpoint: Endpoint::default(),
        ends: WEEK + 3 * DAY,
        recovers_from: None,
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
    let what = match answer {
        Answer::Silence => "an outage".to_owned(),
        Answer::Busy(None) => "503".to_owned(),
        Answer::Busy(Some(seconds)) => format!("503 with Retry-After: {seconds}"),
    };
    Scenario {
        title: format!("{what} for {}", words(lasts)),
        population: installed_base(ends),
        endpoint: Endpoint::in_trouble(HOUR, until, answer),
        ends,
        recovers_from: Some(until),
    }
}

pub fn fleet_start(capacity: u32) -> Scenario {
    Scenario {
        title: format!("100,000 first starts in one second; {capacity}/s can be served"),
        population: Population {
            instances: FLEET,
            within: SECOND,
            lifecycle: |_| Lifecycle::RestartedAt(NEVER),
        },
        endpoint: Endpoint { capacity, ..Endpoint::default() },
        ends: 2 * DAY,
        recovers_from: Some(MINUTE),
    }
}

pub fn fleet_asked_to_wait() -> Scenario {
    let endpoint = Endpoint::in_trouble(0, HOUR, Answer::Busy(Some(3600)));
    Scenario {
        title: "the same, with 503 and Retry-After: 3600 for an hour".to_owned(),
        endpoint: Endpoint { capacity: 500, ..endpoint },
        recovers_from: Some(HOUR),
        ..fleet_start(500)
    }
}

/// Containers that started during an outage of a day are all restarted an hour after it.
pub fn fleet_restart() -> Scenario {
    let endpoint = Endpoint::in_trouble(0, DAY, Answer::Silence);
    Scenario {
        title: "100,000 restarts at one instant, an hour after an outage of a day".to_owned(),
        population: Population {
            instances: FLEET,
            within: HOUR,
            lifecycle: |_| Lifecycle::RestartedAt(25 * HOUR),
        },
        endpoint: Endpoint { capacity: 500, ..endpoint },
        ends: 5 * DAY,
        recovers_from: Some(DAY),
    }
}

/// Servers that start every 10 s for a day.
fn crash_loop(how: &str, endpoint: Endpoint, lifecycle: fn(&mut Rng) -> Lifecycle) -> Scenario {
    Scenario {
        title: format!("1,000 servers that start every 10 s and crash {how}, for a day"),
        population: Population { instances: 1000, within: MINUTE, lifecycle },
        endpoint,
        ends: DAY,
        recovers_from: None,
    }
}

pub fn crashes_in_the_attempt() -> Scenario {
    crash_loop("in the middle of each attempt", Endpoint::default(), |_| Lifecycle::CrashLoop {
        runs: 100,
        pause: 10 * SECOND - 100,
    })
}

pub fn crashes_while_busy() -> Scenario {
    crash_loop("after a 503", Endpoint::in_trouble(0, DAY, Answer::Busy(None)), |_| {
        Lifecycle::CrashLoop { runs: 3 * SECOND, pause: 7 * SECOND }
    })
}
