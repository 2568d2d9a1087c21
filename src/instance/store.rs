//! The file on disk: read with a bound, replaced as a whole, never through a symbolic link.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::Record;

/// The file in the dbpath.
pub const FILE_NAME: &str = "telemetry_uuid";
/// Where a file that holds no identity is moved; one is kept.
pub const CORRUPT_NAME: &str = "telemetry_uuid.corrupt";
/// What is written before it takes the file's place.
const TEMPORARY_NAME: &str = "telemetry_uuid.tmp";

/// Longer than any file that the library or Percona's tools write.
const SIZE_LIMIT: usize = 1024 * 1024;
/// Most are shorter than this: one read gets all of it, one more finds the end.
const USUAL_SIZE: usize = 2048;

/// What is in the dbpath under [`FILE_NAME`].
#[derive(Debug)]
pub enum Found {
    /// No such file.
    Nothing,
    /// A file with an identity, or with an opt-out.
    Record(Record),
    /// A file with an opt-out in it that is too long to be read whole.
    LongOptOut,
    /// Something else; the words say what.
    Corrupt(&'static str),
}

/// Why the dbpath could not be used. Each is a sentence for the log.
#[derive(Debug)]
pub enum StoreError {
    /// The dbpath is missing, is no folder, or is closed to us.
    Folder(PathBuf, io::Error),
    /// The file is there and cannot be read.
    Read(PathBuf, io::Error),
    /// The file could not be replaced; the old one is as it was.
    Write(PathBuf, io::Error),
    /// With our lines in it the file would be too long to be read; the old one is as it was.
    TooLong(PathBuf),
    /// The folder could not be synced: the new file is in place, but a crash may undo that.
    Sync(PathBuf, io::Error),
    /// Something that is not ours bears a name that we need.
    InTheWay(PathBuf),
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(path, e) => write!(
                f,
                "the dbpath {} cannot be opened ({e}); it must be an existing folder that the \
                 server may read and write",
                path.display()
            ),
            Self::Read(path, e) => write!(
                f,
                "{} cannot be read ({e}); it must be readable by the server",
                path.display()
            ),
            Self::Write(path, e) => write!(
                f,
                "{} cannot be written ({e}); the dbpath must be writable and have space",
                path.display()
            ),
            Self::TooLong(path) => write!(
                f,
                "{} holds so much else that it would be longer than {SIZE_LIMIT} bytes; take out \
                 of it what telemetry does not need",
                path.display()
            ),
            Self::Sync(path, e) => {
                write!(f, "{} cannot be synced to disk ({e})", path.display())
            }
            Self::InTheWay(path) => write!(
                f,
                "{} is in the way and not a file of ours; move it elsewhere",
                path.display()
            ),
        }
    }
}

/// The dbpath, opened.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    folder: File,
}

