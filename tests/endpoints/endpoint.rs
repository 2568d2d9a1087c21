//! An endpoint that misbehaves as it is told, and keeps each byte that it got.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::interposed::forget;
use crate::support::DEADLINE;

/// How far a connection has come. What the library does is stopped at each of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    Connected,
    /// The client has said something, and the endpoint has read as much of it as it wants.
    Heard,
    /// The endpoint has said something.
    Spoken,
}

/// What an endpoint does with a connection.
type Behaviour = dyn Fn(&mut Talk) + Send + Sync;

/// The endpoint; it ends, with all its connections, when it is dropped.
pub struct Endpoint {
    pub port: u16,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    over: bool,
    progress: Option<Progress>,
    heard: Vec<Vec<u8>>,
    open: Vec<Option<TcpStream>>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn reach(&self, progress: Progress) {
        let mut state = self.lock();
        state.progress = state.progress.max(Some(progress));
        self.changed.notify_all();
    }
}

impl Endpoint {
    pub fn new(behaviour: impl Fn(&mut Talk) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        forget(port);
        let shared = Arc::<Shared>::default();
        let acceptor = {
            let (shared, behaviour): (_, Arc<Behaviour>) =
                (Arc::clone(&shared), Arc::new(behaviour));
            std::thread::spawn(move || accept(&listener, &shared, &behaviour))
        };
        Self { port, shared, acceptor: Some(acceptor) }
    }

    /// What each connection has brought so far, in the order in which they were made.
    pub fn heard(&self) -> Vec<Vec<u8>> {
        self.shared.lock().heard.clone()
    }

    /// Ends it with all its connections; what they have brought until then is kept.
    pub fn close(&mut self) {
        let Some(acceptor) = self.acceptor.take() else { return };
        {
            let mut state = self.shared.lock();
            state.over = true;
            for connection in state.open.iter().flatten() {
                let _ = connection.shutdown(Shutdown::Both);
            }
            self.shared.changed.notify_all();
        }
        // It looks whether it is over each time that it has accepted.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        acceptor.join().unwrap();
    }

    /// Waits until a connection has come so far, or for `limit`; whether it has.
    pub fn reaches(&self, progress: Progress, limit: Duration) -> bool {
        let not_yet = |state: &mut State| state.progress < Some(progress);
        let state = self.shared.lock();
        let waited = self.shared.changed.wait_timeout_while(state, limit, not_yet).unwrap();
        !waited.1.timed_out()
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.close();
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>, behaviour: &Arc<Behaviour>) {
    let mut talks = Vec::new();
    for tcp in listener.incoming() {
        let tcp = tcp.unwrap();
        let number = {
            let mut state = shared.lock();
            if state.over {
                break;
            }
            state.heard.push(Vec::new());
            state.open.push(tcp.try_clone().ok());
            state.open.len() - 1
        };
        shared.reach(Progress::Connected);
        let mut talk =
            Talk { tcp, shared: Arc::clone(shared), number, is_reset: false, is_secret: false };
        let behaviour = Arc::clone(behaviour);
        talks.push(std::thread::spawn(move || {
            behaviour(&mut talk);
            talk.end();
        }));
    }
    for talk in talks {
        talk.join().unwrap();
    }
}

/// One connection, seen from the endpoint. What fails because the client is gone is not told: each
/// behaviour ends by itself when nothing more can be heard or said.
pub struct Talk {
    pub tcp: TcpStream,
    shared: Arc<Shared>,
    number: usize,
    is_reset: bool,
    is_secret: bool,
}

impl Talk {
    /// Listens to a whole request.
    pub fn hear_request(&mut self) {
        let request = whole_request(&mut self.tcp);
        self.note(&request);
    }

    /// Listens to whatever comes first.
    pub fn hear_something(&mut self) {
        let mut bytes = [0; 4096];
        let count = self.tcp.read(&mut bytes).unwrap_or(0);
        self.note(&bytes[..count]);
    }

    /// Remembers what the client has said, where the behaviour has read it itself.
    pub fn note(&self, bytes: &[u8]) {
        self.shared.lock().heard[self.number].extend_from_slice(bytes);
        self.shared.reach(Progress::Heard);
    }

    /// The stream under a TLS connection, whose bytes as such say nothing.
    pub fn secret_stream(&mut self) -> TcpStream {
        self.is_secret = true;
        self.tcp.try_clone().unwrap()
    }

    /// Says something; whether the client may still be listening.
    pub fn say(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        let said = self.tcp.write_all(bytes.as_ref()).is_ok();
        self.shared.reach(Progress::Spoken);
        said
    }

    /// Says it for as long as anybody listens.
    pub fn say_forever(&mut self, bytes: impl AsRef<[u8]>) {
        while self.say(bytes.as_ref()) {}
    }

    /// Says a byte each half second.
    pub fn drip(&mut self, bytes: impl AsRef<[u8]>) {
        for byte in bytes.as_ref() {
            if !self.say([*byte]) || self.is_over_within(Duration::from_millis(500)) {
                return;
            }
        }
    }

    /// Neither hears nor says anything until the client goes away.
    pub fn hold(&mut self) {
        let mut closed =
            libc::pollfd { fd: self.tcp.as_raw_fd(), events: libc::POLLRDHUP, revents: 0 };
        let limit = libc::c_int::try_from(DEADLINE.as_millis()).unwrap();
        // SAFETY: one valid pollfd.
        unsafe { libc::poll(&raw mut closed, 1, limit) };
    }

    /// Closes so that the client gets an error, and not an end.
    pub fn reset(&mut self) {
        let linger = libc::linger { l_onoff: 1, l_linger: 0 };
        let size = libc::socklen_t::try_from(size_of_val(&linger)).unwrap();
        // SAFETY: the descriptor is open, and `linger` is valid for its size.
        let set = unsafe {
            let value = (&raw const linger).cast();
            libc::setsockopt(self.tcp.as_raw_fd(), libc::SOL_SOCKET, libc::SO_LINGER, value, size)
        };
        assert_eq!(set, 0);
        self.is_reset = true;
    }

    fn is_over_within(&self, limit: Duration) -> bool {
        let state = self.shared.lock();
        let waited = self.shared.changed.wait_timeout_while(state, limit, |s| !s.over).unwrap();
        !waited.1.timed_out()
    }

    /// Says no more, and listens to what may still come.
    fn end(mut self) {
        if !self.is_reset {
            let _ = self.tcp.shutdown(Shutdown::Write);
            let mut rest = Vec::new();
            let _ = self.tcp.read_to_end(&mut rest);
            if !self.is_secret {
                self.shared.lock().heard[self.number].extend_from_slice(&rest);
            }
        }
        self.shared.lock().open[self.number] = None;
    }
}

/// A whole request with its body, or as much of it as comes.
pub fn whole_request(stream: &mut impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return bytes,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(_) => return bytes,
        }
        if is_whole(&bytes) {
            return bytes;
        }
    }
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().unwrap())
}
