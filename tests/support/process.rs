//! What the kernel says of this process's threads.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;

/// One thread of the library, as `/proc` describes it.
pub struct LibraryThread {
    pub name: String,
    pub blocked_signals: u64,
}

/// The threads that this process had at some moment. Some may have been about to end: an earlier
/// scenario's, also one that was joined. So only newer ones are counted.
pub struct Threads(BTreeSet<OsString>);

impl Threads {
    pub fn now() -> Self {
        let tasks = fs::read_dir("/proc/self/task").unwrap();
        Self(tasks.map(|task| task.unwrap().file_name()).collect())
    }

    /// How many there are now that were not there then. A thread counts from the moment it is started,
    /// while its name takes a moment longer.
    pub fn newer(&self) -> usize {
        Self::now().0.difference(&self.0).count()
    }
}

pub fn library_threads() -> Vec<LibraryThread> {
    let describe = |folder: fs::DirEntry| {
        let status = fs::read_to_string(folder.path().join("status")).ok()?;
        let field = |key: &str| {
            status.lines().find_map(|line| line.strip_prefix(key)).map(|v| v.trim().to_owned())
        };
        let name = field("Name:")?;
        let blocked_signals = u64::from_str_radix(&field("SigBlk:")?, 16).ok()?;
        name.starts_with("PsmdbTelemetry").then_some(LibraryThread { name, blocked_signals })
    };
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    tasks.filter_map(|task| describe(task.ok()?)).collect()
}
