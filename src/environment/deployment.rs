//! How the server was installed.

use super::{Environment, Text};

/// `PACKAGE` or `DOCKER`: as the image or package says, else by whether this is a container.
pub fn deployment(environment: &Environment) -> Text {
    let said = environment.get("PERCONA_DEPLOYMENT_METHOD").and_then(Text::verbatim);
    let found = if in_container(environment) { DOCKER } else { PACKAGE };
    said.filter(is_deployment).or_else(|| Text::clean(found)).unwrap_or_else(Text::unknown)
}

/// Whether this is one of the two values that there are.
pub fn is_deployment(text: &Text) -> bool {
    matches!(text.as_str(), PACKAGE | DOCKER)
}

const PACKAGE: &str = "PACKAGE";
const DOCKER: &str = "DOCKER";

/// Whether the process runs in a container: the variables and files by which Percona's images,
/// systemd-nspawn and podman (`container`), Kubernetes and Docker mark one.
pub fn in_container(environment: &Environment) -> bool {
    ["FULL_PERCONA_VERSION", "container", "KUBERNETES_SERVICE_HOST"]
        .iter()
        .any(|name| environment.get(name).is_some())
        || ["/.dockerenv", "/run/.containerenv"]
            .iter()
            .any(|path| environment.exists(path).unwrap_or(false))
}
