//! The host's files, as they are read for a report.

use std::cell::OnceCell;
use std::io;

use super::Environment;

/// Reads the host's files. A file that is missing, or that may not be read, counts as absent. The first
/// read that fails for a transient reason is kept: a later one may succeed.
pub struct HostFiles<'a> {
    pub(super) environment: &'a Environment,
    failure: OnceCell<HostFileError>,
}

/// A file of the host could not be read, for a transient reason.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {path} ({error}); the next start tries again")]
pub struct HostFileError {
    path: &'static str,
    error: io::Error,
}

impl<'a> HostFiles<'a> {
    /// The files of this environment's host.
    pub fn of(environment: &'a Environment) -> Self {
        Self { environment, failure: OnceCell::new() }
    }

    /// The start of a regular file, if it can be read.
    pub(super) fn read(&self, path: &'static str) -> Option<String> {
        self.environment.read(path).map_err(|error| self.failed(path, error)).ok()
    }

    /// Whether something is at this path, as far as can be found out.
    pub(super) fn exists(&self, path: &'static str) -> bool {
        self.environment.exists(path).unwrap_or_else(|error| {
            self.failed(path, error);
            false
        })
    }

    /// The first transient failure, if there was one.
    pub fn into_failure(self) -> Option<HostFileError> {
        self.failure.into_inner()
    }

    fn failed(&self, path: &'static str, error: io::Error) {
        if is_transient(&error) {
            self.failure.get_or_init(|| HostFileError { path, error });
        }
    }
}

/// Whether the same call may succeed later: the process or the host is short of something, or a disk
/// failed to respond.
pub(crate) fn is_transient(error: &io::Error) -> bool {
    let codes = [libc::EAGAIN, libc::EIO, libc::EMFILE, libc::ENFILE, libc::ENOMEM];
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
}
