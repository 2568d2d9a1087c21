//! A file of the host that cannot be read for a transient reason leaves no gap in a report.

mod support;

use std::os::unix::fs::symlink;

use serde_json::Value;
use support::{Server, World};

const OS_RELEASE: &str = "etc/os-release";

/// A host on whose os-release each read fails with EIO: nothing is mapped at address 0.
fn failing() -> World {
    let world = World::new();
    let path = world.root.path().join(OS_RELEASE);
    std::fs::remove_file(&path).unwrap();
    symlink("/proc/self/mem", path).unwrap();
    world
}

fn repair(world: &World) {
    std::fs::remove_file(world.root.path().join(OS_RELEASE)).unwrap();
    world.put(OS_RELEASE, "PRETTY_NAME=\"Repaired 1\"\nID=ol\nVERSION_ID=8\n");
}

fn metric(server: &Server, key: &str) -> Value {
    let now = server.status();
    let metrics = now["report"]["metrics"].as_array().unwrap();
    metrics.iter().find(|metric| metric["key"] == key).unwrap()["value"].clone()
}

#[test]
fn a_preview_shows_what_is_known_and_the_next_reads_again() {
    let world = failing().with("DO_NOT_TRACK", "1");
    let server = world.server().start();
    assert_eq!(metric(&server, "OS"), "unknown");
    assert_eq!(metric(&server, "pillar_version"), "4.4.26-25");
    repair(&world);
    assert_eq!(metric(&server, "OS"), "Repaired 1");
    world.put(OS_RELEASE, "PRETTY_NAME=\"Upgraded 2\"\n");
    assert_eq!(metric(&server, "OS"), "Repaired 1", "what could be read is read once");
    server.stop();
}

#[test]
fn no_report_is_made_until_all_of_it_can_be_read() {
    let world = failing();
    let server = world.run();
    let now = server.reaches("failed");
    let error = now["lastError"].as_str().unwrap();
    assert!(error.starts_with("cannot read /etc/os-release (Input/output error"), "{error}");
    world.expect_silence();

    repair(&world);
    server.switch(true);
    server.delivers();
    let body = world.endpoint.request().body;
    assert!(body.contains("Repaired 1"), "{body}");
}
