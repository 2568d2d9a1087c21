//! Recognizing an opt-out whose line was damaged.

/// The letters of `optOut`, in lower case.
const LETTERS: &[u8; 6] = b"optout";

/// Whether a line contains the letters of `optOut`, in any case. An editor, an encoding or a typing error
/// may have changed the line (a byte order mark, UTF-16, a no-break space, no colon, no value, a lost
/// line end before it, `opt-out`): it is still an opt-out.
///
/// A foreign line that happens to contain the letters counts as well. That costs one report, and the
/// server parameter can undo it. A missed opt-out would send what a user has forbidden, and nothing can
/// undo that.
pub(super) fn is_in(line: &[u8]) -> bool {
    let begins_at = |start: usize| {
        let letters = line[start..].iter().filter(|byte| separates(**byte));
        letters.take(LETTERS.len()).map(u8::to_ascii_lowercase).eq(LETTERS.iter().copied())
    };
    let mut bytes = line.iter().enumerate();
    bytes.any(|(start, byte)| byte.eq_ignore_ascii_case(&LETTERS[0]) && begins_at(start))
}

/// Whether a byte between two letters separates them: printable ASCII does, except what people write
/// within the word.
fn separates(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::is_in;

    #[test]
    fn damage_does_not_hide_it() {
        for damaged in [
            "\u{feff}optOut:1".as_bytes(),
            b"\0optOut:1",
            "\u{a0}optOut:1".as_bytes(),
            b"\xa0optOut:1",
            "opt\u{a0}Out:1".as_bytes(),
            b"op\xa0tOut:1",
            b"optOut",
            b"OPTOUT=1",
            b"optout: 1",
            b"opt-out: 1",
            b"opt_out: 1",
            b"opt out: 1",
            b"\"optOut\": true",
            b"\xff\xfeo\0p\0t\0O\0u\0t\0:\0",
            b"\0o\0p\0t\0O\0u\0t\0:",
            b"x86_64 x86_64optOut:1",
            b"instanceId:none\roptOut:1\r",
            b"ooptOut",
            b"optoptOut",
        ] {
            assert!(is_in(damaged), "{}", damaged.escape_ascii());
        }
    }

    #[test]
    fn other_words_are_not_it() {
        for other in ["", "optOu", "option:out", "opt/out", "opt.out", "optXOut", "tuotpo"] {
            assert!(!is_in(other.as_bytes()), "{other}");
        }
    }
}
