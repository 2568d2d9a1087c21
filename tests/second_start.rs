//! An instance that has reported does nothing, whoever marked it.

mod support;

use support::process::Threads;
use support::receiver::{OK, Receiver};
use support::{UNREPORTED, World, status, stop, wait_until};

#[test]
fn a_second_start_sends_nothing_writes_nothing_and_leaves_no_thread() {
    let world = World::new();
    let receiver = Receiver::answering(&[OK]);
    let first = world.started(&receiver.url);
    receiver.request();
    world.host.wait_for("Telemetry report delivered");
    stop(&first);
    let (file, written) = (world.file(), world.path("telemetry_uuid").metadata().unwrap());

    let threads = Threads::now();
    let second = world.started(&receiver.url);
    world
        .host
        .wait_for(r#"report already delivered decidedBy="default" sentAt="2026-11-22T12:00:00Z""#);
    let status = status(&second);
    assert_eq!(status["state"], "sent");
    assert_eq!(status["attempts"], 0);
    assert_eq!(status["report"]["id"], "02020202-0202-4202-8202-020202020202");
    wait_until("the thread's end", || threads.newer() == 0);
    stop(&second);
    assert!(receiver.is_quiet());
    assert_eq!(world.file(), file);
    let now = world.path("telemetry_uuid").metadata().unwrap();
    assert_eq!(now.modified().unwrap(), written.modified().unwrap());
}

#[test]
fn a_report_that_percona_s_tools_have_sent_is_not_sent_again() {
    let world = World::new();
    let receiver = Receiver::answering(&[OK]);
    let file = "instanceId: 6aef422e-56a7-4530-af9d-94cc02198343\nPRODUCT_FAMILY_PSMDB: 1\n";
    world.write_file(file);
    let telemetry = world.started(&receiver.url);
    world.host.wait_for("report already delivered");
    let status = status(&telemetry);
    assert_eq!(status["state"], "sent");
    assert_eq!(status["instanceId"], "6aef422e-56a7-4530-af9d-94cc02198343");
    assert!(status["report"].is_null(), "nobody knows what it was");
    stop(&telemetry);
    assert!(receiver.is_quiet());
    assert_eq!(world.file(), file);
}

#[test]
fn an_id_of_another_version_that_has_reported_is_left_alone() {
    let world = World::new();
    let receiver = Receiver::answering(&[OK]);
    let file = "instanceId:13814000-1dd2-11b2-8000-0242ac120002\nPRODUCT_FAMILY_PSMDB:1\n";
    world.write_file(file);
    let telemetry = world.started(&receiver.url);
    world.host.wait_for("report already delivered");
    stop(&telemetry);
    assert!(receiver.is_quiet());
    assert_eq!(world.file(), file);
    assert_eq!(world.names(), ["telemetry_uuid"]);
}

#[test]
fn a_mark_that_is_not_1_is_no_mark() {
    let world = World::new();
    let receiver = Receiver::answering(&[OK]);
    world.write_file(&format!("{UNREPORTED}PRODUCT_FAMILY_PSMDB:0\n"));
    let telemetry = world.started(&receiver.url);
    receiver.request();
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    assert_eq!(world.value("PRODUCT_FAMILY_PSMDB").as_deref(), Some("1"));
}
