//! Numbers in text that comes from outside.

/// A whole number: digits alone, without a sign or space. One too large for the type is its maximum.
pub(crate) fn whole_number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::whole_number;

    #[test]
    fn digits_are_a_number_and_nothing_else_is() {
        for (text, number) in [("0", 0), ("007", 7), ("18446744073709551615", u64::MAX)] {
            assert_eq!(whole_number(text), Some(number), "{text}");
        }
        assert_eq!(whole_number("99999999999999999999999"), Some(u64::MAX));
        for text in ["", "+1", "-1", " 1", "1 ", "1.5", "0x1", "\u{661}", "one"] {
            assert_eq!(whole_number(text), None, "{text}");
        }
    }
}
