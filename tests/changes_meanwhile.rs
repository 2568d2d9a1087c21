//! What happens on the host and in the dbpath while a report waits for its time.

mod support;

use support::{GRACE_PERIOD, ID, World};

/// A report waits for its time while this happens; then the server logs these words. Whether the report
/// was sent.
fn meanwhile(happens: impl Fn(&World), words: &str) -> (World, bool) {
    let world = World::new();
    world.clock.hold();
    let server = world.reporting().with(GRACE_PERIOD, "3600").start();
    world.clock.wait_for_wait();
    happens(&world);
    world.clock.release();
    server.logs_and_stops(words);
    assert!(server.status()["nextAttempt"].is_null(), "there is none");
    let is_sent = !world.endpoint.is_quiet();
    (world, is_sent)
}

#[test]
fn an_opt_out_in_the_dbpath_counts() {
    let write = |world: &World| {
        world.write_file(format!("{}optOut:1\nPRODUCT_FAMILY_PS:1\n", world.file()));
    };
    let words = "Telemetry disabled decidedBy=\"optOut in telemetry_uuid\"";
    let (world, is_sent) = meanwhile(write, words);
    assert!(world.file().ends_with("optOut:1\nPRODUCT_FAMILY_PS:1\n") && !is_sent);
}

#[test]
fn an_opt_out_of_the_host_counts() {
    let put = |world: &World| world.put("etc/percona/telemetry-disable", "");
    let words = "Telemetry disabled decidedBy=\"/etc/percona/telemetry-disable\"";
    assert!(!meanwhile(put, words).1);
}

#[test]
fn what_others_write_into_the_file_is_kept() {
    let write = |world: &World| world.write_file(format!("PRODUCT_FAMILY_PS:1\n{}", world.file()));
    let (world, is_sent) = meanwhile(write, "Telemetry report delivered");
    assert!(world.file().starts_with("PRODUCT_FAMILY_PS:1\ninstanceId:0101"));
    assert!(is_sent && world.is_reported());
}

#[test]
fn a_report_that_is_no_longer_stored_is_not_sent() {
    let write = |world: &World| world.write_file(format!("instanceId:{ID}\n"));
    let (world, _) = meanwhile(write, "Telemetry report delivered");
    let body = world.endpoint.request().body;
    assert!(body.contains(ID), "the identity of now, with a report of its own");
    assert!(world.endpoint.is_quiet());
}

#[test]
fn a_report_that_somebody_else_has_sent_is_not_sent_again() {
    let write =
        |world: &World| world.write_file(format!("{}PRODUCT_FAMILY_PSMDB:1\n", world.file()));
    assert!(!meanwhile(write, "report already delivered").1);
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
