//! What happens on the host and in the dbpath while a report waits for its time.

mod support;

use support::endpoint::{BUSY, OK};
use support::{GRACE_PERIOD, ID, UNREPORTED, World};

const REPORTED: &str = "Telemetry report delivered";

/// This happens while a report waits for its time; then the server logs these words.
fn meanwhile<T>(happens: impl Fn(&World) -> T, words: &str) -> (World, T) {
    let world = World::new();
    world.clock.hold();
    let server = world.reporting().with(GRACE_PERIOD, "3600").start();
    world.clock.wait_for_wait();
    let result = happens(&world);
    world.clock.release();
    server.logs_and_stops(words);
    assert!(server.status()["nextAttempt"].is_null(), "there is none");
    (world, result)
}

/// Somebody changes the file in this way; also what it is then.
fn rewritten(change: impl Fn(String) -> String, words: &str) -> (World, String) {
    let write = |world: &World| {
        let file = change(world.file());
        world.write_file(&file);
        file
    };
    meanwhile(write, words)
}

#[test]
fn an_opt_out_in_the_dbpath_counts() {
    let words = "Telemetry disabled decidedBy=\"optOut in telemetry_uuid\"";
    let (world, file) = rewritten(|file| file + "optOut:1\nPRODUCT_FAMILY_PS:1\n", words);
    assert_eq!(world.file(), file);
    assert!(world.endpoint.is_quiet());
}

#[test]
fn an_opt_out_of_the_host_counts() {
    let put = |world: &World| world.put("etc/percona/telemetry-disable", "");
    let words = "Telemetry disabled decidedBy=\"/etc/percona/telemetry-disable\"";
    let (world, ()) = meanwhile(put, words);
    assert!(world.endpoint.is_quiet());
}

#[test]
fn what_others_write_into_the_file_is_kept() {
    let (world, file) = rewritten(|file| format!("PRODUCT_FAMILY_PS:1\n{file}"), REPORTED);
    assert!(world.file().starts_with(&file) && world.is_reported());
}

#[test]
fn a_report_that_is_no_longer_stored_is_not_sent() {
    let (world, _) = rewritten(|_| format!("instanceId:{ID}\n"), REPORTED);
    let body = world.endpoint.request().body;
    assert!(body.contains(ID), "the identity of now, with a report of its own");
    assert!(world.endpoint.is_quiet());
}

#[test]
fn a_report_that_somebody_else_has_sent_is_not_sent_again() {
    let words = "report already delivered";
    let (world, _) = rewritten(|file| file + "PRODUCT_FAMILY_PSMDB:1\n", words);
    assert!(world.endpoint.is_quiet());
}

#[test]
fn the_file_of_another_instance_is_left_alone_when_the_attempt_ends() {
    let file = "instanceId:c416c3ee-48cd-471c-9733-37c2886f8231\n";
    for (answer, words) in [(OK, REPORTED), (BUSY, "Telemetry report delivery failed")] {
        let left_over = World::silent().containing(UNREPORTED);
        for world in [World::silent(), left_over] {
            world.clock.hold();
            let server = world.run();
            world.endpoint.connection();
            world.write_file(file);
            world.endpoint.send(answer);
            server.logs_and_stops(words);
            assert_eq!(world.file(), file, "{words}");
        }
    }
}

#[test]
fn an_opt_out_in_a_file_too_long_to_be_read_whole_is_not_cut_off() {
    let world = World::silent();
    let server = world.run();
    world.endpoint.connection();
    let file = format!("optOut:1\n{}", "x".repeat(1_300_000));
    world.write_file(&file);
    world.endpoint.hang_up();
    server.logs_and_stops("Telemetry failed");
    assert!(world.file() == file);
}
