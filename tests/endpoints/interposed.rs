//! Functions of the C library that the library's threads call in this program, replaced: names
//! resolve as the tests want, and what is received is counted to the byte.
//!
//! What the kernel has acknowledged says nothing: it takes megabytes that nobody reads.

use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::io;
use std::mem::ManuallyDrop;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::FromRawFd;
use std::sync::{Condvar, Mutex, MutexGuard};

pub const MISSING: &str = "missing.invalid";
/// A name whose servers do not answer now, and say so.
pub const FAILING: &str = "failing.invalid";
/// A name for which the resolver does not return while a [`Hanging`] exists.
pub const HANGING: &str = "hanging.invalid";
/// A name of this host that the host's files have sent elsewhere.
pub const STRAYED: &str = "localhost";
/// The name of an endpoint on 127.0.0.1. Nobody listens at its other address.
pub const ENDPOINT: &str = "endpoint.invalid";

/// One of an endpoint whose first four addresses are 127.0.0.2 to 127.0.0.5.
pub const FIFTH: &str = "fifth.invalid";

fn addresses_of(name: &str) -> Option<&'static [&'static CStr]> {
    Some(match name.trim_end_matches('.') {
        STRAYED => &[c"192.0.2.1"],
        ENDPOINT => &[c"127.0.0.2", c"127.0.0.1"],
        FIFTH => &[c"127.0.0.2", c"127.0.0.3", c"127.0.0.4", c"127.0.0.5", c"127.0.0.1"],
        _ => return None,
    })
}

/// How many scenes want lookups of [`HANGING`] to hang.
static HANGS: Mutex<usize> = Mutex::new(0);
static RELEASED: Condvar = Condvar::new();

/// Lookups of [`HANGING`] hang until this is dropped.
pub struct Hanging(());

impl Hanging {
    pub fn new() -> Self {
        *HANGS.lock().unwrap() += 1;
        Self(())
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        *HANGS.lock().unwrap() -= 1;
        RELEASED.notify_all();
    }
}

type GetAddrInfo = unsafe extern "C" fn(
    *const c_char,
    *const c_char,
    *const libc::addrinfo,
    *mut *mut libc::addrinfo,
) -> c_int;

/// # Safety
/// As for the function of the C library that it stands in for.
#[unsafe(no_mangle)]
unsafe extern "C" fn getaddrinfo(
    node: *const c_char,
    service: *const c_char,
    hints: *const libc::addrinfo,
    result: *mut *mut libc::addrinfo,
) -> c_int {
    // SAFETY: the caller passes null or a string.
    let name = (!node.is_null()).then(|| unsafe { CStr::from_ptr(node) });
    let name = name.and_then(|name| name.to_str().ok()).unwrap_or_default();
    match name {
        MISSING => return libc::EAI_NONAME,
        FAILING => return libc::EAI_AGAIN,
        HANGING => {
            drop(RELEASED.wait_while(HANGS.lock().unwrap(), |hangs| *hangs > 0).unwrap());
            return libc::EAI_AGAIN;
        }
        _ => {}
    }
    let given = [node];
    let strings = addresses_of(name).map(|all| all.iter().map(|text| text.as_ptr()).collect());
    let nodes: Vec<*const c_char> = strings.unwrap_or_else(|| given.to_vec());
    // The last first, each in front of those after it: the C library frees them one by one.
    let mut found = std::ptr::null_mut();
    for node in nodes.into_iter().rev() {
        // SAFETY: the next function of this name is the C library's, of this type; the arguments are
        // the caller's, or a string that lasts. What it has found is a list that ends with null.
        unsafe {
            let next = libc::dlsym(libc::RTLD_NEXT, c"getaddrinfo".as_ptr());
            let next = std::mem::transmute::<*mut c_void, GetAddrInfo>(next);
            let mut first = std::ptr::null_mut();
            let code = next(node, service, hints, &raw mut first);
            if code != 0 {
                return code;
            }
            let mut last: *mut libc::addrinfo = first;
            while !(*last).ai_next.is_null() {
                last = (*last).ai_next;
            }
            (*last).ai_next = std::mem::replace(&mut found, first);
        }
    }
    // SAFETY: the caller passes a place for the result.
    unsafe { *result = found };
    0
}

/// Bytes received by the library, by the ports of the connection, the other side's first.
static RECEIVED: Mutex<Option<HashMap<(u16, u16), usize>>> = Mutex::new(None);

fn received() -> MutexGuard<'static, Option<HashMap<(u16, u16), usize>>> {
    RECEIVED.lock().unwrap()
}

/// Ports are used again: what was received from this one was from another endpoint.
pub fn forget(port: u16) {
    received().get_or_insert_default().retain(|(peer, _), _| *peer != port);
}

/// The most that the library has read from one connection to this port.
pub fn most_read_from(port: u16) -> usize {
    let received = received();
    let connections = received.iter().flatten().filter(|((peer, _), _)| *peer == port);
    connections.map(|(_, count)| *count).max().unwrap_or(0)
}

/// # Safety
/// As for the function of the C library that it stands in for.
#[unsafe(no_mangle)]
unsafe extern "C" fn recv(fd: c_int, buffer: *mut c_void, length: usize, flags: c_int) -> isize {
    // SAFETY: the arguments are the caller's; no address is asked for.
    let count = unsafe {
        let nowhere = std::ptr::null_mut::<c_void>();
        libc::syscall(libc::SYS_recvfrom, fd, buffer, length, flags, nowhere, nowhere)
    };
    let is_the_library_s =
        std::thread::current().name().is_some_and(|name| name.starts_with("PsmdbTelemetry"));
    if let (Ok(count @ 1..), true) = (usize::try_from(count), is_the_library_s) {
        // SAFETY: the descriptor is open, and stays so.
        let socket = ManuallyDrop::new(unsafe { TcpStream::from_raw_fd(fd) });
        let port = |end: io::Result<SocketAddr>| end.map_or(0, |address| address.port());
        let ports = (port(socket.peer_addr()), port(socket.local_addr()));
        *received().get_or_insert_default().entry(ports).or_default() += count;
    }
    isize::try_from(count).unwrap_or(-1)
}
