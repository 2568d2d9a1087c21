//! The dbpath as an open folder. Whatever is done in it is done relative to its descriptor, so that
//! it stays the same folder also if it is moved, and another takes its path.

use std::ffi::{CString, c_int};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// The permissions of what is made in it: it is the server's alone.
pub(super) const MODE: u32 = 0o600;

/// An open folder.
#[derive(Debug)]
pub(super) struct Folder(File);

impl Folder {
    pub fn open(path: &Path) -> io::Result<Self> {
        OpenOptions::new().read(true).custom_flags(libc::O_DIRECTORY).open(path).map(Self)
    }

    /// Opens a file in it, or makes one.
    pub fn open_file(&self, name: &str, flags: c_int) -> io::Result<File> {
        let name = CString::new(name)?;
        loop {
            // SAFETY: the folder is open, and `name` a C string, for the duration of the call.
            let descriptor = unsafe {
                libc::openat(self.0.as_raw_fd(), name.as_ptr(), flags | libc::O_CLOEXEC, MODE)
            };
            if descriptor >= 0 {
                // SAFETY: it has just been opened, and belongs to nobody else.
                return Ok(unsafe { File::from_raw_fd(descriptor) });
            }
            let error = io::Error::last_os_error();
            if error.kind() != ErrorKind::Interrupted {
                return Err(error);
            }
        }
    }

    /// Renames a file in it, in the place of another.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let (folder, from, to) = (self.0.as_raw_fd(), CString::new(from)?, CString::new(to)?);
        // SAFETY: the folder is open, and both are C strings, for the duration of the call.
        done(unsafe { libc::renameat(folder, from.as_ptr(), folder, to.as_ptr()) })
    }

    /// Removes a file from it.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        let name = CString::new(name)?;
        // SAFETY: the folder is open, and `name` a C string, for the duration of the call.
        done(unsafe { libc::unlinkat(self.0.as_raw_fd(), name.as_ptr(), 0) })
    }

    /// Whether a name in it is a regular file's; a symbolic link is none.
    pub fn has_regular_file(&self, name: &str) -> io::Result<bool> {
        // O_PATH: nothing is opened, so a FIFO or a device does not notice.
        Ok(self.open_file(name, libc::O_PATH | libc::O_NOFOLLOW)?.metadata()?.is_file())
    }

    /// Whether it was removed: then it has no name any more, and nothing can be made in it.
    pub fn is_removed(&self) -> io::Result<bool> {
        Ok(self.0.metadata()?.nlink() == 0)
    }

    /// Makes the names in it durable.
    pub fn sync(&self) -> io::Result<()> {
        sync_folder(&self.0)
    }
}

/// Makes the names in a folder durable, where the file system can: CIFS, 9p and vboxsf sync no
/// folders and say so, which is no fault of a disk.
pub(crate) fn sync_folder(folder: &File) -> io::Result<()> {
    unless(&[libc::EINVAL, libc::EOPNOTSUPP, libc::ENOSYS], folder.sync_all())
}

/// Passes over the errors by which a file system says that it has no such thing.
pub(super) fn unless(codes: &[c_int], result: io::Result<()>) -> io::Result<()> {
    let passes = |e: &io::Error| e.raw_os_error().is_some_and(|code| codes.contains(&code));
    result.or_else(|e| if passes(&e) { Ok(()) } else { Err(e) })
}

fn done(result: c_int) -> io::Result<()> {
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
