//! The name of the operating system.

use super::{Environment, Text, in_container};

/// Where os-release(5) says the file is, first one first.
const OS_RELEASE: [&str; 2] = ["/etc/os-release", "/usr/lib/os-release"];

/// Files of older systems that hold the name in their first line.
const RELEASE_FILES: [&str; 3] = ["/etc/system-release", "/etc/redhat-release", "/etc/issue"];

/// The operating system as it calls itself, for example `Oracle Linux Server 8.8`.
pub fn operating_system(environment: &Environment) -> Text {
    let said = || environment.get("PERCONA_OPERATING_SYSTEM").and_then(Text::clean);
    let image = || {
        let name = environment.get("OS_VER").filter(|_| in_container(environment));
        name.and_then(Text::clean)
    };
    let pretty_name = || {
        let mut files = OS_RELEASE.iter().filter_map(|path| environment.read(path));
        files.find_map(|file| Text::clean(&os_release_value(&file, "PRETTY_NAME")?))
    };
    let release_file = || {
        let mut files = RELEASE_FILES.iter().filter_map(|path| environment.read(path));
        files.find_map(|file| Text::clean(&without_getty_escapes(file.lines().next()?)))
    };
    said().or_else(image).or_else(pretty_name).or_else(release_file).unwrap_or_else(Text::unknown)
}

/// The host's os-release file.
pub(super) fn os_release(environment: &Environment) -> Option<String> {
    OS_RELEASE.iter().find_map(|path| environment.read(path))
}

/// Whether the host has any file that names it as a Red Hat system of the time before os-release.
pub(super) fn has_redhat_release(environment: &Environment) -> bool {
    ["/etc/system-release", "/etc/redhat-release"]
        .iter()
        .any(|path| environment.exists(path).unwrap_or(false))
}

/// The value of a key in the format of os-release(5): shell assignments, the last one counting,
/// with the shell's quotes and backslashes but no expansion.
pub(super) fn os_release_value(file: &str, key: &str) -> Option<String> {
    let assigned = |line: &str| {
        let value = line.trim().strip_prefix(key)?.strip_prefix('=')?;
        Some(unquoted(value))
    };
    file.lines().filter_map(assigned).next_back()
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

/// `/etc/issue` is a template for getty, where a backslash and a letter stand for the host's name
/// and the like: `Debian GNU/Linux 12 \n \l`.
fn without_getty_escapes(line: &str) -> String {
    let mut parts = line.split('\\');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.extend(part.chars().skip(1));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{os_release_value, without_getty_escapes};

    #[test]
    fn os_release_values_are_unquoted_as_a_shell_would() {
        let file = "ID=ol\nNAME='It is'\nPRETTY_NAME=\"A \\\"B\\\" \\$C\"\nVERSION_ID=8.8\n";
        let value = |key| os_release_value(file, key);
        assert_eq!(value("ID").as_deref(), Some("ol"));
        assert_eq!(value("NAME").as_deref(), Some("It is"));
        assert_eq!(value("PRETTY_NAME").as_deref(), Some("A \"B\" $C"));
        assert_eq!(value("VERSION"), None);
    }

    #[test]
    fn the_last_assignment_counts_and_comments_do_not() {
        let file = "#ID=no\nID=one\n  ID=two\n";
        assert_eq!(os_release_value(file, "ID").as_deref(), Some("two"));
    }

    #[test]
    fn getty_escapes_are_left_out() {
        assert_eq!(without_getty_escapes("Debian GNU/Linux 12 \\n \\l"), "Debian GNU/Linux 12  ");
        assert_eq!(without_getty_escapes("plain"), "plain");
        assert_eq!(without_getty_escapes("ends in \\"), "ends in ");
    }
}
