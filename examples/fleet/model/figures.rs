//! What a history says in figures. Rates are requests per second in whole minutes: of a second alone,
//! chance decides.

use super::simulation::{History, Instance};
use super::time::{MINUTE, Millis, NEVER, SECOND};

#[derive(Clone, Debug)]
pub struct Figures {
    pub reports: usize,
    pub requests_per_instance: f64,
    /// The most that any one instance has made.
    pub most_requests: u32,
    pub duplicates: u64,
    pub lost_answers: u64,
    /// How long after its first start 999 in 1000 had reported; `None` if they have not.
    pub reported_within: Option<Millis>,
    pub recovery: Option<Recovery>,
    /// Still there, not reported, and silent until somebody restarts the server.
    pub forgotten: usize,
}

/// What follows an outage, or a rush.
#[derive(Clone, Copy, Debug)]
pub struct Recovery {
    /// How many waited when it began.
    pub waiting: usize,
    /// When 999 in 1000 of them had reported; `None` if they have not.
    pub reported_within: Option<Millis>,
    /// The busiest minute, and the mean, until 99 % of those who came through were through. The last
    /// ones would make it longer than it is steady.
    pub peak: f64,
    pub mean: f64,
}

impl Figures {
    pub fn of(history: &History, recovers_from: Option<Millis>) -> Self {
        let instances = &history.instances;
        let stays = |i: &&Instance| i.received || i.gone >= history.ends;
        let delay =
            |i: &Instance| i.reported.checked_sub(i.created).filter(|_| i.reported != NEVER);
        Self {
            reports: instances.iter().filter(|i| i.received).count(),
            requests_per_instance: mean(instances.iter().map(|i| i.requests)),
            most_requests: instances.iter().map(|i| i.requests).max().unwrap_or_default(),
            duplicates: history.duplicates,
            lost_answers: history.lost_answers,
            reported_within: when(instances.iter().filter(stays).map(delay).collect(), 999),
            recovery: recovers_from.map(|from| Recovery::of(history, from)),
            forgotten: instances.iter().filter(|i| i.gave_up && i.gone >= history.ends).count(),
        }
    }
}

impl Recovery {
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
        let seconds = &history.seconds[begins..ends.min(history.seconds.len())];
        Self {
            waiting: waiting.len(),
            reported_within: when(times.collect(), 999),
            peak: peak(seconds),
            mean: mean(seconds.iter().copied()),
        }
    }

    pub fn peak_over_mean(&self) -> f64 {
        self.peak / self.mean
    }
}

/// The moment at which so many in a thousand had happened, if that came.
fn when(mut moments: Vec<Option<Millis>>, thousandths: usize) -> Option<Millis> {
    moments.sort_unstable_by_key(|moment| moment.unwrap_or(NEVER));
    moments.get(moments.len() * thousandths / 1000).copied().flatten()
}

fn peak(seconds: &[u32]) -> f64 {
    seconds.chunks(60).map(|minute| mean(minute.iter().copied())).fold(0.0, f64::max)
}

fn mean(numbers: impl ExactSizeIterator<Item = u32>) -> f64 {
    let count = numbers.len() as f64;
    numbers.map(f64::from).sum::<f64>() / count
}
