//! Delivery into a folder.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use support::{ID, UNREPORTED, UNREPORTED_BODY, World, names_in};

#[test]
fn the_body_is_written_into_the_folder_under_time_and_instance() {
    let world = World::new().containing(UNREPORTED);
    let outbox = tempfile::TempDir::new().unwrap();
    world.run_to(&format!("file://{}", outbox.path().display())).delivers();
    let name = format!("1795348800-{ID}.json");
    assert_eq!(names_in(outbox.path()), [&*name]);
    let file = outbox.path().join(name);
    assert_eq!(fs::read_to_string(&file).unwrap(), UNREPORTED_BODY);
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "as private as the identity");
    assert!(world.is_reported());
}

#[test]
fn a_folder_that_cannot_be_used_is_a_failure_that_names_it() {
    let world = World::new();
    let file = world.root.path().join("etc/os-release");
    for (folder, words) in [
        ("/nowhere/outbox", "must name an existing folder"),
        (file.to_str().unwrap(), "must name an existing folder"),
        ("/proc", "must be writable"),
    ] {
        let world = World::new();
        let server = world.run_to(&format!("file://{folder}"));
        let line = server.logs_and_stops("Telemetry failed");
        assert!(line.contains(folder) && line.contains(words), "{line}");
        assert_eq!(server.status()["state"], "failed");
        assert_eq!(world.host.warnings().len(), 1);
        assert!(!world.is_reported(), "to be sent by a later start");
    }
}
