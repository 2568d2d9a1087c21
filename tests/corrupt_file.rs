//! What is found in the place of an identity, and is none.

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use support::{ID, World};

/// Puts something in the place of `telemetry_uuid` and expects a first start beside it.
fn is_quarantined(put: impl Fn(&Path), why: &str) -> World {
    let world = World::new();
    put(&world.path("telemetry_uuid"));
    world.run().delivers();
    world.endpoint.request();
    assert!(world.value("instanceId").unwrap().starts_with("01010101-"));
    let warnings = world.host.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains(why) && warnings[0].contains("telemetry_uuid.corrupt"), "{why}");
    assert_eq!(world.names(), ["telemetry_uuid", "telemetry_uuid.corrupt"]);
    assert_eq!(world.clock.waits().len(), 1, "the report waits as a first retry does");
    world
}

#[test]
fn a_file_without_a_valid_id_is_quarantined_and_a_first_start_follows() {
    let huge = vec![b'x'; 10 << 20];
    let contents: [&[u8]; 7] = [
        b"",
        b"\n\n",
        b"instanceId:6aef422e-56a7-4530-af9",
        b"\x7fELF\x00\x01\xff\xfe",
        b"PRODUCT_FAMILY_PSMDB:1\n",
        // Version 1: the time, and the address of a network card.
        b"instanceId:13814000-1dd2-11b2-8000-0242ac120002\n",
        &huge,
    ];
    for content in contents {
        let why = if content.len() > 1000 { "is too long" } else { "holds no valid instanceId" };
        let world = is_quarantined(|path| fs::write(path, content).unwrap(), why);
        assert_eq!(fs::read(world.path("telemetry_uuid.corrupt")).unwrap(), content);
    }
}

#[test]
fn what_is_no_regular_file_is_quarantined_and_not_touched() {
    let quarantined = |put: &dyn Fn(&Path)| {
        is_quarantined(put, "is not a regular file").path("telemetry_uuid.corrupt")
    };
    let target = tempfile::NamedTempFile::new().unwrap();
    fs::write(&target, format!("instanceId:{ID}\n")).unwrap();
    quarantined(&|path| {
        symlink(&target, path).unwrap();
    });
    assert_eq!(fs::read_to_string(&target).unwrap(), format!("instanceId:{ID}\n"), "not followed");
    quarantined(&|path| symlink("/nowhere", path).unwrap());
    quarantined(&|path| support::make_fifo(path));
    quarantined(&|path| drop(UnixListener::bind(path).unwrap()));

    let put_folder = |path: &Path| {
        fs::create_dir(path).unwrap();
        fs::write(path.join("inside"), "precious").unwrap();
    };
    let world = is_quarantined(put_folder, "is not a regular file");
    let inside = world.path("telemetry_uuid.corrupt/inside");
    assert_eq!(fs::read_to_string(inside).unwrap(), "precious");
}

#[test]
fn a_crash_after_the_quarantine_makes_no_report_of_it_at_once() {
    let world = World::new();
    fs::write(world.path("telemetry_uuid.corrupt"), "what a crash has left").unwrap();
    world.run().delivers();
    assert_eq!(world.clock.waits().len(), 1);
}

#[test]
fn one_corrupt_file_is_kept_the_latest() {
    let world = World::new().containing("newer");
    fs::write(world.path("telemetry_uuid.corrupt"), "older").unwrap();
    world.run().delivers();
    assert_eq!(fs::read_to_string(world.path("telemetry_uuid.corrupt")).unwrap(), "newer");
    assert_eq!(world.names(), ["telemetry_uuid", "telemetry_uuid.corrupt"]);
}

#[test]
fn a_file_that_would_grow_too_long_to_be_read_keeps_its_id() {
    let id = format!("instanceId:{ID}\n");
    let content = format!("{id}{}\n", "x".repeat((1 << 20) - id.len() - 1));
    let world = World::new().containing(&content);
    for _ in 0..2 {
        let why = world.run().ends("failed")["lastError"].to_string();
        assert!(why.contains("telemetry_uuid exceeds 1 MiB; remove unknown lines"), "{why}");
        assert_eq!(world.names(), ["telemetry_uuid"]);
        assert!(world.file() == content && world.endpoint.is_quiet());
    }
}
