//! What is found in the place of an identity, and is none.

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use support::receiver::{OK, Receiver};
use support::{World, stop, wait_for};

/// Puts something in the place of `telemetry_uuid` and expects a first start beside it.
fn is_moved_aside(put: impl Fn(&Path), why: &str) -> World {
    let world = World::new();
    let receiver = Receiver::answering(&[OK]);
    put(&world.path("telemetry_uuid"));
    let telemetry = world.started(&receiver.url);
    receiver.request();
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    assert!(world.value("instanceId").unwrap().starts_with("01010101-"));
    let warnings = world.host.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains(why) && warnings[0].contains("telemetry_uuid.corrupt"), "{why}");
    assert_eq!(world.names(), ["telemetry_uuid", "telemetry_uuid.corrupt"]);
    assert_eq!(world.clock.waits().len(), 1, "the report waits as a first retry does");
    world
}

#[test]
fn a_file_without_a_valid_id_is_moved_aside_and_a_first_start_follows() {
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
        let world = is_moved_aside(|path| fs::write(path, content).unwrap(), why);
        assert_eq!(fs::read(world.path("telemetry_uuid.corrupt")).unwrap(), content);
    }
}

#[test]
fn what_is_no_regular_file_is_moved_aside_and_not_touched() {
    let why = "is not a regular file";

    let target = tempfile::NamedTempFile::new().unwrap();
    fs::write(&target, "instanceId:6aef422e-56a7-4530-af9d-94cc02198343\n").unwrap();
    let world = is_moved_aside(|path| symlink(&target, path).unwrap(), why);
    let moved = world.path("telemetry_uuid.corrupt");
    assert_eq!(fs::read_link(&moved).unwrap(), target.path());
    assert!(fs::read_to_string(&target).unwrap().starts_with("instanceId:6aef"), "not followed");

    let world = is_moved_aside(|path| symlink("/nowhere", path).unwrap(), why);
    assert!(world.path("telemetry_uuid.corrupt").is_symlink());

    let put_folder = |path: &Path| {
        fs::create_dir(path).unwrap();
        fs::write(path.join("inside"), "precious").unwrap();
    };
    let world = is_moved_aside(put_folder, why);
    let inside = world.path("telemetry_uuid.corrupt/inside");
    assert_eq!(fs::read_to_string(inside).unwrap(), "precious");

    is_moved_aside(
        |path| {
            let path = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
            // SAFETY: a valid C string; the call touches nothing else.
            assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
        },
        why,
    );
    is_moved_aside(|path| drop(UnixListener::bind(path).unwrap()), why);
}

#[test]
fn a_crash_after_it_was_moved_aside_makes_no_report_of_it_at_once() {
    let world = World::new();
    let receiver = Receiver::answering(&[OK]);
    fs::write(world.path("telemetry_uuid.corrupt"), "what a crash has left").unwrap();
    let telemetry = world.started(&receiver.url);
    receiver.request();
    wait_for(&telemetry, "sent");
    stop(&telemetry);
    assert_eq!(world.clock.waits().len(), 1);
}

#[test]
fn one_corrupt_file_is_kept_the_latest() {
    let world = World::new();
    let receiver = Receiver::answering(&[OK]);
    fs::write(world.path("telemetry_uuid.corrupt"), "older").unwrap();
    world.write_file("newer");
    let telemetry = world.started(&receiver.url);
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    assert_eq!(fs::read_to_string(world.path("telemetry_uuid.corrupt")).unwrap(), "newer");
    assert_eq!(world.names(), ["telemetry_uuid", "telemetry_uuid.corrupt"]);
}

#[test]
fn off_counts_in_a_file_that_is_otherwise_corrupt() {
    let huge = format!("optOut:1\n{}", "x".repeat(1 << 20));
    for content in ["optOut:1\n", "instanceId:broken\noptOut:1\n", &huge] {
        let world = World::new();
        let receiver = Receiver::answering(&[OK]);
        world.write_file(content);
        let telemetry = world.started(&receiver.url);
        world.host.wait_for("Telemetry disabled decidedBy=\"optOut in telemetry_uuid\"");
        stop(&telemetry);
        assert_eq!(world.file(), content);
        assert_eq!(world.names(), ["telemetry_uuid"]);
        assert!(receiver.is_quiet());
    }
}

#[test]
fn a_file_that_would_grow_too_long_to_be_read_keeps_its_id() {
    let world = World::new();
    let id = "instanceId:6aef422e-56a7-4530-af9d-94cc02198343\n";
    let content = format!("{id}{}\n", "x".repeat((1 << 20) - id.len() - 1));
    world.write_file(&content);
    let receiver = Receiver::answering(&[OK]);
    for _ in 0..2 {
        let telemetry = world.started(&receiver.url);
        let status = wait_for(&telemetry, "failed");
        stop(&telemetry);
        let why = status["lastError"].as_str().unwrap();
        assert!(why.contains("telemetry_uuid exceeds 1 MiB; remove unknown lines"), "{why}");
        assert_eq!(world.names(), ["telemetry_uuid"]);
        assert!(world.file() == content && receiver.is_quiet());
    }
}
