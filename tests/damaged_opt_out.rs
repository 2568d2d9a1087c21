//! An opt-out whose line was damaged is still one: what somebody forbade is not sent.

mod support;

use std::fs;

use support::{UNREPORTED, World};

/// What is left of `optOut:1`, alone or after an id and a report. (All that counts as one:
/// `src/instance/opt_out.rs`.)
fn damaged() -> Vec<Vec<u8>> {
    let whole = format!("{UNREPORTED}optOut:1\r\n");
    vec![
        b"\0optOut:1\n".to_vec(),
        b"instanceId:broken\noptOut:1\n".to_vec(),
        b"optOut:1\0\0\0\0".to_vec(),
        format!("{UNREPORTED}opt-out: 1\n").into_bytes(),
        format!("{}optOut:1\n", UNREPORTED.trim_end()).into_bytes(),
        whole.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        [b"optOut:1\n".as_slice(), &vec![b'x'; 1 << 20]].concat(),
    ]
}

#[test]
fn it_keeps_telemetry_off_and_unchanged_until_an_opt_in_ends_it_for_good() {
    for file in damaged() {
        let world = World::new().containing(&file);
        let server = world.run();
        server.logs("decidedBy=\"optOut in telemetry_uuid\"");
        assert_eq!(server.status()["state"], "off");
        server.stop();
        assert!(fs::read(world.path("telemetry_uuid")).unwrap() == file);
        assert_eq!(world.names(), ["telemetry_uuid"]);
        assert!(world.host.warnings().is_empty() && world.endpoint.is_quiet());

        let server = world.run();
        server.reaches("off");
        server.switch(true);
        server.delivers();
        world.endpoint.request();

        let server = world.run();
        server.logs_and_stops("report already delivered");
        assert_eq!(server.status()["enabled"], true);
        assert!(world.endpoint.is_quiet());
    }
}

#[test]
fn what_says_no_to_the_opt_out_is_none() {
    for value in ["0", "false", "NO", " off "] {
        World::new().containing(format!("{UNREPORTED}optOut:{value}\n")).run().delivers();
    }
}
