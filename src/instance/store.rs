//! The file on disk: read with a bound, replaced as a whole, never through a symbolic link.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::Record;
use crate::folder::{Folder, TemporaryFileError};
use crate::text::truncated;

/// The file in the dbpath.
pub const FILE_NAME: &str = "telemetry_uuid";
/// Where a file that holds no identity is moved; one is kept.
pub const CORRUPT_NAME: &str = "telemetry_uuid.corrupt";
/// What is written before it takes the file's place.
const TEMPORARY_NAME: &str = "telemetry_uuid.tmp";

/// Longer than any file that the library or Percona's tools write.
pub(super) const SIZE_LIMIT: usize = 1024 * 1024;
/// Most are shorter than this: one read gets all of it, one more finds the end.
const USUAL_SIZE: usize = 2048;
/// How much of a dbpath's name a message shows, in bytes.
const SHOWN_PATH: usize = 256;

/// What is in the dbpath under [`FILE_NAME`].
#[derive(Debug)]
pub enum LoadResult {
    /// No such file.
    Missing,
    /// A file with an identity, or with an opt-out.
    Record(Record),
    /// A file with an opt-out in it that is too long to be read whole.
    LongOptOut,
    /// Something else; the text says what.
    Corrupt(&'static str),
}

/// Why the dbpath could not be used. Each is a sentence for the log, and names a path.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The dbpath is missing, is no folder, or may not be opened.
    #[error(
        "the dbpath \"{0}\" cannot be opened ({1}); it must be an existing folder that the server \
         may read and write"
    )]
    Folder(String, io::Error),
    /// The dbpath was removed after it had been opened.
    #[error(
        "the dbpath \"{0}\" was removed while the server runs; restart the server on an existing \
         folder"
    )]
    Removed(String),
    /// The file is there and cannot be read.
    #[error("{0} cannot be read ({1}); it must be readable by the server")]
    Read(String, io::Error),
    /// The file could not be replaced; the old one is as it was.
    #[error("{0} cannot be written ({1}); the dbpath must be writable and have space")]
    Write(String, io::Error),
    /// With our lines in it the file would be too long to be read; the old one is as it was.
    #[error("{0} exceeds 1 MiB; remove unknown lines")]
    TooLong(String),
    /// The folder or the file could not be synced: the file is in place, but a crash may undo that.
    #[error("{0} cannot be synced to disk ({1})")]
    Sync(String, io::Error),
    /// Something else has a name that the library needs.
    #[error("{0} exists but is not a telemetry file; move it elsewhere")]
    NotOurs(String),
    /// The quarantined file cannot take this place.
    #[error("{0} cannot be replaced by the file to be quarantined ({1}); move it elsewhere")]
    NotReplaced(String, io::Error),
}

/// The dbpath, opened. It stays the folder that was opened, wherever that is moved to.
#[derive(Debug)]
pub struct Store {
    /// What it was opened as, for messages.
    path: PathBuf,
    pub(super) folder: Folder,
}

impl Store {
    /// Opens the dbpath. That it exists is checked here, so that a missing file is never
    /// mistaken for a missing folder.
    pub fn open(dbpath: &Path) -> Result<Self, StoreError> {
        match Folder::open(dbpath) {
            Ok(folder) => Ok(Self { path: dbpath.to_owned(), folder }),
            Err(e) => Err(StoreError::Folder(shown(dbpath), e)),
        }
    }

    /// Reads the file.
    pub fn load(&self) -> Result<LoadResult, StoreError> {
        let failed = |e| StoreError::Read(self.shown(FILE_NAME), e);
        match self.open_to_read() {
            Ok(file) => read(&file).map_err(failed),
            // A removed folder has no files, and that is no first start.
            Err(e) if e.kind() == ErrorKind::NotFound => match self.folder.is_removed() {
                Ok(true) => Err(StoreError::Removed(shown(&self.path))),
                Ok(false) => Ok(LoadResult::Missing),
                Err(e) => Err(failed(e)),
            },
            // A symbolic link, or a socket.
            Err(e) if matches!(e.raw_os_error(), Some(libc::ELOOP | libc::ENXIO)) => {
                Ok(LoadResult::Corrupt("is not a regular file"))
            }
            Err(e) => Err(failed(e)),
        }
    }

