//! An endpoint on loopback that behaves as a test wants, and keeps each byte that it got.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{DEADLINE, schema};

pub const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
pub const BUSY: &str = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
pub const BUSY_FOR_AN_HOUR: &str =
    "HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n";

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    Connected,
    /// The client has sent something, and the endpoint has read as much of it as it wants.
    Received,
    Answered,
}

type Behaviour = dyn Fn(&mut Connection) + Send + Sync;

#[derive(Debug)]
pub struct Request {
    pub head: String,
    pub body: String,
}

/// The endpoint; it ends, with all its connections, when it is dropped.
pub struct Endpoint {
    pub port: u16,
    /// Where it is, for plain HTTP.
    pub url: String,
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
    received: Vec<Vec<u8>>,
    open: Vec<Option<Arc<TcpStream>>>,
    /// The client's ports of the connections that are the endpoint's own, and are not accepted yet.
    own: Vec<u16>,
    /// How many connections the test has asked for.
    taken: usize,
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

    /// Waits until it is so, or until the limit; whether it is.
    fn wait(&self, limit: Duration, mut is_so: impl FnMut(&mut State) -> bool) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), limit, |state| !is_so(state));
        !waited.unwrap().1.timed_out()
    }
}

impl Endpoint {
    pub fn new(behaviour: impl Fn(&mut Connection) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (shared, behaviour) = (Arc::<Shared>::default(), Arc::new(behaviour));
        let acceptor = Arc::clone(&shared);
        let acceptor = std::thread::spawn(move || accept(&listener, &acceptor, &behaviour));
        let url = format!("http://127.0.0.1:{port}/v1/telemetry/GenericReport");
        Self { port, url, shared, acceptor: Some(acceptor) }
    }

    /// Gives each request the next of the answers, and the last one to all that follow.
    pub fn answering(answers: &[&str]) -> Self {
        let answers: Vec<_> = answers.iter().map(|answer| (*answer).to_owned()).collect();
        let requests = AtomicUsize::new(0);
        Self::new(move |connection| {
            if connection.read_request() {
                let next = requests.fetch_add(1, Ordering::Relaxed).min(answers.len() - 1);
                connection.send(&answers[next]);
            }
        })
    }

    /// Accepts connections, reads nothing and sends nothing.
    pub fn silent() -> Self {
        Self::new(Connection::hold)
    }

    /// What came on each connection so far, in the order in which they were made.
    pub fn received(&self) -> Vec<Vec<u8>> {
        self.all_accepted().received.clone()
    }

    /// The next request, its body checked against the schema.
    pub fn request(&self) -> Request {
        let mut bytes = Vec::new();
        let came = self.shared.wait(DEADLINE, |state| {
            let next = state.received[state.taken..].iter().position(|received| is_whole(received));
            let Some(next) = next else { return false };
            bytes.clone_from(&state.received[state.taken + next]);
            state.taken += next + 1;
            true
        });
        assert!(came, "no request in time");
        let text = String::from_utf8(bytes).unwrap();
        let end_of_head = text.find("\r\n\r\n").unwrap() + 4;
        let (head, body) = text.split_at(end_of_head);
        schema::check(&serde_json::from_str(body).unwrap());
        Request { head: head.to_owned(), body: body.to_owned() }
    }

    pub fn connection(&self) {
        let came = self.shared.wait(DEADLINE, |state| {
            let came = state.received.len() > state.taken;
            state.taken += usize::from(came);
            came
        });
        assert!(came, "no connection in time");
    }

    /// Whether no connection came that the test has not asked for.
    pub fn is_quiet(&self) -> bool {
        let state = self.all_accepted();
        state.received.len() == state.taken
    }

