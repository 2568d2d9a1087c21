//! An id that cannot be stored is never sent. (What is planted under its names: `faults/`.)

mod support;

use std::fs;
use std::path::Path;

use support::{NOWHERE, UNREPORTED, World};

/// Starts on a dbpath that cannot be used and expects one warning with these words.
fn fails(world: &World, dbpath: &Path, words: &str) {
    let server = world.reporting().start_at(dbpath, "4.4.26-25");
    let line = server.logs_and_stops("Telemetry failed");
    assert!(line.contains(&words.replace('"', "\\\"")), "{line}");
    let status = server.status();
    assert_eq!((&status["state"], &status["attempts"]), (&"failed".into(), &0.into()));
    assert!(status["lastError"].as_str().unwrap().contains(words));
    assert_eq!(world.host.warnings().len(), 1);
    assert!(world.endpoint.is_quiet());
}

#[test]
fn a_dbpath_that_cannot_be_used_is_named() {
    let world = World::new();
    let missing = world.path("missing");
    fails(&world, &missing, "it must be an existing folder that the server may read and write");
    assert!(!missing.exists());

    fails(&World::new(), Path::new(""), "the dbpath \"\" cannot be opened (");

    let world = World::new();
    fs::write(world.path("file"), "").unwrap();
    fails(&world, &world.path("file"), "it must be an existing folder");

    // Not even root may create a file there.
    fails(&World::new(), Path::new("/proc"), "the dbpath must be writable and have space");
}

#[test]
fn a_dbpath_of_any_length_makes_a_message_of_bounded_length() {
    let world = World::new();
    let long = Path::new("/").join("\u{e9}".repeat(1_000_000));
    // Not in the middle of a character.
    fails(&world, &long, &format!("the dbpath \"/{}…\" cannot be opened (", "\u{e9}".repeat(127)));

    let folder = ["x"; 8].map(|name| name.repeat(100)).join("/");
    let deep = world.path(&folder);
    fs::create_dir_all(deep.join("telemetry_uuid.tmp")).unwrap();
    fails(&World::new(), &deep, "x…/telemetry_uuid.tmp exists but is not a telemetry file");
}

#[test]
fn a_temporary_file_of_a_crash_is_removed_also_by_a_start_that_writes_nothing() {
    let reported = format!("{UNREPORTED}sentAt:2023-11-01T10:46:24Z\nPRODUCT_FAMILY_PSMDB:1\n");
    let opted_out = format!("{reported}optOut:1\n");
    for (file, said) in [(reported, "report already delivered"), (opted_out, "Telemetry disabled")]
    {
        let world = World::new().containing(&file);
        fs::write(world.path("telemetry_uuid.tmp"), "instanceId:half a").unwrap();
        world.run_to(NOWHERE).logs_and_stops(said);
        assert_eq!((world.names(), world.file()), (vec!["telemetry_uuid".to_owned()], file));
    }
    let world = World::new();
    fs::write(world.path("telemetry_uuid.tmp"), "instanceId:half a").unwrap();
    world.run().delivers();
    assert_eq!(world.names(), ["telemetry_uuid"]);
}
