//! The name of the operating system.

use super::os_release::{OsRelease, PRETTY_NAME};
use super::{Environment, Text, in_container};

/// Files of older systems that hold the name in their first line.
const RELEASE_FILES: [&str; 3] = ["/etc/system-release", "/etc/redhat-release", "/etc/issue"];

/// The operating system as it calls itself, for example `Oracle Linux Server 8.8`.
pub fn operating_system(environment: &Environment, os_release: Option<&OsRelease>) -> Text {
    let said = || environment.get("PERCONA_OPERATING_SYSTEM").and_then(Text::clean);
    let image = || {
        let name = environment.get("OS_VER").filter(|_| in_container(environment));
        name.and_then(Text::clean)
    };
    let pretty_name = || Text::clean(&os_release?.value(PRETTY_NAME)?);
    let release_file = || {
        let mut files = RELEASE_FILES.iter().filter_map(|path| environment.read(path));
        files.find_map(|file| Text::clean(&without_getty_escapes(file.lines().next()?)))
    };
    said().or_else(image).or_else(pretty_name).or_else(release_file).unwrap_or_else(Text::unknown)
}

/// Whether the host has any file that names it as a Red Hat system of the time before os-release.
pub(super) fn has_redhat_release(environment: &Environment) -> bool {
    ["/etc/system-release", "/etc/redhat-release"]
        .iter()
        .any(|path| environment.exists(path).unwrap_or(false))
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
    use super::without_getty_escapes;

    #[test]
    fn getty_escapes_are_left_out() {
        assert_eq!(without_getty_escapes("Debian GNU/Linux 12 \\n \\l"), "Debian GNU/Linux 12  ");
        assert_eq!(without_getty_escapes("plain"), "plain");
        assert_eq!(without_getty_escapes("ends in \\"), "ends in ");
    }
}
