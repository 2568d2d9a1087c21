//! What the distribution says of itself, by os-release(5).

use super::Environment;

/// Where the file is, first one first.
const PATHS: [&str; 2] = ["/etc/os-release", "/usr/lib/os-release"];

/// The key of the name for people.
pub(super) const PRETTY_NAME: &str = "PRETTY_NAME";

/// The host's os-release file.
pub struct OsRelease(String);

impl OsRelease {
    /// The first of the two files that has a name for people; if none has, the first there is.
    pub fn of(environment: &Environment) -> Option<Self> {
        let mut first = None;
        for file in PATHS.iter().filter_map(|path| environment.read(path)).map(Self) {
            if file.value(PRETTY_NAME).is_some_and(|name| !name.is_empty()) {
                return Some(file);
            }
            first = first.or(Some(file));
        }
        first
    }

    /// The value of a key. The format is that of shell assignments, the last one counting, with
    /// the shell's quotes and backslashes but no expansion.
    pub fn value(&self, key: &str) -> Option<String> {
        let assigned = |line: &str| {
            let value = line.trim().strip_prefix(key)?.strip_prefix('=')?;
            Some(unquoted(value))
        };
        self.0.lines().filter_map(assigned).next_back()
    }
}

fn unquoted(value: &str) -> String {
    let value = value.trim();
    if let Some(inner) = value.strip_prefix('\'') {
        return inner.strip_suffix('\'').unwrap_or(inner).to_owned();
    }
    let inner = value.strip_prefix('"').map_or(value, |v| v.strip_suffix('"').unwrap_or(v));
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::OsRelease;

    #[test]
    fn os_release_values_are_unquoted_as_a_shell_would() {
        let file = "ID=ol\nNAME='It is'\nPRETTY_NAME=\"A \\\"B\\\" \\$C\"\nVERSION_ID=8.8\n";
        let file = OsRelease(file.to_owned());
        let value = |key| file.value(key);
        assert_eq!(value("ID").as_deref(), Some("ol"));
        assert_eq!(value("NAME").as_deref(), Some("It is"));
        assert_eq!(value("PRETTY_NAME").as_deref(), Some("A \"B\" $C"));
        assert_eq!(value("VERSION"), None);
    }

    #[test]
    fn the_last_assignment_counts_and_comments_do_not() {
        let file = "#ID=no\nID=one\n  ID=two\n";
        assert_eq!(OsRelease(file.to_owned()).value("ID").as_deref(), Some("two"));
    }
}