    fn open_to_read(&self) -> io::Result<File> {
        // O_NONBLOCK: the open of a FIFO or a device must not block.
        let flags = libc::O_RDONLY | libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
        self.folder.open_file(FILE_NAME, flags)
    }

    /// Replaces the file, durably: when this returns, a crash leaves the new one; if it fails or
    /// the process dies before, the old one or the new one.
    pub fn save(&self, record: &Record) -> Result<(), StoreError> {
        let bytes = record.to_bytes();
        if bytes.len() > SIZE_LIMIT {
            return Err(self.too_long());
        }
        let temporary = self.folder.write_temporary(TEMPORARY_NAME, &bytes);
        temporary
            .map_err(|e| match e {
                TemporaryFileError::NotOurs(name) => StoreError::NotOurs(self.shown(&name)),
                TemporaryFileError::Create(e) => self.not_written(TEMPORARY_NAME, e),
                TemporaryFileError::Write(e) => self.not_written(FILE_NAME, e),
            })?
            .rename(FILE_NAME)
            .map_err(|e| self.not_written(FILE_NAME, e))?;
        self.sync()
    }

    /// That the file holds more than can be kept.
    pub fn too_long(&self) -> StoreError {
        StoreError::TooLong(self.shown(FILE_NAME))
    }

    /// Removes the temporary file of a [`save`](Self::save) that a crash interrupted, as the next `save`
    /// would. The file is harmless, so an error is ignored.
    pub fn remove_stale_temp(&self) {
        let _ = self.folder.remove_temporary(TEMPORARY_NAME);
    }

    /// Renames a file without a valid identity; it replaces one that was quarantined earlier.
    pub fn quarantine(&self) -> Result<(), StoreError> {
        self.folder.rename(FILE_NAME, CORRUPT_NAME).map_err(|e| match e.kind() {
            // A folder cannot take the place of a file, nor a file that of a folder.
            ErrorKind::IsADirectory | ErrorKind::NotADirectory | ErrorKind::DirectoryNotEmpty => {
                StoreError::NotReplaced(self.shown(CORRUPT_NAME), e)
            }
            _ => self.not_written(CORRUPT_NAME, e),
        })
    }

    /// Removes the file, for an opt-out that was all it held.
    pub fn remove(&self) -> Result<(), StoreError> {
        self.folder.remove(FILE_NAME).map_err(|e| self.not_written(FILE_NAME, e))?;
        self.sync()
    }

    /// Whether a file was quarantined in this dbpath, by this start or an earlier one.
    pub fn has_quarantined(&self) -> Result<bool, StoreError> {
        match self.folder.open_file(CORRUPT_NAME, libc::O_PATH | libc::O_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
            Err(e) => Err(StoreError::Read(self.shown(CORRUPT_NAME), e)),
        }
    }

    /// Makes durable what is there, or that there is no file: another program may have written it.
    pub fn sync_as_it_is(&self) -> Result<(), StoreError> {
        match self.open_to_read() {
            Ok(file) => {
                file.sync_all().map_err(|e| StoreError::Sync(self.shown(FILE_NAME), e))?;
            }
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(StoreError::Read(self.shown(FILE_NAME), e)),
        }
        self.sync()
    }

    /// Makes the names in the dbpath durable.
    fn sync(&self) -> Result<(), StoreError> {
        self.folder.sync().map_err(|e| StoreError::Sync(shown(&self.path), e))
    }

    fn not_written(&self, name: &str, error: io::Error) -> StoreError {
        StoreError::Write(self.shown(name), error)
    }

    /// A file in the dbpath as messages name it.
    fn shown(&self, name: &str) -> String {
        format!("{}/{name}", shown(&self.path))
    }
}

/// A path as messages show it; the beginning identifies a very long one.
fn shown(path: &Path) -> String {
    let path = path.to_string_lossy();
    let begin = truncated(&path, SHOWN_PATH);
    if begin.len() < path.len() { format!("{begin}…") } else { path.into_owned() }
}

