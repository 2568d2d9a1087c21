//! The endpoint: how much it can do, when it is down, and what it answers.

use fastrand::Rng;
use psmdb_telemetry::delivery::Outcome;

use super::time::{Millis, SECOND};

/// The library's time-outs.
const CONNECT: Millis = 5 * SECOND;
const ATTEMPT: Millis = 10 * SECOND;
/// There and back, and the work.
const ANSWER: Millis = 200;

#[derive(Clone, Copy, Debug)]
pub struct Trouble {
    pub from: Millis,
    pub until: Millis,
    pub answer: Answer,
}

#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// None: connections time out.
    Silence,
    /// 503, with the seconds of `Retry-After`.
    Busy(Option<u32>),
}

#[derive(Clone, Debug)]
pub struct Endpoint {
    pub trouble: Option<Trouble>,
    /// Reports that it can take in a second. Those that come faster wait in line.
    pub capacity: u32,
    /// How long the line may be: who would wait longer gets 503. Longer than a client's patience,
    /// so that it also works on what nobody waits for any more.
    pub line: Millis,
    /// The parts of all requests, and of all answers, that get lost on the way.
    pub lost_requests: f64,
    pub lost_answers: f64,
    /// When it will have worked off its line, in microseconds.
    pub free_at: u64,
}

#[derive(Debug)]
pub struct Reply {
    /// Whether the endpoint has the report.
    pub received: bool,
    pub outcome: Outcome,
    /// When the client knows.
    pub after: Millis,
}

impl Default for Endpoint {
    /// Well, large, and behind a network like any other.
    fn default() -> Self {
        Self {
            trouble: None,
            capacity: 10_000,
            line: 15 * SECOND,
            lost_requests: 0.002,
            lost_answers: 0.001,
            free_at: 0,
        }
    }
}

impl Endpoint {
    pub fn in_trouble(from: Millis, until: Millis, answer: Answer) -> Self {
        Self { trouble: Some(Trouble { from, until, answer }), ..Self::default() }
    }

    pub fn request(&mut self, now: Millis, random: &mut Rng) -> Reply {
        match self.trouble.filter(|trouble| (trouble.from..trouble.until).contains(&now)) {
            Some(Trouble { answer: Answer::Silence, .. }) => return no_answer(false, CONNECT),
            Some(Trouble { answer: Answer::Busy(seconds), .. }) => return busy(seconds),
            None => {}
        }
        if random.f64() < self.lost_requests {
            return no_answer(false, ATTEMPT);
        }
        let waits = (self.free_at / 1000).saturating_sub(now);
        if waits > self.line {
            return busy(None);
        }
        self.free_at = self.free_at.max(now * 1000) + 1_000_000 / u64::from(self.capacity);
        if waits + ANSWER > ATTEMPT || random.f64() < self.lost_answers {
            return no_answer(true, ATTEMPT);
        }
        Reply { received: true, outcome: Outcome::Delivered, after: waits + ANSWER }
    }
}

fn no_answer(received: bool, after: Millis) -> Reply {
    Reply { received, outcome: Outcome::Unreachable(String::new()), after }
}

fn busy(seconds: Option<u32>) -> Reply {
    let retry_after = seconds.map(|seconds| seconds.to_string());
    let outcome = Outcome::Refused { status: 503, retry_after };
    Reply { received: false, outcome, after: ANSWER }
}
