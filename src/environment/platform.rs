//! How the server was installed, and on which operating system.

use super::{HostFiles, OsRelease, Text};

const PACKAGE: &str = "PACKAGE";
const DOCKER: &str = "DOCKER";

/// Files of systems older than os-release. `/etc/issue` is not one of them: it greets a user at login,
/// and an administrator may write anything there.
const RELEASE_FILES: [&str; 2] = ["/etc/system-release", "/etc/redhat-release"];

/// `PACKAGE` or `DOCKER`: as the image or package says, else by whether this is a container.
pub fn deployment(host: &HostFiles<'_>) -> Text {
    let declared = host.environment.get("PERCONA_DEPLOYMENT_METHOD").and_then(Text::verbatim);
    let found = || Text::clean(if in_container(host) { DOCKER } else { PACKAGE });
    declared.filter(is_deployment).or_else(found).unwrap_or_else(Text::unknown)
}

/// Whether this is a value that `deployment` can have.
pub fn is_deployment(text: &Text) -> bool {
    matches!(text.as_str(), PACKAGE | DOCKER)
}

/// Whether the process runs in a container: the variables and files by which Percona's images,
/// systemd-nspawn and podman (`container`), Kubernetes and Docker mark one.
fn in_container(host: &HostFiles<'_>) -> bool {
    let is_set = |name: &&str| host.environment.get(name).is_some();
    ["FULL_PERCONA_VERSION", "container", "KUBERNETES_SERVICE_HOST"].iter().any(is_set)
        || ["/.dockerenv", "/run/.containerenv"].into_iter().any(|path| host.exists(path))
}

/// The operating system as it calls itself, for example `Oracle Linux Server 8.8`.
pub fn operating_system(host: &HostFiles<'_>, os_release: Option<&OsRelease>) -> Text {
    let image = || host.environment.get("OS_VER").filter(|_| in_container(host));
    if let Some(declared) = host.environment.get("PERCONA_OPERATING_SYSTEM").or_else(image) {
        // A value that cannot be reported is no request for the real name.
        return Text::clean(declared).unwrap_or_else(Text::unknown);
    }
    let release_file = || {
        let mut files = RELEASE_FILES.into_iter().filter_map(|path| host.read(path));
        files.find_map(|file| Text::clean(file.lines().next().filter(|line| is_release(line))?))
    };
    os_release.and_then(OsRelease::name).or_else(release_file).unwrap_or_else(Text::unknown)
}

/// Whether a line has the form of all lines that distributions put into these files, such as `CentOS
/// release 6.10 (Final)`. Any other may be an administrator's text.
fn is_release(line: &str) -> bool {
    line.contains(" release ")
}

/// Whether the host has a file that names it as a Red Hat system of the time before os-release.
pub(super) fn has_redhat_release(host: &HostFiles<'_>) -> bool {
    RELEASE_FILES.into_iter().any(|path| host.exists(path))
}
