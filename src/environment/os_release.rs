//! The distribution's description of itself, os-release(5).

use super::shell::assignments;
use super::{HostFiles, Text};

/// Where the file is; the first comes first.
const PATHS: [&str; 2] = ["/etc/os-release", "/usr/lib/os-release"];

/// The host's os-release file.
pub struct OsRelease(Vec<(String, String)>);

impl OsRelease {
    /// The first file that names the system; if none does, the first that exists.
    pub fn read(host: &HostFiles<'_>) -> Option<Self> {
        let mut first = None;
        for text in PATHS.into_iter().filter_map(|path| host.read(path)) {
            let file = Self(assignments(&text));
            if file.name().is_some() {
                return Some(file);
            }
            first = first.or(Some(file));
        }
        first
    }

    /// `PRETTY_NAME`, or else `NAME` and `VERSION_ID`.
    pub(super) fn name(&self) -> Option<Text> {
        let name_and_version = || {
            let name = Some(self.value("NAME")).filter(|name| !name.is_empty())?;
            Text::clean(&format!("{name} {}", self.value("VERSION_ID")))
        };
        Text::clean(self.value("PRETTY_NAME")).or_else(name_and_version)
    }

    /// The value of a key; empty if there is none.
    pub(super) fn value(&self, key: &str) -> &str {
        let last = self.0.iter().rfind(|(name, _)| name == key);
        last.map(|(_, value)| value.trim()).unwrap_or_default()
    }
}