/// The content of a regular file, up to one byte beyond the limit.
pub(super) fn content(file: &File) -> io::Result<Option<Vec<u8>>> {
    if !file.metadata()?.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(USUAL_SIZE);
    file.take(SIZE_LIMIT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

fn read(file: &File) -> io::Result<LoadResult> {
    let Some(bytes) = content(file)? else {
        return Ok(LoadResult::Corrupt("is not a regular file"));
    };
    let record = Record::parse(&bytes);
    let too_long = bytes.len() > SIZE_LIMIT;
    // Whatever else is wrong with the file: off means off.
    Ok(if record.is_opted_out() {
        if too_long { LoadResult::LongOptOut } else { LoadResult::Record(record) }
    } else if too_long {
        LoadResult::Corrupt("is too long")
    } else if record.instance_id().is_none() {
        LoadResult::Corrupt("holds no valid instanceId")
    } else {
        LoadResult::Record(record)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "instanceId:6aef422e-56a7-4530-af9d-94cc02198343\n";
    const MEBIBYTE: usize = 1_048_576;

    fn with_an_id(size: usize) -> String {
        format!("{ID}{}\n", "x".repeat(size - ID.len() - 1))
    }

    #[test]
    fn a_file_of_one_mebibyte_is_read_and_a_longer_one_is_not() {
        let dbpath = tempfile::tempdir().unwrap();
        let load = |size| {
            std::fs::write(dbpath.path().join(FILE_NAME), with_an_id(size)).unwrap();
            Store::open(dbpath.path()).unwrap().load().unwrap()
        };
        assert!(matches!(load(MEBIBYTE), LoadResult::Record(_)));
        assert!(matches!(load(MEBIBYTE + 1), LoadResult::Corrupt("is too long")));
    }

    type Make<'a> = &'a dyn Fn(&Path);

    #[test]
    fn what_is_no_regular_file_is_not_read_and_blocks_nobody() {
        let other = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(other.path(), ID).unwrap();
        let link: Make<'_> = &|path| std::os::unix::fs::symlink(other.path(), path).unwrap();
        let socket: Make<'_> = &|path| drop(std::os::unix::net::UnixListener::bind(path).unwrap());
        let folder: Make<'_> = &|path| std::fs::create_dir(path).unwrap();
        let fifo: Make<'_> = &|path| {
            let made = std::process::Command::new("mkfifo").arg(path).status();
            assert!(made.unwrap().success());
        };
        for make in [link, socket, folder, fifo] {
            let dbpath = tempfile::tempdir().unwrap();
            make(&dbpath.path().join(FILE_NAME));
            let found = Store::open(dbpath.path()).unwrap().load().unwrap();
            assert!(matches!(found, LoadResult::Corrupt("is not a regular file")), "{found:?}");
        }
    }

    #[test]
    fn whatever_has_the_name_of_a_quarantined_file_counts_as_one() {
        let dbpath = tempfile::tempdir().unwrap();
        let store = Store::open(dbpath.path()).unwrap();
        assert!(!store.has_quarantined().unwrap());
        std::os::unix::fs::symlink("/gone", dbpath.path().join(CORRUPT_NAME)).unwrap();
        assert!(store.has_quarantined().unwrap());
    }

    #[test]
    fn a_folder_in_the_place_of_the_quarantined_file_stays() {
        let dbpath = tempfile::tempdir().unwrap();
        std::fs::write(dbpath.path().join(FILE_NAME), "damaged\n").unwrap();
        std::fs::create_dir(dbpath.path().join(CORRUPT_NAME)).unwrap();
        let store = Store::open(dbpath.path()).unwrap();
        assert!(matches!(store.quarantine(), Err(StoreError::NotReplaced(..))));
    }

    #[test]
    fn a_file_is_written_if_it_can_be_read_again() {
        let dbpath = tempfile::tempdir().unwrap();
        let store = Store::open(dbpath.path()).unwrap();
        let save = |size| store.save(&Record::parse(with_an_id(size).as_bytes()));
        assert!(save(MEBIBYTE).is_ok());
        assert!(matches!(save(MEBIBYTE + 1), Err(StoreError::TooLong(_))));
    }

    #[test]
    fn of_a_long_dbpath_a_message_shows_the_beginning() {
        let at = |length| shown(Path::new(&"x".repeat(length)));
        assert_eq!(at(SHOWN_PATH), "x".repeat(SHOWN_PATH));
        assert_eq!(at(SHOWN_PATH + 1), format!("{}…", "x".repeat(SHOWN_PATH)));
    }
}
