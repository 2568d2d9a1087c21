//! A server that is not an installation says so when it starts telemetry.

mod support;

use psmdb_telemetry::parameters::When;
use psmdb_telemetry::{StartOptions, Telemetry};
use support::process::Threads;
use support::receiver::{OK, Receiver};
use support::{World, status, stop};

fn start_suppressed(world: &World, telemetry: &Telemetry, suppressed_by: &str) {
    let dbpath = world.dbpath.path();
    telemetry.start(&StartOptions { dbpath, version: "4.4.26-25", suppressed_by });
}

#[test]
fn telemetry_is_off_by_what_the_server_says_and_leaves_no_trace() {
    let world = World::new();
    let receiver = Receiver::answering(&[OK]);
    let telemetry = world.reporting_to(&receiver.url);
    let threads = Threads::now();
    start_suppressed(&world, &telemetry, "enableTestCommands");
    assert_eq!(threads.newer(), 0, "no thread was started");
    let now = status(&telemetry);
    assert_eq!((&now["state"], &now["enabled"]), (&"off".into(), &false.into()));
    assert_eq!(now["decidedBy"], "enableTestCommands");
    assert_eq!(world.host.lines(), [r#"Telemetry disabled decidedBy="enableTestCommands""#]);

    let refused = telemetry.set("perconaTelemetry", "true", When::Runtime).unwrap_err();
    assert_eq!(refused.to_string(), "enableTestCommands disables telemetry; remove it first");
    stop(&telemetry);
    assert!(world.names().is_empty() && receiver.is_quiet());
}

#[test]
fn another_switch_that_goes_away_leaves_it_off() {
    let world = World::new();
    world.put("etc/percona/telemetry-disable", "");
    let telemetry = world.telemetry();
    start_suppressed(&world, &telemetry, "a mark");
    assert_eq!(status(&telemetry)["decidedBy"], "/etc/percona/telemetry-disable");
    std::fs::remove_file(world.root.path().join("etc/percona/telemetry-disable")).unwrap();
    let refused = telemetry.set("perconaTelemetry", "true", When::Runtime).unwrap_err();
    assert_eq!(refused.to_string(), "a mark disables telemetry; remove it first");
    stop(&telemetry);
}

#[test]
fn an_opt_in_before_its_start_leaves_a_stored_opt_out_alone() {
    let world = World::new();
    world.write_file("optOut:1\n");
    let telemetry = world.telemetry();
    telemetry.set("perconaTelemetry", "true", When::Runtime).unwrap();
    start_suppressed(&world, &telemetry, "a mark");
    stop(&telemetry);
    assert_eq!(world.file(), "optOut:1\n");
}
