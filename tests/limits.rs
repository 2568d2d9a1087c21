//! What the kernel refuses: descriptors, and space.

mod support;

use std::os::fd::AsRawFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

use support::process::library_threads;
use support::{UNREPORTED, World, wait_until};

/// Held by each scenario: limits and descriptors are the whole process's.
static ALONE: Mutex<()> = Mutex::new(());

/// Waits until there is no other. The last to close a descriptor may be the library's thread, on its way
/// out.
fn alone() -> MutexGuard<'static, ()> {
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    wait_until("the end of the library's threads", || library_threads().is_empty());
    alone
}

struct Limited {
    resource: libc::__rlimit_resource_t,
    before: libc::rlimit,
}

impl Limited {
    fn to(resource: libc::__rlimit_resource_t, current: u64) -> Self {
        let mut before = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: both point to a valid rlimit for the duration of the call.
        unsafe {
            assert_eq!(libc::getrlimit(resource, &raw mut before), 0);
            let limit = libc::rlimit { rlim_cur: current, rlim_max: before.rlim_max };
            assert_eq!(libc::setrlimit(resource, &raw const limit), 0);
        }
        Self { resource, before }
    }
}

impl Drop for Limited {
    fn drop(&mut self) {
        // SAFETY: `before` is a valid rlimit.
        unsafe { libc::setrlimit(self.resource, &raw const self.before) };
    }
}

/// The number that the next open file of this process gets.
fn next_descriptor() -> u64 {
    let file = std::fs::File::open("/").unwrap();
    u64::try_from(file.as_raw_fd()).unwrap()
}

#[test]
fn whatever_descriptor_is_missing_the_identity_stays() {
    let _alone = alone();
    let mut errors = Vec::new();
    for missing in 0..8 {
        let world = World::new().containing(UNREPORTED);
        world.clock.hold();
        let server = world.reporting();
        let limited = Limited::to(libc::RLIMIT_NOFILE, next_descriptor() + missing);
        let server = server.start();
        server.wait_for_status("an end", |now| {
            ["failed", "retrying", "sent"].iter().any(|end| now["state"] == *end)
        });
        drop(limited);
        server.stop();
        assert!(world.file().starts_with(UNREPORTED), "{}", world.file());
        assert_eq!(world.names(), ["telemetry_uuid"]);
        errors.push(server.status()["lastError"].to_string());
    }
    assert!(errors[0].contains("the dbpath"), "{errors:#?}");
    assert_eq!(errors[7], "null", "there are enough in the end");
}

#[test]
fn an_id_for_which_there_is_no_space_is_not_sent_and_leaves_nothing() {
    let _alone = alone();
    let world = World::new();
    let server = world.reporting();
    // The signal that comes with it is blocked in the library's threads: an error is all there is.
    let limited = Limited::to(libc::RLIMIT_FSIZE, 100);
    let server = server.start();
    let line = server.logs("Telemetry failed");
    drop(limited);
    assert!(line.contains("cannot be written") && line.contains("have space"), "{line}");
    server.stop();
    world.expect_silence();
}
