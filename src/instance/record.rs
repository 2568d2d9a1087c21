//! What `telemetry_uuid` says: `key:value` lines, as Percona's own tools read and write them.

use uuid::{Uuid, Variant};

use super::opt_out;
use crate::clock::Timestamp;
use crate::consent;

const INSTANCE_ID: &str = "instanceId";
pub(super) const NEXT_ATTEMPT: &str = "nextAttempt";
pub(super) const SENT_AT: &str = "sentAt";
pub(super) const REPORTED: &str = "PRODUCT_FAMILY_PSMDB";
const OPT_OUT: &str = "optOut";

/// The lines of the file. Lines that mean nothing to us are kept as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    pub(super) lines: Vec<Vec<u8>>,
}

impl Record {
    /// Splits the file into lines. Never fails: whether they say anything is asked later.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut lines: Vec<_> = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        if lines.last().is_some_and(Vec::is_empty) {
            lines.pop();
        }
        Self { lines }
    }

    /// Nothing but an opt-out.
    pub fn opt_out() -> Self {
        let mut record = Self::default();
        record.set_opted_out(true);
        record
    }

    /// Whether there is nothing to keep in a file.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The file's content.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.lines.iter().flat_map(|line| line.iter().copied().chain([b'\n'])).collect()
    }

    /// The instance's id, if the file holds a valid one. Nothing more is sent of an instance that
    /// has reported, so there an id of another version is as good.
    pub fn instance_id(&self) -> Option<Uuid> {
        let random = self.values(INSTANCE_ID).find_map(parse_instance_id);
        random.or_else(|| {
            let any = self.values(INSTANCE_ID).filter_map(parse_uuid);
            any.filter(|_| self.is_reported()).find(|id| !id.is_nil() && !id.is_max())
        })
    }

    /// Whether the report has been delivered, by us or by one of Percona's tools.
    pub fn is_reported(&self) -> bool {
        self.values(REPORTED).any(|value| value == "1")
    }

    /// When it was delivered; Percona's tools do not write that down.
    pub fn sent_at(&self) -> Option<Timestamp> {
        self.values(SENT_AT).find_map(Timestamp::parse).filter(|_| self.is_reported())
    }

    /// Marks the report as delivered.
    pub fn set_reported(&mut self, at: Timestamp) {
        self.clear_next_attempt();
        self.set(SENT_AT, &at.to_string());
        self.set(REPORTED, "1");
    }

    /// The earliest time of the next attempt. A value that is no time counts as none.
    pub fn next_attempt(&self) -> Option<Timestamp> {
        self.values(NEXT_ATTEMPT).find_map(Timestamp::parse)
    }

    /// Defers the next attempt.
    pub fn set_next_attempt(&mut self, at: Timestamp) {
        self.set(NEXT_ATTEMPT, &at.to_string());
    }

    /// Defers it no longer.
    pub fn clear_next_attempt(&mut self) {
        self.remove(NEXT_ATTEMPT);
    }

    /// Whether the server parameter has switched telemetry off for good.
    pub fn is_opted_out(&self) -> bool {
        self.lines.iter().any(|line| is_opt_out(line))
    }

    /// Stores what the server parameter says. An opt-in removes every line that says off.
    pub fn set_opted_out(&mut self, opted_out: bool) {
        if opted_out {
            self.set(OPT_OUT, "1");
        } else {
            self.lines.retain(|line| !has_key(line, OPT_OUT) && !is_opt_out(line));
        }
    }

    /// Stores the id of the instance. Nothing is delivered under it yet.
    pub fn set_instance_id(&mut self, id: Uuid) {
        self.remove(REPORTED);
        self.remove(SENT_AT);
        self.set(INSTANCE_ID, &id.to_string());
    }

    /// The readable values of a key, in the order of the file.
    pub(crate) fn values<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        let pairs = self.lines.iter().filter_map(|line| split(line));
        let of_key = pairs.filter(move |(found, _)| *found == key.as_bytes());
        of_key.filter_map(|(_, value)| str::from_utf8(value).ok())
    }

    /// Sets the one value of a key.
    pub(crate) fn set(&mut self, key: &str, value: &str) {
        let line = format!("{key}:{value}").into_bytes();
        match self.lines.iter().position(|line| has_key(line, key)) {
            Some(first) => {
                self.lines[first] = line;
                let mut index = 0;
                self.lines.retain(|line| {
                    index += 1;
                    index <= first + 1 || !has_key(line, key)
                });
            }
            None => self.lines.push(line),
        }
    }

    fn remove(&mut self, key: &str) {
        self.lines.retain(|line| !has_key(line, key));
    }
}

/// An id of an instance or a report: a hyphenated uuid of random bits, version 4. Other versions
/// hold the address of a network card, a time or a hash of a name.
pub fn parse_instance_id(text: &str) -> Option<Uuid> {
    let is_random = |id: &Uuid| id.get_version_num() == 4 && id.get_variant() == Variant::RFC4122;
    parse_uuid(text).filter(is_random)
}

fn parse_uuid(text: &str) -> Option<Uuid> {
    // `Uuid` also reads forms in braces, without hyphens and as a URN.
    Uuid::try_parse(text).ok().filter(|_| text.len() == uuid::fmt::Hyphenated::LENGTH)
}

/// Key and value: the key ends at the first colon, space around both is dropped.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    Some((line[..colon].trim_ascii(), line[colon + 1..].trim_ascii()))
}

