//! A build without the feature `https`: there is no built-in client.

mod support;

use support::World;

#[cfg(not(feature = "https"))]
#[test]
fn an_endpoint_is_refused_at_start_up_if_nobody_can_reach_it() {
    use psmdb_telemetry::parameters::When::Startup;
    let telemetry = World::new().server().telemetry;
    let error = telemetry.set(support::URL, "https://check.example/", Startup).unwrap_err();
    let error = error.to_string();
    assert!(error.contains("no HTTP client of its own and the server offers none"), "{error}");
}

#[cfg(not(feature = "https"))]
#[test]
fn the_default_endpoint_is_a_failure_that_says_why() {
    let line = World::new().server().start().logs_and_stops("Telemetry failed");
    assert!(line.contains("only file:///folder can be used"), "{line}");
}

#[test]
fn a_folder_is_a_destination_in_every_build() {
    let outbox = tempfile::TempDir::new().unwrap();
    World::new().run_to(&format!("file://{}", outbox.path().display())).delivers();
}
