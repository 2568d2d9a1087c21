//! Delivery into a folder, for hosts without a network: an operator or a tool forwards it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::{Cancel, Outcome, Transport, UploadRequest};
use crate::instance::sync_folder;

/// The folder that `file:///folder` names.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Writes the file under another name and renames it, so that a reader of the folder never
    /// sees half a report.
    fn write(&self, folder: &File, request: &UploadRequest, cancel: &Cancel) -> io::Result<()> {
        let name = format!("{}-{}.json", request.time.unix(), request.instance_id);
        let temporary = self.path.join(format!(".{name}.tmp"));
        let written = write_new(&temporary, request.body.as_bytes()).and_then(|()| {
            if cancel.is_cancelled() {
                return Err(io::Error::other("stopped"));
            }
            std::fs::rename(&temporary, self.path.join(name))
        });
        if written.is_err() {
            let _ = std::fs::remove_file(&temporary);
        }
        written.and_then(|()| sync_folder(folder))
    }
}

impl Transport for Folder {
    fn deliver(&self, request: &UploadRequest, cancel: &Cancel) -> Outcome {
        let path = self.path.display();
        let opened = OpenOptions::new().read(true).custom_flags(libc::O_DIRECTORY).open(&self.path);
        let folder = match opened {
            Ok(folder) => folder,
            Err(e) => {
                return Outcome::local_error(&format!(
                    "cannot open folder {path} ({e}); perconaTelemetryUrl must name an existing \
                     folder that the server may write to"
                ));
            }
        };
        match self.write(&folder, request, cancel) {
            Ok(()) => Outcome::Delivered,
            Err(e) => Outcome::local_error(&format!(
                "cannot write the report into {path} ({e}); the folder must be writable by the \
                 server and have space"
            )),
        }
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A file of this name is one that a crash left in the same second.
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
