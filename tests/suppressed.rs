//! A server that is not an installation says so when it starts telemetry.

mod support;

use psmdb_telemetry::StartOptions;
use support::process::Threads;
use support::{Server, World};

fn start_suppressed(world: &World, server: &Server, suppressed_by: &str) {
    let dbpath = world.dbpath.path();
    server.telemetry.start(&StartOptions { dbpath, version: "4.4.26-25", suppressed_by });
}

#[test]
fn telemetry_is_off_by_what_the_server_says_and_leaves_no_trace() {
    let world = World::new();
    let server = world.reporting();
    let threads = Threads::now();
    start_suppressed(&world, &server, "enableTestCommands");
    assert_eq!(threads.newer(), 0, "no thread was started");
    let now = server.status();
    assert_eq!((&now["state"], &now["enabled"]), (&"off".into(), &false.into()));
    assert_eq!(now["decidedBy"], "enableTestCommands");
    assert_eq!(world.host.lines(), [r#"Telemetry disabled decidedBy="enableTestCommands""#]);

    let refused = server.try_switch(true).unwrap_err();
    assert_eq!(refused.to_string(), "enableTestCommands disables telemetry; remove it first");
    server.stop();
    world.expect_silence();
}

#[test]
fn another_switch_that_goes_away_leaves_it_off() {
    let world = World::new();
    world.put("etc/percona/telemetry-disable", "");
    let server = world.server();
    start_suppressed(&world, &server, "a mark");
    assert_eq!(server.status()["decidedBy"], "/etc/percona/telemetry-disable");
    std::fs::remove_file(world.root.path().join("etc/percona/telemetry-disable")).unwrap();
    let refused = server.try_switch(true).unwrap_err();
    assert_eq!(refused.to_string(), "a mark disables telemetry; remove it first");
    server.stop();
}

#[test]
fn an_opt_in_before_its_start_leaves_a_stored_opt_out_alone() {
    let world = World::new().containing("optOut:1\n");
    let server = world.server();
    server.switch(true);
    start_suppressed(&world, &server, "a mark");
    server.stop();
    assert_eq!(world.file(), "optOut:1\n");
}
