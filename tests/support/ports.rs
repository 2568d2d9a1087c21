//! Ports to which no connection is made.

use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Duration;

use super::{DEADLINE, wait_until};

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

/// A port to which no connection is made, and none is refused: its backlog is full.
pub struct FullBacklog {
    pub port: u16,
    listener: TcpListener,
    queued: Vec<TcpStream>,
}

impl FullBacklog {
    pub fn new() -> Self {
        Self::at(([127, 0, 0, 1], 0).into())
    }

    pub fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        // SAFETY: the descriptor is open.
        assert_eq!(unsafe { libc::listen(listener.as_raw_fd(), 0) }, 0);
        let address = listener.local_addr().unwrap();
        // There is room for one. On a busy machine also that one may take its time.
        let mut queued = vec![TcpStream::connect(address).unwrap()];
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
            queued.push(stream);
        }
        Self { port: address.port(), listener, queued }
    }

    pub fn wait_for_client(&self) {
        // Its address and the state SYN_SENT.
        let line = format!(" 0100007F:{:04X} 02 ", self.port);
        wait_until("an attempt to connect", || {
            std::fs::read_to_string("/proc/net/tcp").unwrap().contains(&line)
        });
    }

    /// Accepts the client that waits, and returns what it sends until it closes.
    pub fn accept_client(self) -> Vec<u8> {
        self.listener.set_nonblocking(true).unwrap();
        let accept = || {
            let mut client = None;
            wait_until("a connection", || {
                client = self.listener.accept().ok();
                client.is_some()
            });
            client.unwrap().0
        };
        self.queued.iter().for_each(|_| drop(accept()));
        let mut client = accept();
        client.set_nonblocking(false).unwrap();
        client.set_read_timeout(Some(DEADLINE)).unwrap();
        let mut sent = Vec::new();
        client.read_to_end(&mut sent).unwrap();
        sent
    }
}
