//! Text that may be part of a report, or that is shown to people.

use serde::Serialize;

/// Whether a character is a control character, a line separator, or default-ignorable in Unicode. Among
/// the last are bidirectional controls, which make a text display as another one, and invisible
/// characters, which can hide one.
pub fn is_unprintable(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    character.is_control()
        || matches!(character,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// The beginning of a text, of at most `max_bytes`, without half a character.
pub(crate) fn truncated(text: &str, max_bytes: usize) -> &str {
    // `str::floor_char_boundary` is newer than the Rust that is needed otherwise.
    let end = (0..=max_bytes.min(text.len())).rfind(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

/// A message on one line of at most `max_bytes`. It may repeat a variable, the dbpath's name or an
/// error of the server's HTTP client: none of them can forge a line of the log, or a very long one.
pub(crate) fn one_line(message: &str, max_bytes: usize) -> String {
    truncated(message, max_bytes).replace(is_unprintable, " ")
}

/// Text that may be reported: not empty, nothing unprintable, at most 256 bytes of UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    /// The longest text, in bytes.
    pub const MAX_BYTES: usize = 256;

    /// Makes any text reportable: unprintable characters become spaces, surrounding space is removed,
    /// and the rest is truncated. `None` if nothing remains.
    pub fn clean(raw: &str) -> Option<Self> {
        let spaced = raw.replace(is_unprintable, " ");
        let trimmed = spaced.trim();
        let cut = truncated(trimmed, Self::MAX_BYTES).trim_end();
        (!cut.is_empty()).then(|| Self(cut.to_owned()))
    }

    /// Accepts text only if it is reportable as it is.
    pub fn verbatim(raw: &str) -> Option<Self> {
        Self::clean(raw).filter(|text| text.0 == raw)
    }

    /// The value of a field that the host does not tell.
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Text, one_line};

    fn clean(raw: &str) -> Option<String> {
        Text::clean(raw).map(|text| text.0)
    }

    #[test]
    fn unprintable_characters_become_spaces_and_the_rest_stays() {
        assert_eq!(clean("Oracle\tLinux\u{85}8.8\n").as_deref(), Some("Oracle Linux 8.8"));
        assert_eq!(clean("a\u{202E}b\u{2029}c\u{200B}d\u{E0041}").as_deref(), Some("a b c d"));
        let accents = "Debi\u{301}an \u{2603} \u{5D0} \u{fffd}";
        assert_eq!(clean(accents).as_deref(), Some(accents));
    }

    #[test]
    fn nothing_is_made_of_nothing() {
        assert_eq!(clean(""), None);
        assert_eq!(clean(" \n\0\u{FEFF}\u{200D}"), None);
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let text = clean(&"é".repeat(200)).unwrap();
        assert_eq!(text.len(), Text::MAX_BYTES);
        let text = clean(&format!("x{}", "é".repeat(200))).unwrap();
        assert_eq!(text.len(), Text::MAX_BYTES - 1);
    }

    #[test]
    fn verbatim_refuses_what_clean_would_change() {
        assert!(Text::verbatim("4.4.26-25").is_some());
        assert!(Text::verbatim(" 4.4.26-25").is_none());
        assert!(Text::verbatim(&"x".repeat(257)).is_none());
    }

    #[test]
    fn a_message_is_one_line_of_bounded_length() {
        let one_line = |message| one_line(message, 16);
        assert_eq!(one_line("as it is: é"), "as it is: é");
        assert_eq!(one_line("one\r\nforged\0"), "one  forged ");
        assert_eq!(one_line("\u{202e}neewt"), " neewt");
        assert_eq!(one_line(&"é".repeat(16)).len(), 16);
    }
}
