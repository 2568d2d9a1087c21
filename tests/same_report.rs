//! A report is fixed before it is first sent, and never changes.

mod support;

use support::receiver::{OK, Receiver};
use support::{UNREPORTED, UNREPORTED_BODY, World, start_at, stop};

#[test]
fn a_stored_report_is_sent_as_it_is_whatever_has_changed_since() {
    // Another version, another system, another deployment than the stored report tells of.
    let world = World::new()
        .with("PERCONA_DEPLOYMENT_METHOD", "DOCKER")
        .with("PERCONA_OPERATING_SYSTEM", "Another One 1.0")
        .with("PERCONA_INSTANCE_ID", "99999999-9999-4999-8999-999999999999");
    let receiver = Receiver::answering(&[OK]);
    world.write_file(UNREPORTED);
    let telemetry = world.reporting_to(&receiver.url);
    start_at(&telemetry, world.dbpath.path(), "8.0.0-1");
    assert_eq!(receiver.request().body, UNREPORTED_BODY);
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    assert_eq!(
        world.file(),
        format!("{UNREPORTED}sentAt:2026-11-22T12:00:00Z\nPRODUCT_FAMILY_PSMDB:1\n")
    );
}

#[test]
fn every_retry_sends_the_same_bytes() {
    let world = World::new();
    let busy = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
    let receiver = Receiver::answering(&[busy, busy, busy, OK]);
    let telemetry = world.started(&receiver.url);
    let first = receiver.request();
    for _ in 0..3 {
        let next = receiver.request();
        assert_eq!((next.head, next.body), (first.head.clone(), first.body.clone()));
    }
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
}

#[test]
fn an_id_without_a_report_is_kept_and_gets_one() {
    let world = World::new();
    let receiver = Receiver::answering(&[OK]);
    world.write_file("instanceId:6aef422e-56a7-4530-af9d-94cc02198343\nunknown: is kept \n");
    let telemetry = world.started(&receiver.url);
    let body = receiver.request().body;
    assert!(body.contains(r#""instanceId":"6aef422e-56a7-4530-af9d-94cc02198343""#), "{body}");
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    assert!(world.file().starts_with(
        "instanceId:6aef422e-56a7-4530-af9d-94cc02198343\nunknown: is kept \nreportId:01010101-"
    ));
}

#[test]
fn a_given_instance_id_is_taken_on_a_first_start_and_a_bad_one_is_not() {
    let given = "99999999-9999-4999-8999-999999999999";
    let world = World::new().with("PERCONA_INSTANCE_ID", given);
    let receiver = Receiver::answering(&[OK]);
    let telemetry = world.started(&receiver.url);
    receiver.request();
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    assert_eq!(world.value("instanceId").as_deref(), Some(given));

    // The second is of version 1: it tells the time, and the address of a network card.
    for bad in ["my-server", "13814000-1dd2-11b2-8000-0242ac120002"] {
        let world = World::new().with("PERCONA_INSTANCE_ID", bad);
        let telemetry = world.started(&receiver.url);
        assert!(!receiver.request().body.contains(bad));
        world.host.wait_for("Telemetry report delivered");
        stop(&telemetry);
        assert!(world.value("instanceId").unwrap().starts_with("01010101-"));
        assert!(world.host.warnings()[0].contains("variable=\"PERCONA_INSTANCE_ID\""));
    }
}
