//! The environment variables of the process and the files of the host.
//!
//! Both are passed in, so that a test describes a whole host in a temporary folder.

mod hardware;
pub(crate) mod host_files;
mod os_release;
mod platform;
mod shell;

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

pub use crate::text::{Text, is_unprintable};
pub use hardware::{hardware_arch, machine};
pub use host_files::{HostFileError, HostFiles};
pub use os_release::OsRelease;
pub use platform::{deployment, is_deployment, operating_system};

/// Every environment variable that the library reads.
pub const VARIABLES: [&str; 21] = [
    "ALL_PROXY",
    "DO_NOT_TRACK",
    "FULL_PERCONA_VERSION",
    "HTTPS_PROXY",
    "KUBERNETES_SERVICE_HOST",
    "NO_PROXY",
    "OS_VER",
    "PERCONA_CONNECT_TIMEOUT",
    "PERCONA_DEPLOYMENT_METHOD",
    "PERCONA_INSTANCE_ID",
    "PERCONA_OPERATING_SYSTEM",
    "PERCONA_SEND_TIMEOUT",
    "PERCONA_TELEMETRY_DISABLE",
    "PERCONA_TELEMETRY_URL",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "all_proxy",
    "container",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// How much of a file is read; those that describe a host are shorter.
const MAX_FILE_BYTES: u64 = 16 * 1024;
/// Most files are shorter: one read gets all, one more finds the end.
const USUAL_BYTES: usize = 2048;

/// The environment variables and the file-system root that the library sees.
#[derive(Clone, Debug)]
pub struct Environment {
    variables: Vec<(&'static str, String)>,
    root: PathBuf,
}

impl Environment {
    /// Those of this process. The variables are read once: a later `setenv` on another thread is no
    /// race.
    pub fn of_process() -> Self {
        // Listing all variables copies them, which is expensive if there are thousands. It is done if
        // one of ours is set, which may be there several times.
        let any = VARIABLES.iter().any(|name| std::env::var_os(name).is_some());
        let ours = |(name, value): (OsString, OsString)| {
            let name = VARIABLES.into_iter().find(|ours| name == **ours)?;
            Some((name, value.into_string().unwrap_or_else(|v| v.to_string_lossy().into_owned())))
        };
        let variables = any.then(std::env::vars_os).into_iter().flatten().filter_map(ours);
        Self { variables: variables.collect(), root: "/".into() }
    }

    /// No variables, and the files below `root` in place of those below `/`.
    pub fn at_root(root: impl Into<PathBuf>) -> Self {
        Self { variables: Vec::new(), root: root.into() }
    }

    /// The same with one more variable.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// Every value of a variable, also empty ones: the environment may have a name several times.
    pub fn values(&self, name: &str) -> impl DoubleEndedIterator<Item = &str> {
        debug_assert!(VARIABLES.contains(&name), "{name} is not in the list of variables");
        let of_name = self.variables.iter().filter(move |(n, _)| *n == name);
        of_name.map(|(_, value)| value.as_str())
    }

    /// The value of a variable that is set and not empty. Of several the last one counts, as in a
    /// shell.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values(name).next_back().filter(|value| !value.is_empty())
    }

    /// The value of the first of these variables that has one.
    pub fn first_of<const N: usize>(&self, names: [&str; N]) -> Option<&str> {
        names.into_iter().find_map(|name| self.get(name))
    }

    /// Whether something is at this absolute path. If that cannot be found out, it is an error, and
    /// not "nothing there".
    pub fn exists(&self, path: &str) -> io::Result<bool> {
        match std::fs::symlink_metadata(self.below_root(path)) {
            Ok(_) => Ok(true),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Ok(false)
            }
            Err(e) => Err(e),
        }
    }

    /// The start of a regular file at this absolute path.
    fn read(&self, path: &str) -> io::Result<String> {
        let file = open_regular(&self.below_root(path))?;
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Where this absolute path of the host is.
    pub fn below_root(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }
}

/// Opens a file of the host for reading; anything but a regular file is an error.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    // Without O_NONBLOCK, opening a FIFO would block.
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("is not a regular file"))
    }
}

#[cfg(test)]
mod tests {
    use super::Environment;

    #[test]
    fn no_more_than_16_kib_of_a_file_are_read() {
        let root = tempfile::tempdir().unwrap();
        let environment = Environment::at_root(root.path());
        for (length, read) in [(3000, 3000), (16_384, 16_384), (16_385, 16_384)] {
            std::fs::write(root.path().join("file"), "x".repeat(length)).unwrap();
            assert_eq!(environment.read("/file").unwrap().len(), read);
        }
    }
}
