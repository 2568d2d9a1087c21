//! A report is fixed before it is first sent, and never changes. (In each retry: `endpoints/`.)

mod support;

use support::{ID, UNREPORTED, UNREPORTED_BODY, World};

const OTHER_ID: &str = "99999999-9999-4999-8999-999999999999";

#[test]
fn a_stored_report_is_sent_as_it_is_whatever_has_changed_since() {
    // Another version, another system, another deployment than the stored report has.
    let world = World::new()
        .with("PERCONA_DEPLOYMENT_METHOD", "DOCKER")
        .with("PERCONA_OPERATING_SYSTEM", "Another One 1.0")
        .with("PERCONA_INSTANCE_ID", OTHER_ID)
        .containing(UNREPORTED);
    world.reporting().start_at(world.dbpath.path(), "8.0.0-1").delivers();
    assert_eq!(world.endpoint.request().body, UNREPORTED_BODY);
    let sent = "sentAt:2026-11-22T12:00:00Z\nPRODUCT_FAMILY_PSMDB:1\n";
    assert_eq!(world.file(), UNREPORTED.to_owned() + sent);
}

#[test]
fn an_id_without_a_report_is_kept_and_gets_one() {
    let file = format!("instanceId:{ID}\nunknown: is kept \n");
    let world = World::new().containing(&file);
    world.run().delivers();
    let body = world.endpoint.request().body;
    assert!(body.contains(&format!(r#""instanceId":"{ID}""#)), "{body}");
    assert!(world.file().starts_with(&(file + "reportId:01010101-")));
}

#[test]
fn a_given_instance_id_is_taken_on_a_first_start_and_a_bad_one_is_not() {
    let world = World::new().with("PERCONA_INSTANCE_ID", OTHER_ID);
    world.run().delivers();
    assert_eq!(world.value("instanceId").as_deref(), Some(OTHER_ID));

    // The second is of version 1: it holds the time, and the address of a network card.
    for bad in ["my-server", "13814000-1dd2-11b2-8000-0242ac120002"] {
        let world = World::new().with("PERCONA_INSTANCE_ID", bad);
        world.run().delivers();
        assert!(!world.endpoint.request().body.contains(bad));
        assert!(world.value("instanceId").unwrap().starts_with("01010101-"));
        assert!(world.host.warnings()[0].contains("variable=\"PERCONA_INSTANCE_ID\""));
    }
}