impl Store {
    /// Opens the dbpath. That it exists is checked here, so that a missing file is never
    /// mistaken for a missing folder.
    pub fn open(dbpath: &Path) -> Result<Self, StoreError> {
        let folder = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_DIRECTORY)
            .open(dbpath)
            .map_err(|e| StoreError::Folder(dbpath.to_owned(), e))?;
        Ok(Self { path: dbpath.to_owned(), folder })
    }

    /// Reads the file.
    pub fn load(&self) -> Result<Found, StoreError> {
        let path = self.path.join(FILE_NAME);
        // O_NONBLOCK: the open of a FIFO or a device must not block.
        let opened = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY)
            .open(&path);
        let file = match opened {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
            // A symbolic link, or a socket.
            Err(e) if matches!(e.raw_os_error(), Some(libc::ELOOP | libc::ENXIO)) => {
                return Ok(Found::Corrupt("is not a regular file"));
            }
            Err(e) => return Err(StoreError::Read(path, e)),
        };
        read(file).map_err(|e| StoreError::Read(path, e))
    }

    /// Replaces the file, durably: when this returns, a crash leaves the new one; if it fails or
    /// the process dies before, the old one or the new one.
    pub fn save(&self, record: &Record) -> Result<(), StoreError> {
        let path = self.path.join(FILE_NAME);
        let bytes = record.to_bytes();
        if bytes.len() > SIZE_LIMIT {
            return Err(self.too_long());
        }
        let temporary = self.path.join(TEMPORARY_NAME);
        let file = create(&temporary)?;
        let replaced = fill(file, &bytes)
            .and_then(|()| std::fs::rename(&temporary, &path))
            .map_err(|e| StoreError::Write(path, e));
        if replaced.is_err() {
            // Nothing is left behind; the first error is the one to tell.
            let _ = std::fs::remove_file(&temporary);
        }
        replaced.and_then(|()| self.sync())
    }

    /// That the file holds more than can be kept.
    pub fn too_long(&self) -> StoreError {
        StoreError::TooLong(self.path.join(FILE_NAME))
    }

    /// Removes what a crash left of a [`save`](Self::save), as the next one would. It is litter and
    /// no more: if that fails, nobody needs to know.
    pub fn tidy(&self) {
        let _ = remove_leftover(&self.path.join(TEMPORARY_NAME));
    }

    /// Moves a file that holds no identity out of the way, in the place of an earlier one.
    pub fn set_aside(&self) -> Result<(), StoreError> {
        let corrupt = self.path.join(CORRUPT_NAME);
        std::fs::rename(self.path.join(FILE_NAME), &corrupt).map_err(|e| match e.kind() {
            // A folder cannot take the place of a file, nor a file that of a folder.
            ErrorKind::IsADirectory | ErrorKind::NotADirectory | ErrorKind::DirectoryNotEmpty => {
                StoreError::InTheWay(corrupt)
            }
            _ => StoreError::Write(corrupt, e),
        })
    }

    /// Removes the file, for an opt-out that was all it held.
    pub fn remove(&self) -> Result<(), StoreError> {
        let path = self.path.join(FILE_NAME);
        std::fs::remove_file(&path).map_err(|e| StoreError::Write(path, e))?;
        self.sync()
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.folder.sync_all().map_err(|e| StoreError::Sync(self.path.clone(), e))
    }
}

fn read(file: File) -> io::Result<Found> {
    if !file.metadata()?.is_file() {
        return Ok(Found::Corrupt("is not a regular file"));
    }
    let mut bytes = Vec::with_capacity(USUAL_SIZE);
    file.take(SIZE_LIMIT as u64 + 1).read_to_end(&mut bytes)?;
    let record = Record::parse(&bytes);
    let too_long = bytes.len() > SIZE_LIMIT;
    // Whatever else is wrong with the file: off means off.
    Ok(if record.is_opted_out() {
        if too_long { Found::LongOptOut } else { Found::Record(record) }
    } else if too_long {
        Found::Corrupt("is too long")
    } else if record.instance_id().is_none() {
        Found::Corrupt("holds no valid instanceId")
    } else {
        Found::Record(record)
    })
}

/// A new, empty file that only the server's user may read.
fn create(path: &Path) -> Result<File, StoreError> {
    let create_new = || OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let created = match create_new() {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {
            remove_leftover(path)?;
            create_new()
        }
        created => created,
    };
    created.map_err(|e| StoreError::Write(path.to_owned(), e))
}

/// A regular file of this name is one that a crash left behind; anything else is not ours and stays.
fn remove_leftover(path: &Path) -> Result<(), StoreError> {
    let failed = |e| StoreError::Write(path.to_owned(), e);
    if !std::fs::symlink_metadata(path).map_err(failed)?.is_file() {
        return Err(StoreError::InTheWay(path.to_owned()));
    }
    std::fs::remove_file(path).map_err(failed)
}

fn fill(mut file: File, bytes: &[u8]) -> io::Result<()> {
    // An odd umask may have taken away our own right to read the file at the next start.
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    file.sync_all()
}
