//! An endpoint on loopback that answers as it is told and keeps what it got.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::mpsc::{self, Receiver as Channel, Sender};
use std::time::Duration;

use super::{DEADLINE, schema};

/// An answer that says everything is well.
pub const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/// A request as it came off the wire.
#[derive(Debug)]
pub struct Request {
    pub head: String,
    pub body: String,
}

/// The endpoint. It ends with the test's process.
pub struct Receiver {
    pub url: String,
    requests: Channel<Request>,
    connections: Channel<TcpStream>,
}

impl Receiver {
    /// Gives each request the next of the answers, and the last one to all that follow. An empty
    /// answer closes the connection.
    pub fn answering(answers: &[&str]) -> Self {
        let answers: Vec<_> = answers.iter().map(|answer| (*answer).to_owned()).collect();
        Self::serving(move |requests, _| {
            let mut answers = answers.into_iter();
            let mut last = String::new();
            move |mut stream: TcpStream| {
                if let Some(request) = read_request(&mut stream) {
                    requests.send(request).unwrap();
                    last = answers.next().unwrap_or_else(|| last.clone());
                    let _ = stream.write_all(last.as_bytes());
                }
            }
        })
    }

    /// Answers each request after having been told to.
    pub fn answering_when_told(answer: &'static str) -> (Sender<()>, Self) {
        let (tell, told) = mpsc::channel();
        let receiver = Self::serving(move |requests, _| {
            move |mut stream: TcpStream| {
                if let Some(request) = read_request(&mut stream) {
                    requests.send(request).unwrap();
                    told.recv().unwrap();
                    let _ = stream.write_all(answer.as_bytes());
                }
            }
        });
        (tell, receiver)
    }

    /// Accepts connections, reads nothing and says nothing; they are kept open.
    pub fn silent() -> Self {
        Self::serving(|_, connections| move |stream| connections.send(stream).unwrap())
    }

    fn serving<S>(make: impl FnOnce(Sender<Request>, Sender<TcpStream>) -> S) -> Self
    where
        S: FnMut(TcpStream) + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1/telemetry/GenericReport", listener.local_addr().unwrap());
        let (send_request, requests) = mpsc::channel();
        let (send_connection, connections) = mpsc::channel();
        let mut serve = make(send_request, send_connection);
        std::thread::spawn(move || listener.incoming().flatten().for_each(&mut serve));
        Self { url, requests, connections }
    }

    /// The next request, its body checked against the schema.
    pub fn request(&self) -> Request {
        let request = self.requests.recv_timeout(DEADLINE).expect("a request in time");
        schema::check(&serde_json::from_str(&request.body).unwrap());
        request
    }

    /// The next connection to a silent receiver.
    pub fn connection(&self) -> TcpStream {
        self.connections.recv_timeout(DEADLINE).expect("a connection in time")
    }

    /// Whether nothing has come, or nothing more.
    pub fn is_quiet(&self) -> bool {
        self.requests.try_recv().is_err() && self.connections.try_recv().is_err()
    }
}

/// Reads head and body; nothing if the peer closes before.
pub fn read_request(stream: &mut impl Read) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    Some(Request { head, body: String::from_utf8(body).unwrap() })
}

/// A port on which nobody listens, and nobody can as long as this lasts: it is one end of a
/// connection.
pub struct ClosedPort {
    pub port: u16,
    _ends: (TcpListener, TcpStream),
}

impl ClosedPort {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        Self { port: stream.local_addr().unwrap().port(), _ends: (listener, stream) }
    }
}

/// A port to which no connection is made, and none is refused: there is no room for one more in
/// front of a door that nobody opens.
pub struct FullHouse {
    pub port: u16,
    listener: TcpListener,
    waiting: Vec<TcpStream>,
}

impl FullHouse {
    pub fn new() -> Self {
        Self::at(([127, 0, 0, 1], 0).into())
    }

    pub fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        // SAFETY: the descriptor is open.
        assert_eq!(unsafe { libc::listen(listener.as_raw_fd(), 0) }, 0);
        let address = listener.local_addr().unwrap();
        // There is room for one. On a busy machine also that one may take its time.
        let mut waiting = vec![TcpStream::connect(address).unwrap()];
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
            waiting.push(stream);
        }
        Self { port: address.port(), listener, waiting }
    }

    /// Whether somebody waits for a place.
    pub fn is_wanted(&self) -> bool {
        let connections = std::fs::read_to_string("/proc/net/tcp").unwrap();
        // Its address and the state SYN_SENT.
        connections.contains(&format!(" 0100007F:{:04X} 02 ", self.port))
    }

    /// Opens the door, and returns what the one who waited brings until he leaves.
    pub fn let_in(self) -> Vec<u8> {
        self.listener.set_nonblocking(true).unwrap();
        let accept = || {
            let mut guest = None;
            super::wait_until("somebody at the door", || {
                guest = self.listener.accept().ok();
                guest.is_some()
            });
            guest.unwrap().0
        };
        for _ in &self.waiting {
            accept();
        }
        let mut guest = accept();
        guest.set_nonblocking(false).unwrap();
        guest.set_read_timeout(Some(super::DEADLINE)).unwrap();
        let mut brought = Vec::new();
        guest.read_to_end(&mut brought).unwrap();
        brought
    }
}
