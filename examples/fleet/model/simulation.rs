//! The run of a scenario, event by event.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use fastrand::Rng;
use psmdb_telemetry::delivery::Outcome;
use psmdb_telemetry::delivery::retry::{RetryContext, RetryDecision, Schedule};

use super::endpoint::Endpoint;
use super::population::{Lifecycle, Population};
use super::time::{Millis, NEVER, SECOND, millis, stored, timestamp};

/// One instance: its dbpath, its server, and what the endpoint knows of it.
#[derive(Clone, Debug)]
pub struct Instance {
    lifecycle: Lifecycle,
    /// When the report was made.
    pub created: Millis,
    /// `nextAttempt` in its dbpath.
    deferred_until: Option<Millis>,
    /// When `PRODUCT_FAMILY_PSMDB:1` was written, or never.
    pub reported: Millis,
    /// When the dbpath was thrown away, or never.
    pub gone: Millis,
    ends: Millis,
    attempts: u32,
    /// Whether this run makes no more of them although the report is not delivered.
    pub gave_up: bool,
    /// Whether an earlier run has left the report.
    left_over: bool,
    pub received: bool,
    pub requests: u32,
}

#[derive(Debug)]
pub struct History {
    pub instances: Vec<Instance>,
    pub seconds: Vec<u32>,
    /// Reports that the endpoint had already.
    pub duplicates: u64,
    /// Reports that arrived, and whose sender did not learn of it.
    pub lost_answers: u64,
    pub ends: Millis,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Start,
    Attempt,
}

/// Who comes first is first in order.
type Event = Reverse<(Millis, u32, What)>;

struct Simulation<'a> {
    schedule: &'a Schedule,
    endpoint: Endpoint,
    random: Rng,
    events: BinaryHeap<Event>,
    history: History,
}

pub fn run(
    schedule: &Schedule,
    population: &Population,
    endpoint: &Endpoint,
    ends: Millis,
    mut random: Rng,
) -> History {
    let instances: Vec<_> =
        (0..population.instances).map(|_| Instance::new(population, &mut random)).collect();
    let first_starts = instances
        .iter()
        .zip(0..)
        .map(|(instance, id)| Reverse((instance.created, id, What::Start)));
    let mut simulation = Simulation {
        schedule,
        endpoint: endpoint.clone(),
        random,
        events: first_starts.collect(),
        history: History {
            instances,
            seconds: vec![0; usize::try_from(ends / SECOND).expect("a time that ends")],
            duplicates: 0,
            lost_answers: 0,
            ends,
        },
    };
    while let Some(Reverse((now, id, what))) = simulation.events.pop() {
        match what {
            What::Start => simulation.start(now, id),
            What::Attempt => simulation.attempt(now, id),
        }
    }
    simulation.history
}

impl Instance {
    fn new(population: &Population, random: &mut Rng) -> Self {
        Self {
            lifecycle: (population.lifecycle)(random),
            created: random.u64(..population.within),
            deferred_until: None,
            reported: NEVER,
            gone: NEVER,
            ends: 0,
            attempts: 0,
            gave_up: false,
            left_over: false,
            received: false,
            requests: 0,
        }
    }
}

impl Simulation<'_> {
    fn at(&mut self, time: Millis, id: u32, what: What) {
        if time < self.history.ends {
            self.events.push(Reverse((time, id, what)));
        }
    }

    /// A server starts and looks into its dbpath.
    fn start(&mut self, now: Millis, id: u32) {
        let instance = &mut self.history.instances[id as usize];
        if instance.reported != NEVER {
            return;
        }
        let run = instance.lifecycle.run_from(now, &mut self.random);
        instance.ends = run.ends;
        instance.attempts = 0;
        instance.gave_up = false;
        instance.left_over = instance.created != now;
        if run.again.is_none() {
            instance.gone = run.ends;
        }
        let deferred = instance.deferred_until.map(timestamp);
        let first =
            now + millis(self.schedule.initial_delay(timestamp(now), deferred, Duration::ZERO));
        if first < run.ends {
            self.at(first, id, What::Attempt);
        }
        if let Some(again) = run.again {
            self.at(again, id, What::Start);
        }
    }

    fn attempt(&mut self, now: Millis, id: u32) {
        let instance = &mut self.history.instances[id as usize];
        let age = |time: Millis| Duration::from_millis(time - instance.created);
        if instance.attempts == 0 && instance.left_over {
            let delay = self.schedule.crash_backoff(age(now), self.random.u64(..));
            instance.deferred_until = Some(stored(now + millis(delay)));
        }
        instance.attempts += 1;
        instance.requests += 1;
        self.history.seconds[(now / SECOND) as usize] += 1;

        let reply = self.endpoint.request(now, &mut self.random);
        let known = now + reply.after;
        let crashed = known >= instance.ends;
        if reply.received {
            self.history.duplicates += u64::from(instance.received);
            let told = reply.outcome == Outcome::Delivered && !crashed;
            self.history.lost_answers += u64::from(!told);
            instance.received = true;
        }
        if crashed {
            return;
        }
        let context = RetryContext { attempts: instance.attempts, age: age(known) };
        let random = self.random.u64(..);
        match self.schedule.decide(context, &reply.outcome, timestamp(known), random) {
            RetryDecision::Done => instance.reported = known,
            RetryDecision::Fail => unreachable!("these hosts have no faults of their own"),
            RetryDecision::GiveUp(delay) => {
                instance.deferred_until = Some(stored(known + millis(delay)));
                instance.gave_up = true;
            }
            RetryDecision::Retry(delay) => {
                let again = known + millis(delay);
                instance.deferred_until = Some(stored(again));
                if again < instance.ends {
                    self.at(again, id, What::Attempt);
                }
            }
        }
    }
}
