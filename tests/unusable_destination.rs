//! Who names another destination than Percona's, or none, did not ask for Percona's.

mod support;

use support::{ID, World};

#[test]
fn what_the_environment_names_and_cannot_be_used_sends_nothing() {
    for (value, why) in [
        ("http://collector.internal/v1", "is http to another host"),
        ("https:/typo", "is not https://"),
        ("file://var/outbox", "names no absolute folder"),
        ("off", "is not https://"),
        ("none", "is not https://"),
        (" ", "is not https://"),
        ("https://collector.internal/v1 ", "has a space"),
        ("https://user:secret@collector.internal/", "holds a user name or password"),
    ] {
        let world = World::new().with("PERCONA_TELEMETRY_URL", value);
        let status = world.server().start().ends("failed");
        let error = status["lastError"].as_str().unwrap();
        assert!(error.starts_with("PERCONA_TELEMETRY_URL: ") && error.contains(why), "{error}");
        assert!(!error.contains("secret"), "{error}");
        assert!(status["destination"].is_null() && status["attempts"] == 0, "{status}");
        assert!(world.names().is_empty(), "no id is made for nobody");
        assert_eq!(world.host.warnings().len(), 1, "{:?}", world.host.lines());
    }
}

#[test]
fn the_server_parameter_takes_its_place() {
    let world = World::new().with("PERCONA_TELEMETRY_URL", "off");
    world.run().delivers();
    assert!(world.host.warnings().is_empty());
}

#[test]
fn it_matters_to_nobody_who_has_opted_out_or_reported() {
    let reported = format!("instanceId:{ID}\nPRODUCT_FAMILY_PSMDB:1\n");
    for (file, state) in [("optOut:1\n", "off"), (&reported, "sent")] {
        let world = World::new().with("PERCONA_TELEMETRY_URL", "off").containing(file);
        world.server().start().ends(state);
        assert_eq!(world.file(), file);
        assert!(world.host.warnings().is_empty());
    }
}

#[test]
fn it_can_still_be_switched_off() {
    let world = World::new().with("PERCONA_TELEMETRY_URL", "off");
    let server = world.server().start();
    server.reaches("failed");
    server.switch(false);
    server.ends("off");
    assert_eq!(world.file(), "optOut:1\n");
}
