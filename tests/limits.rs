//! What the kernel refuses: descriptors. (Space: `faults/`.)

mod support;

use std::os::fd::AsRawFd;

use support::{UNREPORTED, World};

/// Sets how many descriptors this process may have, and returns how many it could have before.
fn limit_descriptors(to: u64) -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls get a valid rlimit.
    unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit), 0);
        let before = std::mem::replace(&mut limit.rlim_cur, to);
        assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit), 0);
        before
    }
}

/// The number that the next open file of this process gets.
fn next_descriptor() -> u64 {
    let file = std::fs::File::open("/").unwrap();
    u64::try_from(file.as_raw_fd()).unwrap()
}

#[test]
fn whatever_descriptor_is_missing_the_identity_stays() {
    let mut errors = Vec::new();
    for missing in 0..8 {
        let world = World::new().containing(UNREPORTED);
        world.clock.hold();
        let server = world.reporting();
        let before = limit_descriptors(next_descriptor() + missing);
        let server = server.start();
        server.wait_for_status("an end", |now| {
            ["failed", "retrying", "sent"].iter().any(|end| now["state"] == *end)
        });
        limit_descriptors(before);
        server.stop();
        assert!(world.file().starts_with(UNREPORTED), "{}", world.file());
        assert_eq!(world.names(), ["telemetry_uuid"]);
        errors.push(server.status()["lastError"].to_string());
    }
    assert!(errors[0].contains("the dbpath"), "{errors:#?}");
    assert_eq!(errors[7], "null", "there are enough in the end");
}