    /// Waits until all connections that were made until now are accepted. They are in their order: when
    /// one of its own is, all earlier ones are.
    fn all_accepted(&self) -> MutexGuard<'_, State> {
        if self.acceptor.is_some() {
            // It is not counted, as the lock is held until its port is known.
            let mut state = self.shared.lock();
            let own = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
            let port = own.local_addr().unwrap().port();
            state.own.push(port);
            drop(state);
            let accepted = self.shared.wait(DEADLINE, |state| !state.own.contains(&port));
            assert!(accepted, "connections are not accepted in time");
        }
        self.shared.lock()
    }

    pub fn send(&self, bytes: &str) {
        let open = self.shared.lock().open.clone();
        for connection in open.iter().flatten() {
            (&**connection).write_all(bytes.as_bytes()).unwrap();
        }
    }

    pub fn hang_up(&self) {
        for connection in self.shared.lock().open.iter().flatten() {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    /// Ends it with all its connections; what came until then is kept.
    pub fn close(&mut self) {
        if !std::thread::panicking() {
            drop(self.all_accepted());
        }
        let Some(acceptor) = self.acceptor.take() else { return };
        self.shared.lock().over = true;
        self.shared.changed.notify_all();
        self.hang_up();
        // It looks whether it is over each time that it has accepted.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        acceptor.join().unwrap();
    }

    /// Waits until a connection has come so far, or for `limit`; whether it has.
    pub fn reaches(&self, progress: Progress, limit: Duration) -> bool {
        self.shared.wait(limit, |state| state.progress >= Some(progress))
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.close();
    }
}

fn accept(
    listener: &TcpListener,
    shared: &Arc<Shared>,
    behaviour: &Arc<impl Fn(&mut Connection) + Send + Sync + 'static>,
) {
    let mut connections = Vec::new();
    // What fails is for want of a descriptor, and comes again.
    for tcp in listener.incoming().flatten().map(Arc::new) {
        let number = {
            let mut state = shared.lock();
            if state.over {
                break;
            }
            let port = tcp.peer_addr().map_or(0, |peer| peer.port());
            if let Some(own) = state.own.iter().position(|own| *own == port) {
                state.own.swap_remove(own);
                shared.changed.notify_all();
                continue;
            }
            state.received.push(Vec::new());
            state.open.push(Some(Arc::clone(&tcp)));
            state.open.len() - 1
        };
        shared.reach(Progress::Connected);
        let shared = Arc::clone(shared);
        let mut connection =
            Connection { tcp, shared, number, is_reset: false, is_encrypted: false };
        let behaviour = Arc::clone(behaviour);
        connections.push(std::thread::spawn(move || {
            behaviour(&mut connection);
            connection.end();
        }));
    }
    for connection in connections {
        connection.join().unwrap();
    }
}

/// One connection, seen from the endpoint. What fails because the client is gone is not reported: each
/// behaviour ends by itself when nothing more can be received or sent.
pub struct Connection {
    tcp: Arc<TcpStream>,
    shared: Arc<Shared>,
    number: usize,
    is_reset: bool,
    is_encrypted: bool,
}

impl Connection {
    pub fn read_request(&mut self) -> bool {
        let request = whole_request(&mut &*self.tcp);
        self.keep(&request);
        is_whole(&request)
    }

    pub fn read_some(&mut self) {
        let mut bytes = [0; 4096];
        let count = (&*self.tcp).read(&mut bytes).unwrap_or(0);
        self.keep(&bytes[..count]);
    }

    /// Keeps what the client has sent, where the behaviour has read it itself.
    pub fn keep(&self, bytes: &[u8]) {
        self.shared.lock().received[self.number].extend_from_slice(bytes);
        self.shared.reach(Progress::Received);
    }

    /// The stream under a TLS connection. Its bytes are encrypted, and not kept.
    pub fn raw_stream(&mut self) -> TcpStream {
        self.is_encrypted = true;
        self.tcp.try_clone().unwrap()
    }

    /// Sends something; whether the client may still read it.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        let sent = (&*self.tcp).write_all(bytes.as_ref()).is_ok();
        self.shared.reach(Progress::Answered);
        sent
    }

    pub fn send_forever(&mut self, bytes: impl AsRef<[u8]>) {
        while self.send(bytes.as_ref()) {}
    }

    pub fn send_slowly(&mut self, bytes: impl AsRef<[u8]>) {
        let pause = Duration::from_millis(500);
        for byte in bytes.as_ref() {
            if !self.send([*byte]) || self.shared.wait(pause, |state| state.over) {
                return;
            }
        }
    }

    /// Neither reads nor sends anything until the client goes away.
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

    /// Sends no more, and reads what may still come.
    fn end(self) {
        if !self.is_reset {
            let _ = self.tcp.shutdown(Shutdown::Write);
            let mut rest = Vec::new();
            let _ = (&*self.tcp).read_to_end(&mut rest);
            if !self.is_encrypted {
                self.shared.lock().received[self.number].extend_from_slice(&rest);
            }
        }
        self.shared.lock().open[self.number] = None;
        self.shared.changed.notify_all();
    }
}

/// A whole request with its body, or as much of it as comes.
pub fn whole_request(stream: &mut impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    while !is_whole(&bytes) {
        match stream.read(&mut buffer) {
            Ok(count @ 1..) => bytes.extend_from_slice(&buffer[..count]),
            _ => break,
        }
    }
    bytes
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().unwrap())
}