fn has_key(line: &[u8], key: &str) -> bool {
    split(line).is_some_and(|(found, _)| found == key.as_bytes())
}

/// Whether a line says that telemetry is off: an `optOut` whose value is not one of those that say
/// no, or what may once have been an opt-out.
fn is_opt_out(line: &[u8]) -> bool {
    match split(line) {
        Some((key, value)) if key == OPT_OUT.as_bytes() => {
            value.is_empty() || str::from_utf8(value).map_or(true, consent::opts_out)
        }
        _ => opt_out::is_in(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "6aef422e-56a7-4530-af9d-94cc02198343";

    fn id_in(file: &str) -> Option<String> {
        Record::parse(file.as_bytes()).instance_id().map(|id| id.to_string())
    }

    #[test]
    fn a_file_of_percona_s_tools_is_read() {
        let record = Record::parse(b"instanceId:6aef422e-56a7-4530-af9d-94cc02198343\n");
        assert_eq!(record.instance_id().unwrap().to_string(), ID);
        assert!(!record.is_reported());

        let record = Record::parse(format!("instanceId: {ID}\nPRODUCT_FAMILY_PSMDB:1").as_bytes());
        assert!(record.is_reported());
        assert_eq!(record.sent_at(), None);
    }

    #[test]
    fn space_around_key_and_value_is_dropped() {
        assert_eq!(id_in(&format!("  instanceId \t: {ID} \r\n")).as_deref(), Some(ID));
    }

    #[test]
    fn what_is_no_hyphenated_uuid_of_an_instance_is_no_id() {
        for wrong in [
            "",
            "instanceId",
            "instanceId:",
            "instanceId:6aef422e-56a7-4530-af9d",
            "instanceId:6aef422e56a74530af9d94cc02198343",
            "instanceId:{6aef422e-56a7-4530-af9d-94cc02198343}",
            "instanceId:00000000-0000-0000-0000-000000000000",
            "instanceId:ffffffff-ffff-ffff-ffff-ffffffffffff",
            "INSTANCEID:6aef422e-56a7-4530-af9d-94cc02198343",
        ] {
            assert_eq!(id_in(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_id_in_capitals_is_the_same_instance() {
        assert_eq!(id_in(&format!("instanceId:{}", ID.to_uppercase())).as_deref(), Some(ID));
    }

    #[test]
    fn foreign_lines_survive_a_change_byte_for_byte() {
        let file = b"# note\nPRODUCT_FAMILY_PS:1\n\n\xff\xfe:x\ninstanceId:6aef422e-56a7-4530-af9d-94cc02198343\n";
        let mut record = Record::parse(file);
        assert_eq!(record.to_bytes(), file);
        record.set_opted_out(true);
        record.set_opted_out(false);
        assert_eq!(record.to_bytes(), file);
    }

    #[test]
    fn a_key_that_stands_twice_stands_once_after_a_change() {
        let mut record = Record::parse(b"optOut:0\nfoo:1\noptOut:1\n");
        assert!(record.is_opted_out());
        record.set_opted_out(true);
        assert_eq!(record.to_bytes(), b"optOut:1\nfoo:1\n");
    }

    #[test]
    fn only_a_whole_line_with_a_value_that_says_no_is_no_opt_out() {
        let opted_out = |file: &[u8]| Record::parse(file).is_opted_out();
        for no in ["optOut:0", "optOut:false", " optOut : No \r", "optOut:OFF"] {
            assert!(!opted_out(no.as_bytes()), "{no}");
        }
        for off in [
            b"optOut:1".as_slice(),
            b"optOut:yes please",
            b"optOut:",
            b"optOut:\xff",
            b"optOut:\xa00",
            b"optOut",
            b"optout:0",
            b"\xef\xbb\xbfoptOut:0",
            b"note:optOut:0",
        ] {
            assert!(opted_out(off), "{}", off.escape_ascii());
        }
    }

    #[test]
    fn an_opt_in_takes_out_what_says_off_and_nothing_else() {
        let file = b"note:kept\nOPTOUT\noptOut:0\n\xff\xfeo\0p\0t\0O\0u\0t\0\noptOut:1\nOS:kept\n";
        let mut record = Record::parse(file);
        record.set_opted_out(false);
        assert_eq!(record.to_bytes(), b"note:kept\nOS:kept\n");
    }

    #[test]
    fn an_id_that_is_not_random_is_one_only_where_nothing_is_sent_any_more() {
        for old in [
            "13814000-1dd2-11b2-8000-0242ac120002", // version 1: a time and a network card's address
            "a3bb189e-8bf9-3888-9912-ace4e6543002", // version 3: a name's hash
            "6aef422e-56a7-4530-3f9d-94cc02198343", // version 4 in another variant
        ] {
            assert_eq!(parse_instance_id(old), None, "{old}");
            assert_eq!(id_in(&format!("instanceId:{old}")), None, "{old}");
            let reported = format!("instanceId:{old}\nPRODUCT_FAMILY_PSMDB:1");
            assert_eq!(id_in(&reported).as_deref(), Some(old));
            let both = format!("{reported}\ninstanceId:{ID}");
            assert_eq!(id_in(&both).as_deref(), Some(ID));
        }
        for none in [Uuid::nil(), Uuid::max()] {
            let reported = format!("instanceId:{none}\nPRODUCT_FAMILY_PSMDB:1");
            assert_eq!(id_in(&reported), None, "{none}");
        }
    }
}
