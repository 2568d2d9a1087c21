//! Who names another destination than Percona's, or none, did not ask for Percona's.

mod support;

use psmdb_telemetry::parameters::When;
use support::receiver::{OK, Receiver};
use support::{World, status, stop, wait_for};

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
        let telemetry = world.telemetry();
        world.start(&telemetry);
        let status = wait_for(&telemetry, "failed");
        stop(&telemetry);
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
    let receiver = Receiver::answering(&[OK]);
    let telemetry = world.started(&receiver.url);
    receiver.request();
    wait_for(&telemetry, "sent");
    stop(&telemetry);
    assert!(world.host.warnings().is_empty());
}

#[test]
fn it_matters_to_nobody_who_has_opted_out_or_reported() {
    for (file, state) in [
        ("optOut:1\n", "off"),
        ("instanceId:6aef422e-56a7-4530-af9d-94cc02198343\nPRODUCT_FAMILY_PSMDB:1\n", "sent"),
    ] {
        let world = World::new().with("PERCONA_TELEMETRY_URL", "off");
        world.write_file(file);
        let telemetry = world.telemetry();
        world.start(&telemetry);
        wait_for(&telemetry, state);
        stop(&telemetry);
        assert_eq!(world.file(), file);
        assert!(world.host.warnings().is_empty());
    }
}

#[test]
fn it_can_still_be_switched_off() {
    let world = World::new().with("PERCONA_TELEMETRY_URL", "off");
    let telemetry = world.telemetry();
    world.start(&telemetry);
    wait_for(&telemetry, "failed");
    telemetry.set("perconaTelemetry", "false", When::Runtime).unwrap();
    assert_eq!(status(&telemetry)["state"], "off");
    stop(&telemetry);
    assert_eq!(world.file(), "optOut:1\n");
}
