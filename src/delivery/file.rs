//! Delivery into a folder, for hosts without a network: an operator or a tool forwards it.

use std::io;
use std::path::PathBuf;

use super::{Cancel, Outcome, Transport, UploadRequest};
use crate::folder::{Folder, TemporaryFileError};

/// The folder that `file:///folder` names.
#[derive(Debug)]
pub struct FolderTransport {
    path: PathBuf,
}

impl FolderTransport {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }
}

/// A reader of the folder never sees half a report: the file gets its name when it is complete.
fn write(
    folder: &Folder,
    request: &UploadRequest,
    cancel: &Cancel,
) -> Result<(), TemporaryFileError> {
    let name = format!("{}-{}.json", request.time.unix(), request.instance_id);
    let temporary_name = format!(".{name}.tmp");
    let temporary = folder.write_temporary(&temporary_name, request.body.as_bytes())?;
    if cancel.is_cancelled() {
        return Err(TemporaryFileError::Write(io::Error::other("stopped")));
    }
    temporary.rename(&name).and_then(|()| folder.sync()).map_err(TemporaryFileError::Write)
}

impl Transport for FolderTransport {
    fn deliver(&self, request: &UploadRequest, cancel: &Cancel) -> Outcome {
        let path = self.path.display();
        let folder = match Folder::open(&self.path) {
            Ok(folder) => folder,
            Err(e) => {
                return Outcome::local_error(&format!(
                    "cannot open folder {path} ({e}); perconaTelemetryUrl must name an existing \
                     folder that the server may read and write"
                ));
            }
        };
        match write(&folder, request, cancel) {
            Ok(()) => Outcome::Delivered,
            Err(e) => Outcome::local_error(&format!(
                "cannot write the report into {path} ({e}); the folder must be writable by the \
                 server and have space"
            )),
        }
    }
}
