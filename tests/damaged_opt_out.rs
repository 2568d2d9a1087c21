//! An opt-out whose line was damaged is still one: what somebody forbade is not sent.

mod support;

use std::fs;

use psmdb_telemetry::parameters::When::Runtime;
use support::receiver::{OK, Receiver};
use support::{UNREPORTED, World, status, stop};

fn utf_16(text: &str, of_unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(of_unit).collect()
}

/// What is left of `optOut:1`, in a file with an id and a report or in one without.
fn damaged() -> Vec<Vec<u8>> {
    let lines = [
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
    let marked = format!("\u{feff}{whole}");
    let encodings = [
        utf_16(&whole, u16::to_le_bytes),
        utf_16(&whole, u16::to_be_bytes),
        utf_16(&marked, u16::to_le_bytes),
        utf_16(&marked, u16::to_be_bytes),
    ];
    let too_long = [b"\0optOut\n".as_slice(), &vec![b'x'; 1 << 20]].concat();
    let others = [line_end_lost, too_long].into_iter().chain(encodings);
    alone.into_iter().chain(with_a_report).chain(others).collect()
}

#[test]
fn it_keeps_telemetry_off_and_is_left_as_it_is() {
    for file in damaged() {
        let world = World::new();
        let receiver = Receiver::answering(&[OK]);
        fs::write(world.path("telemetry_uuid"), &file).unwrap();
        let telemetry = world.started(&receiver.url);
        world.host.wait_for("decidedBy=\"optOut in telemetry_uuid\"");
        assert_eq!(status(&telemetry)["state"], "off");
        stop(&telemetry);
        assert!(fs::read(world.path("telemetry_uuid")).unwrap() == file);
        assert_eq!(world.names(), ["telemetry_uuid"]);
        assert!(world.host.warnings().is_empty() && receiver.is_quiet());
    }
}

#[test]
fn an_opt_in_ends_it_for_good() {
    for file in damaged() {
        let world = World::new();
        let receiver = Receiver::answering(&[OK]);
        fs::write(world.path("telemetry_uuid"), &file).unwrap();
        let telemetry = world.started(&receiver.url);
        world.host.wait_for("decidedBy=\"optOut in telemetry_uuid\"");
        telemetry.set("perconaTelemetry", "true", Runtime).unwrap();
        receiver.request();
        world.host.wait_for("Telemetry report delivered");
        stop(&telemetry);

        let telemetry = world.started(&receiver.url);
        world.host.wait_for("report already delivered");
        assert_eq!(status(&telemetry)["enabled"], true);
        stop(&telemetry);
        assert!(receiver.is_quiet());
    }
}

#[test]
fn what_says_no_to_the_opt_out_is_none() {
    for value in ["0", "false", "NO", " off "] {
        let world = World::new();
        let receiver = Receiver::answering(&[OK]);
        world.write_file(&format!("{UNREPORTED}optOut:{value}\n"));
        let telemetry = world.started(&receiver.url);
        receiver.request();
        world.host.wait_for("Telemetry report delivered");
        stop(&telemetry);
    }
}
