//! The mark that the report was delivered. It is appended to the file and not flushed.
//!
//! If a crash of the machine loses the mark, the next start sends the same report under the same id, and the
//! service drops it. A flush would only make that rarer, at the price of two more.

use std::io::{self, Write};

use uuid::Uuid;

use super::record::{NEXT_ATTEMPT, REPORTED, SENT_AT};
use super::store::{SIZE_LIMIT, content};
use super::{FILE_NAME, Record, Store};
use crate::clock::Timestamp;

impl Store {
    /// Appends the mark to the file of this instance. False if it could not be appended, or not to this file:
    /// then the file is replaced, as for any other change, and that reports the error if there still is one.
    pub(crate) fn append_mark(&self, instance_id: Uuid, at: Timestamp) -> bool {
        self.try_append(instance_id, &mark(&at.to_string())).unwrap_or(false)
    }

    fn try_append(&self, instance_id: Uuid, mark: &str) -> io::Result<bool> {
        let flags = libc::O_RDWR | libc::O_APPEND | libc::O_NOFOLLOW | libc::O_NONBLOCK;
        let mut file = self.folder.open_file(FILE_NAME, flags)?;
        let Some(bytes) = content(&file)? else { return Ok(false) };
        let record = Record::parse(&bytes);
        let has_no = |key| record.values(key).next().is_none();
        let can_append = bytes.ends_with(b"\n")
            && bytes.len() + mark.len() <= SIZE_LIMIT
            && record.instance_id() == Some(instance_id)
            && [NEXT_ATTEMPT, REPORTED, SENT_AT].into_iter().all(has_no);
        if can_append {
            file.write_all(mark.as_bytes())?;
        }
        Ok(can_append)
    }
}

impl Record {
    /// Removes what a crash of the machine left of a mark at the end: a last line that is the beginning of one
    /// counts as that. Tools such as grep take a file with zeros for a binary one, and do not print the id.
    pub(crate) fn remove_torn_mark(&mut self) {
        // A mark is two lines, or one if zeros took the place of the line end between them.
        let count = self.lines.len();
        let mut begins = [2, 1].into_iter().filter_map(|lines| count.checked_sub(lines));
        let torn = begins.find(|begin| is_torn(&self.lines[*begin..].join(&b'\n')));
        self.lines.truncate(torn.unwrap_or(count));
    }
}

fn mark(at: &str) -> String {
    format!("{SENT_AT}:{at}\n{REPORTED}:1\n")
}

/// Whether this is the beginning of a mark, with zeros for some of its bytes.
fn is_torn(tail: &[u8]) -> bool {
    let whole = mark("0000-00-00T00:00:00Z").into_bytes();
    let is_left = |(found, expected): (&u8, &u8)| {
        *found == 0 || found == expected || (*expected == b'0' && found.is_ascii_digit())
    };
    !tail.is_empty() && tail.len() <= whole.len() && tail.iter().zip(&whole).all(is_left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::parse_instance_id;

    const ID: &str = "instanceId:6aef422e-56a7-4530-af9d-94cc02198343\n";
    const OTHER_ID: &str = "instanceId:c416c3ee-48cd-471c-9733-37c2886f8231\n";
    const MARK: &str = "sentAt:2026-11-22T12:00:00Z\nPRODUCT_FAMILY_PSMDB:1\n";

    fn append(store: &Store) -> bool {
        let id = ID.trim_end().strip_prefix("instanceId:").and_then(parse_instance_id);
        store.append_mark(id.unwrap(), Timestamp::parse("2026-11-22T12:00:00Z").unwrap())
    }

    /// The file after a mark was appended to this one; `None` if none was.
    fn appended_to(file: &str) -> Option<String> {
        let dbpath = tempfile::tempdir().unwrap();
        let path = dbpath.path().join(FILE_NAME);
        std::fs::write(&path, file).unwrap();
        let is_appended = append(&Store::open(dbpath.path()).unwrap());
        let now = std::fs::read_to_string(path).unwrap();
        assert_eq!(is_appended, now != file, "{now}");
        is_appended.then_some(now)
    }

    #[test]
    fn a_mark_is_appended_to_a_whole_file_with_an_id() {
        assert_eq!(appended_to(ID), Some(format!("{ID}{MARK}")));
        assert_eq!(appended_to(ID.trim_end()), None, "the last line has no end");
        assert_eq!(appended_to("OS:Linux\n"), None, "another file has taken its place");
        assert_eq!(appended_to(OTHER_ID), None, "another instance's file has");
    }

    #[test]
    fn no_mark_is_appended_to_what_it_would_contradict() {
        for line in ["nextAttempt:2026-11-23T12:00:00Z", "sentAt:never", "PRODUCT_FAMILY_PSMDB:0"] {
            assert_eq!(appended_to(&format!("{ID}{line}\n")), None, "{line}");
        }
    }

    #[test]
    fn no_mark_is_appended_through_a_link() {
        let dbpath = tempfile::tempdir().unwrap();
        let other = dbpath.path().join("other");
        std::fs::write(&other, ID).unwrap();
        std::os::unix::fs::symlink(&other, dbpath.path().join(FILE_NAME)).unwrap();
        assert!(!append(&Store::open(dbpath.path()).unwrap()));
        assert_eq!(std::fs::read_to_string(other).unwrap(), ID);
    }

    #[test]
    fn a_file_does_not_become_too_long_by_its_mark() {
        let room = SIZE_LIMIT - ID.len() - MARK.len();
        let fits = format!("{}\n{ID}", "x".repeat(room - 1));
        assert!(appended_to(&fits).is_some());
        assert_eq!(appended_to(&format!("x{fits}")), None);
    }
}
