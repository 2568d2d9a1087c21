//! A build without the feature `https`: there is no built-in client.

mod support;

use psmdb_telemetry::parameters::When::Startup;
use support::{World, stop};

#[cfg(not(feature = "https"))]
#[test]
fn an_endpoint_is_refused_at_start_up_if_nobody_can_reach_it() {
    let telemetry = World::new().telemetry();
    let error = telemetry.set("perconaTelemetryUrl", "https://check.example/", Startup);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("no HTTP client of its own and the server offers none"), "{error}");
}

#[cfg(not(feature = "https"))]
#[test]
fn the_default_endpoint_is_a_failure_that_says_why() {
    let world = World::new();
    let telemetry = world.telemetry();
    world.start(&telemetry);
    let line = world.host.wait_for("Telemetry failed");
    assert!(line.contains("only file:///folder can be used"), "{line}");
    stop(&telemetry);
}

#[test]
fn a_folder_is_a_destination_in_every_build() {
    let world = World::new();
    let outbox = tempfile::TempDir::new().unwrap();
    let telemetry = world.telemetry();
    let url = format!("file://{}", outbox.path().display());
    telemetry.set("perconaTelemetryUrl", &url, Startup).unwrap();
    world.start(&telemetry);
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
}
