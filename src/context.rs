//! What a handle knows of the world. It is passed in, so that a test makes a world of its own.

use std::sync::Arc;

use crate::clock::{Clock, SystemClock};
use crate::environment::Environment;
use crate::random::{Random, SystemRandom};

/// The environment, the time and the randomness that a handle works with.
#[derive(Clone)]
pub struct Context {
    /// The environment variables and the host's files.
    pub environment: Environment,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub random: Arc<dyn Random>,
}

impl Context {
    /// Those of this process.
    pub fn of_process() -> Self {
        Self {
            environment: Environment::of_process(),
            clock: Arc::new(SystemClock::default()),
            random: Arc::new(SystemRandom),
        }
    }
}
