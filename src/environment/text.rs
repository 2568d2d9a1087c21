//! The one form in which text may enter a report.

use serde::Serialize;

/// Text that may be reported: not empty, no control characters, at most 256 bytes of UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    /// The longest text, in bytes.
    pub const LIMIT: usize = 256;

    /// Makes reportable text of anything: control characters become spaces, space around it goes,
    /// and what is too long is cut. `None` if nothing remains.
    pub fn clean(raw: &str) -> Option<Self> {
        let spaced = raw.replace(char::is_control, " ");
        let trimmed = spaced.trim();
        let cut = trimmed[..trimmed.floor_char_boundary(Self::LIMIT)].trim_end();
        (!cut.is_empty()).then(|| Self(cut.to_owned()))
    }

    /// Takes text that is reportable as it stands, and nothing else.
    pub fn verbatim(raw: &str) -> Option<Self> {
        Self::clean(raw).filter(|text| text.0 == raw)
    }

    /// What a field says when the host does not tell.
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
    use super::Text;

    fn clean(raw: &str) -> Option<String> {
        Text::clean(raw).map(|text| text.0)
    }

    #[test]
    fn control_characters_become_spaces_and_the_rest_stays() {
        assert_eq!(clean("Oracle\tLinux\u{85}8.8\n").as_deref(), Some("Oracle Linux 8.8"));
        assert_eq!(clean("Ubuntu \u{2603}").as_deref(), Some("Ubuntu \u{2603}"));
    }

    #[test]
    fn nothing_is_made_of_nothing() {
        assert_eq!(clean(""), None);
        assert_eq!(clean(" \n\0"), None);
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let text = clean(&"é".repeat(200)).unwrap();
        assert_eq!(text.len(), Text::LIMIT);
        let text = clean(&format!("x{}", "é".repeat(200))).unwrap();
        assert_eq!(text.len(), Text::LIMIT - 1);
    }

    #[test]
    fn verbatim_refuses_what_clean_would_change() {
        assert!(Text::verbatim("4.4.26-25").is_some());
        assert!(Text::verbatim(" 4.4.26-25").is_none());
        assert!(Text::verbatim(&"x".repeat(257)).is_none());
    }
}
