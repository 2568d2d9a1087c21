//! The mark of a delivery is appended and not flushed. Whatever a crash of the machine makes of it, the
//! report counts as delivered, or the same report is sent again; nothing else is lost.

mod support;

use support::receiver::{OK, Receiver};
use support::{UNREPORTED, UNREPORTED_BODY, World, stop};

const MARK: &str = "sentAt:2026-11-22T12:00:00Z\nPRODUCT_FAMILY_PSMDB:1\n";
const NOTE: &str = "note:kept\n";

/// What XFS, ext4 and their like may leave of an append that was not flushed: a part of it, and zeros for
/// the part that is missing at the end or at the beginning.
fn remains() -> Vec<Vec<u8>> {
    let zeros = |count: usize| vec![0; count];
    let mark = MARK.as_bytes();
    let mut remains = Vec::new();
    for split in 0..mark.len() {
        let (begin, end) = mark.split_at(split);
        remains.push(begin.to_vec());
        remains.push([begin, &zeros(end.len())].concat());
        remains.push([&zeros(begin.len()), end].concat());
    }
    remains
}

/// Starts on what is left, and returns the reports that are sent.
fn sent_after(left: &[u8], world: &World) -> Vec<String> {
    let file = [UNREPORTED.as_bytes(), NOTE.as_bytes(), left].concat();
    std::fs::write(world.path("telemetry_uuid"), file).unwrap();
    let receiver = Receiver::answering(&[OK]);
    let telemetry = world.started(&receiver.url);
    let line = world.host.wait_for("delivered");
    let was_sent = line.contains("report delivered");
    let sent = if was_sent { vec![receiver.request().body] } else { Vec::new() };
    assert!(receiver.is_quiet());
    stop(&telemetry);
    sent
}

#[test]
fn the_same_report_is_sent_again_unless_the_mark_is_whole() {
    for left in remains() {
        let world = World::new();
        let is_marked = left.ends_with(b"\nPRODUCT_FAMILY_PSMDB:1\n")
            || left.ends_with(b"\nPRODUCT_FAMILY_PSMDB:1");
        let sent = sent_after(&left, &world);
        let expected = if is_marked { vec![] } else { vec![UNREPORTED_BODY.to_owned()] };
        assert_eq!(sent, expected, "{}", left.escape_ascii());
        assert_eq!(world.names(), ["telemetry_uuid"], "{}", left.escape_ascii());
        if !is_marked {
            assert_eq!(
                world.file(),
                format!("{UNREPORTED}{NOTE}{MARK}"),
                "{}",
                left.escape_ascii()
            );
        }
    }
}
