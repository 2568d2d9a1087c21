//! The panic guard: nothing unwinds into the server.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a body; a panic in it becomes an error with the panic's message.
///
/// The shared state stays usable after a panic: locks protect plain data that is changed in one step, and
/// the code that catches a panic switches telemetry off.
pub fn guard<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(body)).map_err(message_of)
}

fn message_of(payload: Box<dyn Any + Send>) -> String {
    let payload = match payload.downcast::<String>() {
        Ok(message) => return *message,
        Err(other) => other,
    };
    if let Some(message) = payload.downcast_ref::<&str>() {
        return (*message).to_owned();
    }
    // Any other payload may panic again when it is dropped: leaking it is safe.
    std::mem::forget(payload);
    "panic with non-string payload".to_owned()
}

#[cfg(test)]
mod tests {
    use super::guard;

    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(guard(|| 7), Ok(7));
        assert_eq!(guard(|| -> u8 { panic!("plain") }), Err("plain".to_owned()));
        assert_eq!(guard(|| -> u8 { panic!("number {}", 7) }), Err("number 7".to_owned()));
        let odd = guard(|| -> u8 { std::panic::panic_any(7_u8) });
        assert_eq!(odd, Err("panic with non-string payload".to_owned()));
    }
}
