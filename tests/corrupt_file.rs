//! A file without an identity in the place of one. (What is no file: `faults/`.)

mod support;

use std::fs;

use support::{ID, World};

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
        let world = World::new().containing(content);
        world.run().delivers();
        world.endpoint.request();
        assert!(world.value("instanceId").unwrap().starts_with("01010101-"));
        let warnings = world.host.warnings();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains(why) && warnings[0].contains("telemetry_uuid.corrupt"));
        assert_eq!(world.names(), ["telemetry_uuid", "telemetry_uuid.corrupt"]);
        assert_eq!(world.clock.waits().len(), 1, "the report waits as a first retry does");
        assert_eq!(fs::read(world.path("telemetry_uuid.corrupt")).unwrap(), content);
    }
}

#[test]
fn a_crash_after_the_quarantine_makes_no_report_of_it_at_once() {
    let world = World::new();
    fs::write(world.path("telemetry_uuid.corrupt"), "what a crash has left").unwrap();
    world.run().delivers();
    assert_eq!(world.clock.waits().len(), 1);
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
