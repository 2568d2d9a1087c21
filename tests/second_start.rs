//! An instance that has reported does nothing, whoever marked it.

mod support;

use support::process::Threads;
use support::{ID, UNREPORTED, World, wait_until};

#[test]
fn a_second_start_sends_nothing_writes_nothing_and_keeps_no_thread() {
    let world = World::new();
    world.run().delivers();
    world.endpoint.request();
    let (file, written) = (world.file(), world.path("telemetry_uuid").metadata().unwrap());

    let threads = Threads::now();
    let second = world.run();
    second.logs(r#"report already delivered decidedBy="default" sentAt="2026-11-22T12:00:00Z""#);
    let status = second.status();
    assert_eq!((&status["state"], &status["attempts"]), (&"sent".into(), &0.into()));
    assert_eq!(status["report"]["id"], "02020202-0202-4202-8202-020202020202");
    wait_until("the thread's end", || threads.newer() == 0);
    second.stop();
    assert!(world.endpoint.is_quiet());
    assert_eq!(world.file(), file);
    let now = world.path("telemetry_uuid").metadata().unwrap();
    assert_eq!(now.modified().unwrap(), written.modified().unwrap());
}

#[test]
fn a_report_that_percona_s_tools_have_sent_is_not_sent_again() {
    // The second id is of another version.
    for id in [ID, "13814000-1dd2-11b2-8000-0242ac120002"] {
        let file = format!("instanceId: {id}\nPRODUCT_FAMILY_PSMDB: 1\n");
        let world = World::new().containing(&file);
        let server = world.run();
        server.logs_and_stops("report already delivered");
        let status = server.status();
        assert_eq!((&status["state"], &status["instanceId"]), (&"sent".into(), &id.into()));
        assert!(status["report"].is_null(), "nobody knows what it was");
        assert!(world.endpoint.is_quiet());
        assert_eq!((world.file(), world.names()), (file, vec!["telemetry_uuid".to_owned()]));
    }
}

#[test]
fn a_mark_that_is_not_1_is_no_mark() {
    let world = World::new().containing(format!("{UNREPORTED}PRODUCT_FAMILY_PSMDB:0\n"));
    world.run().delivers();
    assert!(world.is_reported());
}
