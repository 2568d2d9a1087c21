//! Threads that do not disturb the server.

use std::io;
use std::mem::MaybeUninit;

use crate::sync::thread::{Builder, JoinHandle};

/// Enough for a TLS handshake in a debug build; fixed, so that neither `ulimit -s` nor
/// `RUST_MIN_STACK` changes it.
const STACK_BYTES: usize = 512 * 1024;

/// The signals that a thread's own fault raises. They are not blocked: a blocked one would end the
/// process without the server's handler, and so without its stack trace.
const SYNCHRONOUS: [libc::c_int; 7] = [
    libc::SIGABRT,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGILL,
    libc::SIGSEGV,
    libc::SIGSYS,
    libc::SIGTRAP,
];

/// Starts a thread with the asynchronous signals blocked, as in the server's own threads: the server
/// handles signals. It is an error, and no panic, if no thread can be created.
///
/// The name shows in `ps` and in debuggers, up to 15 bytes of it.
pub fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    // A thread inherits the mask of the one that creates it. If the new thread blocked them itself, it
    // might handle a signal before that. So the caller blocks them while it creates the thread.
    let mask = BlockedSignals::block();
    let thread = Builder::new().name(name.to_owned()).stack_size(STACK_BYTES).spawn(body);
    drop(mask);
    thread
}

/// Blocks all signals but [`SYNCHRONOUS`] for the calling thread; drop restores the former mask.
struct BlockedSignals {
    former: libc::sigset_t,
}

impl BlockedSignals {
    fn block() -> Self {
        let mut blocked = MaybeUninit::uninit();
        let mut former = MaybeUninit::uninit();
        // SAFETY: sigfillset initialises the set it is given, sigdelset changes that one,
        // pthread_sigmask reads it and initialises the other; with these arguments none can fail.
        unsafe {
            libc::sigfillset(blocked.as_mut_ptr());
            for signal in SYNCHRONOUS {
                libc::sigdelset(blocked.as_mut_ptr(), signal);
            }
            libc::pthread_sigmask(libc::SIG_SETMASK, blocked.as_ptr(), former.as_mut_ptr());
            Self { former: former.assume_init() }
        }
    }
}

impl Drop for BlockedSignals {
    fn drop(&mut self) {
        // SAFETY: `former` is a valid set, and a null pointer says that the mask replaced is not
        // wanted.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.former, std::ptr::null_mut());
        }
    }
}

#[cfg(test)]
#[cfg(not(interleavings))]
mod tests {
    use super::*;

    /// Whether the calling thread blocks this signal.
    fn blocks(signal: libc::c_int) -> bool {
        let mut mask = MaybeUninit::uninit();
        // SAFETY: a null pointer changes nothing, and the call initialises the other set.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, std::ptr::null(), mask.as_mut_ptr());
            libc::sigismember(mask.as_ptr(), signal) == 1
        }
    }

    #[test]
    fn a_new_thread_leaves_signals_to_the_server_and_its_creator_as_before() {
        let check = || {
            assert!(blocks(libc::SIGTERM) && blocks(libc::SIGUSR2));
            assert!(SYNCHRONOUS.into_iter().all(|signal| !blocks(signal)));
        };
        spawn("test", check).unwrap().join().unwrap();
        assert!(!blocks(libc::SIGTERM));
    }
}
