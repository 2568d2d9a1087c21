//! What a history says in figures.

use super::simulation::{History, Instance};
use super::time::{MINUTE, Millis, NEVER, SECOND};

/// The figures of one scenario under one policy.
#[derive(Clone, Debug)]
pub struct Figures {
    pub reports: usize,
    pub requests: u64,
    /// The most that any one instance has made.
    pub most_requests: u32,
    pub duplicates: u64,
    pub lost_answers: u64,
    /// Requests in the busiest second.
    pub busiest_second: u32,
    /// Of whole minutes: of a second alone, chance decides.
    pub rate: Rate,
    /// How long after its first start 999 in 1000 had reported; `None` if they have not.
    pub reported_within: Option<Millis>,
    pub after: Option<Aftermath>,
    /// Thrown away with its server before it could report.
    pub thrown_away: usize,
    /// Still there, not reported, and silent until somebody restarts the server.
    pub forgotten: usize,
}

/// Requests per second.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// In the busiest minute.
    pub peak: f64,
    pub mean: f64,
}

/// What follows an outage, or a rush.
#[derive(Clone, Copy, Debug)]
pub struct Aftermath {
    /// How many waited when it began.
    pub waiting: usize,
    /// When 999 in 1000 of them had reported; `None` if they have not.
    pub reported_within: Option<Millis>,
    /// The recovery: until 99 % of those who came through were through. The last ones would make it
    /// longer than it is steady.
    pub recovery: Rate,
}

impl Rate {
    fn of(seconds: &[u32]) -> Self {
        Self { peak: seconds.chunks(60).map(mean).fold(0.0, f64::max), mean: mean(seconds) }
    }

    pub fn peak_over_mean(&self) -> f64 {
        self.peak / self.mean
    }
}

impl Figures {
    /// `from` is where the aftermath begins.
    pub fn of(history: &History, from: Option<Millis>) -> Self {
        let instances = &history.instances;
        let stays = |i: &&Instance| i.received || i.gone >= history.ends;
        let delay =
            |i: &Instance| i.reported.checked_sub(i.created).filter(|_| i.reported != NEVER);
        let last = history.seconds.iter().rposition(|count| *count > 0).unwrap_or_default();
        Self {
            reports: instances.iter().filter(|i| i.received).count(),
            requests: sum(&history.seconds),
            most_requests: instances.iter().map(|i| i.requests).max().unwrap_or_default(),
            duplicates: history.duplicates,
            lost_answers: history.lost_answers,
            busiest_second: history.seconds.iter().copied().max().unwrap_or_default(),
            rate: Rate::of(&history.seconds[..(last / 60 + 1) * 60]),
            reported_within: when(instances.iter().filter(stays).map(delay).collect(), 999),
            after: from.map(|from| Aftermath::of(history, from)),
            thrown_away: instances.iter().filter(|i| !stays(i)).count(),
            forgotten: instances.iter().filter(|i| i.gave_up && i.gone >= history.ends).count(),
        }
    }

    pub fn requests_per_report(&self) -> f64 {
        self.requests as f64 / self.reports as f64
    }
}

impl Aftermath {
    fn of(history: &History, from: Millis) -> Self {
        let waited = |i: &&Instance| i.created < from && i.reported >= from && i.gone > from;
        let waiting: Vec<_> = history.instances.iter().filter(waited).collect();
        let report = |i: &&&Instance| i.reported != NEVER;
        let through = waiting.iter().filter(report).map(|i| Some(i.reported - from)).collect();
        let stayed = waiting.iter().filter(|i| i.reported != NEVER || i.gone >= history.ends);
        let times = stayed.map(|i| Some(i.reported - from).filter(|_| i.reported != NEVER));
        let lasts = when(through, 990).unwrap_or_default();
        let begins = (from / SECOND) as usize;
        let ends = begins + (lasts / MINUTE + 1) as usize * 60;
        Self {
            waiting: waiting.len(),
            reported_within: when(times.collect(), 999),
            recovery: Rate::of(&history.seconds[begins..ends.min(history.seconds.len())]),
        }
    }
}

/// The moment at which so many in a thousand had happened, if that came.
fn when(mut moments: Vec<Option<Millis>>, thousandths: usize) -> Option<Millis> {
    moments.sort_unstable_by_key(|moment| moment.unwrap_or(NEVER));
    moments.get(moments.len() * thousandths / 1000).copied().flatten()
}

fn sum(seconds: &[u32]) -> u64 {
    seconds.iter().copied().map(u64::from).sum()
}

fn mean(seconds: &[u32]) -> f64 {
    sum(seconds) as f64 / seconds.len() as f64
}
