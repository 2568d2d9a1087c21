//! An opt-out whose line was damaged is still one: what somebody forbade is not sent.

mod support;

use std::fs;

use support::{UNREPORTED, World};

/// What is left of `optOut:1`, in a file with an id and a report or in one without.
fn damaged() -> Vec<Vec<u8>> {
    let lines = [
        b"optOut:1\n".as_slice(),
        b"instanceId:broken\noptOut:1\n",
        "\u{feff}optOut:1\n".as_bytes(),
        b"\0optOut:1\n",
        "\u{a0}optOut:1\n".as_bytes(),
        b"\xa0optOut:1\n",
        b"opt\xa0Out\xa0:1\n",
        b"optOut\n",
        b"optOut:",
        b"OPTOUT:1\n",
        b"optout=true\n",
        b"opt-out: 1\n",
        b"optOut:1\0\0\0\0",
        b"optOut:1\roptOut:1\r",
    ];
    let alone = lines.map(<[u8]>::to_vec);
    let with_a_report = lines.map(|line| [UNREPORTED.as_bytes(), line].concat());
    let line_end_lost = format!("{}optOut:1\n", UNREPORTED.trim_end()).into_bytes();
    let whole = format!("{UNREPORTED}optOut:1\r\n");
    let utf_16 = |text: &str, of_unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(of_unit).collect()
    };
    let encodings = [whole.clone(), format!("\u{feff}{whole}")]
        .map(|text| [utf_16(&text, u16::to_le_bytes), utf_16(&text, u16::to_be_bytes)]);
    let too_long =
        ["\0optOut\n", "optOut:1\n"].map(|line| [line.as_bytes(), &vec![b'x'; 1 << 20]].concat());
    let others = encodings.into_iter().flatten().chain(too_long).chain([line_end_lost]);
    alone.into_iter().chain(with_a_report).chain(others).collect()
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
