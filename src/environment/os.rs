//! The name of the operating system.

use super::{Environment, OsRelease, Text, in_container};

/// Files of systems older than os-release. `/etc/issue` is none of them: what greets a user at login
/// is the administrator's to write.
const RELEASE_FILES: [&str; 2] = ["/etc/system-release", "/etc/redhat-release"];

/// The operating system as it calls itself, for example `Oracle Linux Server 8.8`.
pub fn operating_system(environment: &Environment, os_release: Option<&OsRelease>) -> Text {
    let image = || environment.get("OS_VER").filter(|_| in_container(environment));
    if let Some(said) = environment.get("PERCONA_OPERATING_SYSTEM").or_else(image) {
        // Who says something that cannot be reported has not asked for the real name.
        return Text::clean(said).unwrap_or_else(Text::unknown);
    }
    let release_file = || {
        let mut files = RELEASE_FILES.iter().filter_map(|path| environment.read(path));
        files.find_map(|file| Text::clean(file.lines().next().filter(|line| is_release(line))?))
    };
    os_release.and_then(OsRelease::name).or_else(release_file).unwrap_or_else(Text::unknown)
}

/// Whether a line has the form of all lines that distributions put into these files, such as `CentOS
/// release 6.10 (Final)`. Any other is somebody's own words.
fn is_release(line: &str) -> bool {
    line.contains(" release ")
}

/// Whether the host has any file that names it as a Red Hat system of the time before os-release.
pub(super) fn has_redhat_release(environment: &Environment) -> bool {
    RELEASE_FILES.iter().any(|path| environment.exists(path).unwrap_or(false))
}
