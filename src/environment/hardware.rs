//! What `uname -mp` prints, without starting it.

use sysinfo::System;

use super::platform::has_redhat_release;
use super::{HostFiles, OsRelease, Text};

/// The machine's name as uname(2) gives it: `x86_64`, `aarch64`.
pub fn machine() -> String {
    System::cpu_arch()
}

/// `<machine> <processor>` for a machine name as uname(2) gives it.
///
/// The kernel knows no processor name. GNU uname prints `unknown` for it, and so does busybox; some
/// distributions patch their coreutils to print the machine's name again. So the distribution decides,
/// and no process is started.
pub fn hardware_arch(host: &HostFiles<'_>, os_release: Option<&OsRelease>, machine: &str) -> Text {
    let patched = uname_is_patched(host, os_release);
    let processor = if patched { machine } else { "unknown" };
    Text::clean(&format!("{machine} {processor}")).unwrap_or_else(Text::unknown)
}

/// Whether this distribution's `uname -p` prints the machine's name.
///
/// - Red Hat and its relatives carry the patch up to version 9; Fedora dropped it for 38 and
///   Red Hat Enterprise Linux with 10 (Red Hat bug 548834).
/// - Amazon Linux 2 and 2023 are built from Fedoras that had it.
/// - Ubuntu patches GNU coreutils, and since 25.10 ships uutils, which prints `unknown`.
/// - SUSE and openEuler carry a patch of their own.
fn uname_is_patched(host: &HostFiles<'_>, os_release: Option<&OsRelease>) -> bool {
    let Some(file) = os_release else {
        // Red Hat 6 and its relatives: older than os-release.
        return has_redhat_release(host);
    };
    let (id, like) = (file.value("ID"), file.value("ID_LIKE"));
    let version = Version::parse(file.value("VERSION_ID"));
    let is_like = |name: &str| like.split_ascii_whitespace().any(|word| word == name);

    match id {
        "amzn" | "openEuler" | "sles" | "sled" => true,
        "fedora" => version < Version(38, 0),
        "ubuntu" => version < Version(25, 10),
        "ol" | "rhel" | "centos" => version < Version(10, 0),
        _ if is_like("suse") => true,
        _ if is_like("rhel") => version < Version(10, 0),
        // Derivatives count their versions differently: all known ones follow a long-term Ubuntu.
        _ => is_like("ubuntu"),
    }
}

/// Major and minor number; a missing or invalid one counts as 0.
#[derive(PartialEq, PartialOrd)]
struct Version(u32, u32);

impl Version {
    fn parse(text: &str) -> Self {
        let mut numbers = text.split('.').map(|part| part.parse().unwrap_or(0));
        Self(numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
    }
}
