//! What the kernel says of this process's threads.

use std::fs;

/// One thread of the library, as `/proc` describes it.
pub struct LibraryThread {
    pub name: String,
    pub blocked_signals: u64,
}

/// How many threads this process has. A new one counts from the moment it is started, while its
/// name takes a moment longer.
pub fn thread_count() -> usize {
    fs::read_dir("/proc/self/task").unwrap().count()
}

/// How many there are while the library has none: those of an earlier server may still be on their
/// way out.
pub fn thread_count_at_rest() -> usize {
    super::wait_until("the end of the library's threads", || library_threads().is_empty());
    thread_count()
}

/// The library's threads that run now.
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
