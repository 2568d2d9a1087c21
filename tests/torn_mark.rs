//! The mark of a delivery is appended and not flushed. Whatever a crash of the machine makes of it, the
//! report counts as delivered, or the same report is sent again; nothing else is lost.

mod support;

use support::{UNREPORTED, UNREPORTED_BODY, World};

const MARK: &str = "sentAt:2026-11-22T12:00:00Z\nPRODUCT_FAMILY_PSMDB:1\n";
const NOTE: &str = "note:kept\n";

/// What XFS, ext4 and similar file systems may leave of an append that was not flushed: a part of it, and
/// zeros for the part that is missing at the end or at the beginning.
fn remains() -> impl Iterator<Item = Vec<u8>> {
    (0..MARK.len()).flat_map(|split| {
        let (begin, end) = MARK.as_bytes().split_at(split);
        let zeros = |part: &[u8]| vec![0; part.len()];
        [begin.to_vec(), [begin, &zeros(end)].concat(), [&zeros(begin), end].concat()]
    })
}

#[test]
fn the_same_report_is_sent_again_unless_the_mark_is_whole() {
    for left in remains() {
        let shown = left.escape_ascii();
        let file = [UNREPORTED.as_bytes(), NOTE.as_bytes(), &left].concat();
        let world = World::new().containing(&file);
        let is_whole = left.trim_ascii_end().ends_with(b"\nPRODUCT_FAMILY_PSMDB:1");
        if is_whole {
            world.run().logs_and_stops("report already delivered");
            assert!(world.endpoint.is_quiet(), "{shown}");
            assert_eq!(world.file().as_bytes(), file, "{shown}");
        } else {
            world.run().delivers();
            assert_eq!(world.endpoint.request().body, UNREPORTED_BODY, "{shown}");
            assert_eq!(world.file(), format!("{UNREPORTED}{NOTE}{MARK}"), "{shown}");
        }
        assert_eq!(world.names(), ["telemetry_uuid"], "{shown}");
    }
}

#[test]
fn a_last_line_of_others_is_kept_whatever_is_in_it() {
    for line in
        ["note:\0", "sentinel", "PRODU\0T:1", "sentAt\0of 2026", &"\0".repeat(MARK.len() + 1)]
    {
        let file = format!("{UNREPORTED}{line}\n");
        let world = World::new().containing(&file);
        world.run().delivers();
        assert_eq!(world.file(), format!("{file}{MARK}"), "{}", line.escape_debug());
    }
}
