//! An open folder, and files in it that are replaced as a whole. All is done relative to the folder's
//! descriptor: it stays the same folder if it is moved, and another takes its path.

use std::ffi::{CString, c_int};
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// The permissions of new files: they are the server's alone.
const MODE: u32 = 0o600;

/// An open folder.
#[derive(Debug)]
pub(crate) struct Folder(File);

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
    fn has_regular_file(&self, name: &str) -> io::Result<bool> {
        // O_PATH: nothing is opened, so a FIFO or a device does not notice.
        Ok(self.open_file(name, libc::O_PATH | libc::O_NOFOLLOW)?.metadata()?.is_file())
    }

    /// Whether it was removed: then it has no name any more, and nothing can be made in it.
    pub fn is_removed(&self) -> io::Result<bool> {
        Ok(self.0.metadata()?.nlink() == 0)
    }

    /// Makes the names in it durable, where the file system can: CIFS, 9p and vboxsf sync no folders
    /// and say so, which is no fault of a disk.
    pub fn sync(&self) -> io::Result<()> {
        unless(&[libc::EINVAL, libc::EOPNOTSUPP, libc::ENOSYS], self.0.sync_all())
    }

    /// Writes a file under a temporary name, and syncs it: a file that gets its name only then is
    /// never seen incomplete, also not after a crash.
    pub fn write_temporary<'a>(
        &'a self,
        name: &'a str,
        bytes: &[u8],
    ) -> Result<TemporaryFile<'a>, TemporaryFileError> {
        let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL;
        let created = match self.open_file(name, flags) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {
                self.remove_temporary(name)?;
                self.open_file(name, flags)
            }
            created => created,
        };
        let file = created.map_err(TemporaryFileError::Create)?;
        let temporary = TemporaryFile { folder: self, name, is_renamed: false };
        fill(file, bytes).map_err(TemporaryFileError::Write)?;
        Ok(temporary)
    }

    /// Removes a temporary file that a crash left. A regular file of that name is one; anything else
    /// is not ours and stays.
    pub fn remove_temporary(&self, name: &str) -> Result<(), TemporaryFileError> {
        if !self.has_regular_file(name).map_err(TemporaryFileError::Create)? {
            return Err(TemporaryFileError::NotOurs(name.to_owned()));
        }
        self.remove(name).map_err(TemporaryFileError::Create)
    }
}

/// A file that is written and synced, and has only a temporary name. Dropped, it is removed.
#[must_use]
pub(crate) struct TemporaryFile<'a> {
    folder: &'a Folder,
    name: &'a str,
    is_renamed: bool,
}

impl TemporaryFile<'_> {
    /// Gives it its name, in the place of another file. That is durable once the folder is synced.
    pub fn rename(mut self, name: &str) -> io::Result<()> {
        self.folder.rename(self.name, name)?;
        self.is_renamed = true;
        Ok(())
    }
}

impl Drop for TemporaryFile<'_> {
    fn drop(&mut self) {
        if !self.is_renamed {
            // The error that led here is the one to report.
            let _ = self.folder.remove(self.name);
        }
    }
}

/// Why a temporary file could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TemporaryFileError {
    /// Something else than a regular file has its name.
    #[error("{0} exists but is not a file of ours; move it elsewhere")]
    NotOurs(String),
    /// There is no such file.
    #[error("{0}")]
    Create(io::Error),
    /// It was created, and is removed.
    #[error("{0}")]
    Write(io::Error),
}

/// Writes the file and syncs it. Any error of that is one: a file system that syncs no files can
/// hold no database either.
fn fill(mut file: File, bytes: &[u8]) -> io::Result<()> {
    make_private(&file)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// An odd umask may have removed our own right to read the file at the next start. On CIFS, FUSE and
/// their like all files have the mode that the mount gives them, and no other is available.
fn make_private(file: &File) -> io::Result<()> {
    if file.metadata()?.permissions().mode() & 0o7777 == MODE {
        return Ok(());
    }
    let refused = [libc::EPERM, libc::EOPNOTSUPP, libc::ENOSYS];
    unless(&refused, file.set_permissions(Permissions::from_mode(MODE)))
}

/// Ignores the errors by which a file system says that it does not support a call.
fn unless(codes: &[c_int], result: io::Result<()>) -> io::Result<()> {
    let is_ignored = |e: &io::Error| e.raw_os_error().is_some_and(|code| codes.contains(&code));
    result.or_else(|e| if is_ignored(&e) { Ok(()) } else { Err(e) })
}

fn done(result: c_int) -> io::Result<()> {
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use tempfile::TempDir;

    const NAME: &str = "file";
    const TEMPORARY: &str = "file.tmp";

    fn folder() -> (TempDir, Folder) {
        let place = TempDir::new().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        (place, folder)
    }

    #[test]
    fn a_file_takes_the_place_of_another_when_it_is_complete() {
        let (place, folder) = folder();
        let [file, temporary] = [NAME, TEMPORARY].map(|name| place.path().join(name));
        std::fs::write(&file, "old").unwrap();
        std::fs::write(&temporary, "left by a crash").unwrap();
        let complete = folder.write_temporary(TEMPORARY, b"new").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"old");
        complete.rename(NAME).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
        assert!(!temporary.exists());
    }

    #[test]
    fn a_temporary_file_that_gets_no_name_is_removed() {
        let (place, folder) = folder();
        drop(folder.write_temporary(TEMPORARY, b"new").unwrap());
        assert!(!place.path().join(TEMPORARY).exists());
    }

    #[test]
    fn only_a_regular_file_is_taken_for_a_temporary_one() {
        let make_folder: &dyn Fn(&Path) = &|path| std::fs::create_dir(path).unwrap();
        let make_link: &dyn Fn(&Path) = &|path| {
            std::fs::write(path.with_file_name(NAME), "other").unwrap();
            symlink(NAME, path).unwrap();
        };
        for make in [make_folder, make_link] {
            let (place, folder) = folder();
            let path = place.path().join(TEMPORARY);
            make(&path);
            let refused = folder.write_temporary(TEMPORARY, b"new");
            assert!(matches!(refused, Err(TemporaryFileError::NotOurs(_))));
            assert!(path.symlink_metadata().is_ok());
        }
    }

    #[test]
    fn a_file_is_made_private_whatever_its_mode_was() {
        let file = tempfile::tempfile().unwrap();
        for mode in [0o000, 0o400, 0o600, 0o644] {
            file.set_permissions(Permissions::from_mode(mode)).unwrap();
            make_private(&file).unwrap();
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o7777, 0o600, "{mode:o}");
        }
    }

    #[test]
    fn a_folder_that_was_removed_is_known_as_such() {
        let (place, folder) = folder();
        assert!(!folder.is_removed().unwrap());
        place.close().unwrap();
        assert!(folder.is_removed().unwrap());
    }

    #[test]
    fn only_the_named_errors_are_ignored() {
        let result = |code| unless(&[libc::EINVAL], Err(io::Error::from_raw_os_error(code)));
        assert!(result(libc::EINVAL).is_ok() && result(libc::EIO).is_err());
    }
}
