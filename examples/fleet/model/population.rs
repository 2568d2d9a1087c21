//! Who reports: when servers first start, how long they run, and whether they come back.

use fastrand::Rng;

use super::time::{DAY, MINUTE, Millis, NEVER, SECOND};

/// How long a server runs, and what comes after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// Runs for three months between two restarts, on average.
    Server,
    /// A container with a volume: replaced once a week, on average, and then finds its dbpath.
    Container,
    /// A container without one, as in a test run: twenty minutes on average, then all of it is gone.
    Throwaway,
    /// Restarted at this moment, and then left alone.
    RestartedAt(Millis),
    /// Crashes this long after each start, and is started again after as long a pause.
    CrashLoop { runs: Millis, pause: Millis },
}

/// What an end of a run leads to.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub ends: Millis,
    /// When the server is started again; `None` if it and its dbpath are gone.
    pub again: Option<Millis>,
}

impl Lifecycle {
    /// The installed base, by a guess that the documentation states.
    pub fn of_anyone(random: &mut Rng) -> Self {
        match random.u64(..10) {
            0..=6 => Self::Server,
            7..=8 => Self::Container,
            _ => Self::Throwaway,
        }
    }

    /// How long it lasts is distributed exponentially: it ends at any moment with the same likelihood.
    pub fn run_from(self, now: Millis, random: &mut Rng) -> Run {
        let mut lasts = |mean: Millis| now + (-(1.0 - random.f64()).ln() * mean as f64) as Millis;
        let restart = |ends: Millis, pause| Run { ends, again: Some(ends.saturating_add(pause)) };
        match self {
            Self::Server => restart(lasts(90 * DAY), MINUTE),
            Self::Container => restart(lasts(7 * DAY), 10 * SECOND),
            Self::Throwaway => Run { ends: lasts(20 * MINUTE), again: None },
            Self::RestartedAt(moment) if now < moment => restart(moment, 0),
            Self::RestartedAt(_) => restart(NEVER, 0),
            Self::CrashLoop { runs, pause } => restart(now + runs, pause),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Population {
    pub instances: u32,
    /// They first start in this time, each moment being as likely as the other.
    pub within: Millis,
    pub lifecycle: fn(&mut Rng) -> Lifecycle,
}
