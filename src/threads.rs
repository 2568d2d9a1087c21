//! Threads that do not disturb the server.

use std::io;
use std::mem::MaybeUninit;
use std::thread::{Builder, JoinHandle};

/// Enough for a TLS handshake in a debug build; fixed, so that neither `ulimit -s` nor
/// `RUST_MIN_STACK` changes it.
const STACK_BYTES: usize = 512 * 1024;

/// Starts a thread with every signal blocked, as the server's own threads are: it is the server
/// that handles signals. That there can be no more threads is an error like any other.
///
/// The name shows in `ps` and in debuggers, up to 15 bytes of it.
pub fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    // A thread inherits the mask of the one that starts it. Blocking only inside of it would
    // leave a moment in which it could be chosen to handle a signal.
    let mask = BlockedSignals::block();
    let thread = Builder::new().name(name.to_owned()).stack_size(STACK_BYTES).spawn(body);
    drop(mask);
    thread
}

/// All signals blocked for the calling thread; the former mask comes back on drop.
struct BlockedSignals {
    former: libc::sigset_t,
}

impl BlockedSignals {
    fn block() -> Self {
        let mut all = MaybeUninit::uninit();
        let mut former = MaybeUninit::uninit();
        // SAFETY: sigfillset initialises the set it is given, pthread_sigmask reads that one and
        // initialises the other; with these arguments neither can fail.
        unsafe {
            libc::sigfillset(all.as_mut_ptr());
            libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), former.as_mut_ptr());
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
