//! What happens on the host and in the dbpath while a report waits for its time.

mod support;

use psmdb_telemetry::Telemetry;
use psmdb_telemetry::parameters::When::Startup;
use support::receiver::{OK, Receiver};
use support::{World, status, stop};

const ID: &str = "6aef422e-56a7-4530-af9d-94cc02198343";

/// A server whose report waits for its time, with a clock that stands until it is let go.
fn waiting(world: &World, receiver: &Receiver) -> Telemetry {
    world.clock.hold();
    let telemetry = world.reporting_to(&receiver.url);
    telemetry.set("perconaTelemetryGracePeriod", "3600", Startup).unwrap();
    world.start(&telemetry);
    world.clock.wait_for_wait();
    telemetry
}

#[test]
fn an_opt_out_in_the_dbpath_counts() {
    let world = World::new();
    let receiver = Receiver::answering(&[OK]);
    let telemetry = waiting(&world, &receiver);
    let file = format!("{}optOut:1\nPRODUCT_FAMILY_PS:1\n", world.file());
    world.write_file(&file);
    world.clock.release();
    world.host.wait_for("Telemetry disabled decidedBy=\"optOut in telemetry_uuid\"");
    assert_eq!(status(&telemetry)["state"], "off");
    stop(&telemetry);
    assert_eq!(world.file(), file);
    assert!(receiver.is_quiet());
}

#[test]
fn an_opt_out_of_the_host_counts() {
    let world = World::new();
    let receiver = Receiver::answering(&[OK]);
    let telemetry = waiting(&world, &receiver);
    world.put("etc/percona/telemetry-disable", "");
    world.clock.release();
    world.host.wait_for("Telemetry disabled decidedBy=\"/etc/percona/telemetry-disable\"");
    stop(&telemetry);
    assert!(receiver.is_quiet());
}

#[test]
fn what_others_write_into_the_file_is_kept() {
    let world = World::new();
    let receiver = Receiver::answering(&[OK]);
    let telemetry = waiting(&world, &receiver);
    world.write_file(&format!("PRODUCT_FAMILY_PS:1\n{}", world.file()));
    world.clock.release();
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    assert!(world.file().starts_with("PRODUCT_FAMILY_PS:1\ninstanceId:0101"));
    assert_eq!(world.value("PRODUCT_FAMILY_PSMDB").as_deref(), Some("1"));
}

#[test]
fn a_report_that_is_no_longer_stored_is_not_sent() {
    let world = World::new();
    let receiver = Receiver::answering(&[OK]);
    let telemetry = waiting(&world, &receiver);
    world.write_file(&format!("instanceId:{ID}\n"));
    world.clock.release();
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    assert!(receiver.request().body.contains(ID), "the identity of now, with a report of its own");
    assert!(receiver.is_quiet());
}

#[test]
fn a_report_that_somebody_else_has_sent_is_not_sent_again() {
    let world = World::new();
    let receiver = Receiver::answering(&[OK]);
    let telemetry = waiting(&world, &receiver);
    world.write_file(&format!("{}PRODUCT_FAMILY_PSMDB:1\n", world.file()));
    world.clock.release();
    world.host.wait_for("report already delivered");
    assert!(status(&telemetry)["nextAttempt"].is_null(), "there is none");
    stop(&telemetry);
    assert!(receiver.is_quiet());
}

#[test]
fn an_opt_out_in_a_file_too_long_to_be_read_whole_is_not_cut_off() {
    let world = World::new();
    let receiver = Receiver::silent();
    let telemetry = world.started(&receiver.url);
    let connection = receiver.connection();
    let file = format!("optOut:1\n{}", "x".repeat(1_300_000));
    world.write_file(&file);
    drop(connection);
    world.host.wait_for("Telemetry failed");
    stop(&telemetry);
    assert!(world.file() == file);
}
