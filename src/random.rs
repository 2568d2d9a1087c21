//! Random bytes for ids and jitter, passed in so that a test knows them.

/// A source of random bytes.
pub trait Random: Send + Sync {
    /// Sixteen bytes, or a sentence that says why there are none.
    fn bytes(&self) -> Result<[u8; 16], String>;
}

/// The kernel's random bytes.
#[derive(Debug)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn bytes(&self) -> Result<[u8; 16], String> {
        let mut bytes = [0; 16];
        getrandom::getrandom(&mut bytes)
            .map_err(|e| format!("cannot get random bytes from the kernel: {e}"))?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(SystemRandom.bytes(), SystemRandom.bytes());
    }
}
