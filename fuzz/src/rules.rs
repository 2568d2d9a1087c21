//! The rules of `telemetry_uuid` and of a report, written down a second time, so that the library
//! is compared with them and not with itself.

const OURS: [&str; 11] = [
    "instanceId",
    "reportId",
    "createTime",
    "deployment",
    "pillar_version",
    "OS",
    "hardware_arch",
    "nextAttempt",
    "sentAt",
    "PRODUCT_FAMILY_PSMDB",
    "optOut",
];

/// The lines of the file; the last one may lack its end.
fn lines(file: &[u8]) -> Vec<&[u8]> {
    let whole = file.strip_suffix(b"\n").unwrap_or(file);
    if file.is_empty() { Vec::new() } else { whole.split(|byte| *byte == b'\n').collect() }
}

fn key_of(line: &[u8]) -> Option<&[u8]> {
    Some(line[..line.iter().position(|byte| *byte == b':')?].trim_ascii())
}

/// The lines that mean nothing to the library, which must keep them.
pub fn foreign(file: &[u8]) -> Vec<Vec<u8>> {
    let has_our_key =
        |line: &[u8]| key_of(line).is_some_and(|key| OURS.iter().any(|k| k.as_bytes() == key));
    let ours = |line: &[u8]| has_our_key(line) || says_off(line);
    lines(file).into_iter().filter(|line| !ours(line)).map(<[u8]>::to_vec).collect()
}

/// The file without what a crash of the machine may have left of the two lines that say "reported" at its end:
/// the first bytes of them, any of which may be zero.
pub fn without_torn_mark(file: &[u8]) -> &[u8] {
    let form = b"sentAt:dddd-dd-ddTdd:dd:ddZ\nPRODUCT_FAMILY_PSMDB:1\n";
    let can_be = |(byte, form): (&u8, &u8)| {
        matches!((byte, form), (0, _) | (b'0'..=b'9', b'd')) || byte == form && *form != b'd'
    };
    let begins_a_line = |at: usize| at == 0 || file[at - 1] == b'\n';
    let text = file.strip_suffix(b"\n").unwrap_or(file);
    let torn =
        |at: &usize| text[*at..].iter().zip(form).all(can_be) && text.len() - at <= form.len();
    let begin = (0..text.len()).filter(|at| begins_a_line(*at)).find(torn);
    begin.map_or(file, |at| &file[..at])
}

/// What stands after the colon in each line of this key.
pub fn values<'a>(file: &'a [u8], key: &str) -> Vec<&'a [u8]> {
    let of_key = lines(file).into_iter().filter(|line| key_of(line) == Some(key.as_bytes()));
    of_key
        .map(|line| line.splitn(2, |byte| *byte == b':').nth(1).expect("a colon").trim_ascii())
        .collect()
}

pub fn is_opted_out(file: &[u8]) -> bool {
    lines(file).into_iter().any(says_off)
}

fn says_off(line: &[u8]) -> bool {
    let on: [&[u8]; 4] = [b"0", b"false", b"no", b"off"];
    match values(line, "optOut").as_slice() {
        [value] => !on.contains(&&*value.to_ascii_lowercase()),
        // What separates no words may stand between the characters.
        _ => {
            let parts = |byte: &u8| (b'!'..=b'~').contains(byte) && !b"-_".contains(byte);
            let line: Vec<u8> = line.iter().copied().filter(parts).collect();
            line.to_ascii_lowercase().windows(6).any(|window| window == b"optout")
        }
    }
}

pub fn is_reported(file: &[u8]) -> bool {
    values(file, "PRODUCT_FAMILY_PSMDB").contains(&b"1".as_slice())
}

pub fn instance_id(file: &[u8]) -> Option<String> {
    let texts =
        values(file, "instanceId").into_iter().filter_map(|value| str::from_utf8(value).ok());
    let mut ids = texts.map(str::to_ascii_lowercase).filter(|id| is_uuid(id));
    let is_random = |id: &str| id.as_bytes()[14] == b'4' && b"89ab".contains(&id.as_bytes()[19]);
    // Of an instance that has reported nothing more is sent.
    ids.clone().find(|id| is_random(id)).or_else(|| ids.find(|_| is_reported(file)))
}

fn is_uuid(id: &str) -> bool {
    let dashes = id.bytes().enumerate().all(|(i, byte)| match i {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    id.len() == 36
        && dashes
        && id.bytes().any(|b| !b"0-".contains(&b))
        && id.bytes().any(|b| !b"f-".contains(&b))
}

/// Bounded, JSON, one report of this instance, and nothing but it.
pub fn check_body(body: &str, instance_id: &str) {
    assert!(body.len() < 4096, "{} bytes", body.len());
    let parsed: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(parsed.as_object().expect("an object").len(), 1);
    let [report] = parsed["reports"].as_array().expect("an array").as_slice() else { panic!() };
    assert_eq!(report.as_object().expect("an object").len(), 5);
    assert_eq!(report["instanceId"], instance_id);
    assert_eq!(report["metrics"].as_array().map(Vec::len), Some(4));
}
