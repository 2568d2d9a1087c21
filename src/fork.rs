//! Whether this process is the one that started telemetry, or was forked from it.

use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU32, Ordering};

/// A mark that a forked process does not inherit.
///
/// The process id alone would not do: a process that is forked into a new PID namespace can have the
/// same one. So the mark lies in memory that the kernel hands to a child as zeros (`MADV_WIPEONFORK`,
/// since Linux 4.14). On an older kernel the process id has to do.
#[derive(Default)]
pub struct ForkMark {
    /// The process that set the mark; 0 before.
    process: AtomicU32,
    page: Page,
}

impl ForkMark {
    /// Sets the mark, unless it is set.
    pub fn set(&self) {
        if self.process.load(Ordering::Acquire) == 0 {
            // First the page, since a process without a mark in it takes itself for a copy.
            if let Some(mark) = self.page.mark() {
                mark.store(1, Ordering::Relaxed);
            }
            self.process.store(std::process::id(), Ordering::Release);
        }
    }

    /// Whether the mark was set by a process of which this one is a copy.
    pub fn in_forked_child(&self) -> bool {
        let process = self.process.load(Ordering::Acquire);
        let is_wiped = || self.page.mark().is_some_and(|mark| mark.load(Ordering::Relaxed) == 0);
        process != 0 && (process != std::process::id() || is_wiped())
    }
}

/// A page of memory that a forked child sees as zeros; none where the kernel cannot do that.
struct Page(Option<NonNull<AtomicU32>>);

// SAFETY: the page belongs to its `Page` alone, and is used as an atomic only.
unsafe impl Send for Page {}
// SAFETY: as above.
unsafe impl Sync for Page {}

/// The kernel rounds it up to a page.
const LENGTH: usize = size_of::<AtomicU32>();

impl Default for Page {
    fn default() -> Self {
        // SAFETY: a new private mapping touches no memory that is in use.
        let page = unsafe {
            libc::mmap(
                ptr::null_mut(),
                LENGTH,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if page == libc::MAP_FAILED {
            return Self(None);
        }
        let page = Self(NonNull::new(page.cast()));
        // SAFETY: the mapping was just made, and nobody else knows it.
        let is_wiped = page.0.is_some_and(|page| unsafe {
            libc::madvise(page.as_ptr().cast(), LENGTH, libc::MADV_WIPEONFORK) == 0
        });
        if is_wiped { page } else { Self(None) }
    }
}

impl Page {
    fn mark(&self) -> Option<&AtomicU32> {
        // SAFETY: the page is mapped until `self` is dropped, aligned as all pages are, and zeros are
        // a valid AtomicU32.
        self.0.map(|page| unsafe { page.as_ref() })
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if let Some(page) = self.0 {
            // SAFETY: the mapping was made in `default`, and no reference to it outlives `self`.
            unsafe { libc::munmap(page.as_ptr().cast(), LENGTH) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_child_of_a_fork(mark: &ForkMark) -> bool {
        // SAFETY: the child reads two numbers and ends; it takes no lock.
        match unsafe { libc::fork() } {
            // SAFETY: as above.
            0 => unsafe { libc::_exit(mark.in_forked_child().into()) },
            child => {
                let mut status = 0;
                // SAFETY: the child is this function's own, and `status` outlives the call.
                assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
                libc::WEXITSTATUS(status) == 1
            }
        }
    }

    #[test]
    fn a_process_that_is_forked_after_the_mark_was_set_is_known() {
        let mark = ForkMark::default();
        assert!(!mark.in_forked_child() && !in_child_of_a_fork(&mark));
        mark.set();
        assert!(!mark.in_forked_child() && in_child_of_a_fork(&mark));
    }

    #[test]
    fn a_copy_with_the_same_process_id_is_known_by_the_page() {
        let mark = ForkMark::default();
        mark.set();
        if mark.page.0.is_some() {
            mark.page.mark().unwrap().store(0, Ordering::Relaxed);
            assert!(mark.in_forked_child());
        }
    }
}
