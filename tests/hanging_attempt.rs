//! An attempt that hangs holds up nobody. (How long `stop` and the switch take: `endpoints/` and
//! `cpp/hanging_attempt.cc`.)

mod support;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use psmdb_telemetry::host::{HttpClient, HttpRequest, HttpResponse};
use support::process::{Threads, library_threads};
use support::{DEADLINE, NOWHERE, Server, World, wait_until};

/// A client that says when it is called and answers when it is released.
struct Hanging {
    called: Sender<()>,
    released: Mutex<Receiver<()>>,
}

impl HttpClient for Hanging {
    fn post(&self, _request: &HttpRequest<'_>) -> Result<HttpResponse, String> {
        self.called.send(()).unwrap();
        let _ = self.released.lock().unwrap().recv();
        Ok(HttpResponse { status: 200, retry_after: None })
    }
}

/// A server whose own client hangs until the sender is dropped; the receiver says when it is called again.
fn hanging(world: &World) -> (Server, Receiver<()>, Sender<()>) {
    let (called, was_called) = channel();
    let (release, released) = channel();
    world.host.offer(Arc::new(Hanging { called, released: Mutex::new(released) }));
    let server = world.run_to("https://somewhere.example/");
    was_called.recv_timeout(DEADLINE).unwrap();
    (server, was_called, release)
}

#[test]
fn one_thread_is_detached_and_not_one_for_each_attempt() {
    let world = World::new();
    let threads = Threads::now();
    let (server, called, _release) = hanging(&world);
    for _ in 0..5 {
        server.switch(false);
        server.switch(true);
        server.wait_for_status("a refusal to start another", |now| {
            now["lastError"] == "previous attempt still running"
        });
    }
    server.stop();
    wait_until("the end of all but the one that hangs", || threads.newer() == 1);
    assert!(called.try_recv().is_err(), "and was the only one");
}

#[test]
fn a_handle_that_is_dropped_ends_its_attempt() {
    let world = World::silent();
    let server = world.run();
    world.endpoint.connection();
    assert!(!library_threads().is_empty());
    drop(server);
    wait_until("the end of its threads", || library_threads().is_empty());
}

#[test]
fn an_attempt_is_given_up_when_its_time_is_over() {
    let world = World::new().with("PERCONA_SEND_TIMEOUT", "1");
    world.clock.hold();
    let (server, ..) = &hanging(&world);
    let line = server.logs("will retry");
    assert!(line.contains("request timed out after 1 s"), "{line}");
    world.clock.wait_for_wait();
    assert_eq!(server.status()["state"], "retrying");
    server.stop();
}

#[test]
fn a_time_limit_that_is_none_is_logged_and_the_default_is_used() {
    for value in ["0", "-1", "soon", "1.5", "3601", "99999999999999999999"] {
        let world = World::new().with("PERCONA_CONNECT_TIMEOUT", value);
        let line = world.run_to(NOWHERE).logs_and_stops("PERCONA_CONNECT_TIMEOUT");
        assert!(line.contains("from 1 to 3600\" effect=\"5 s are used\""), "{line}");
    }
}

#[test]
fn the_library_s_threads_have_a_name_and_block_the_asynchronous_signals_alone() {
    use libc::{SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP};
    let world = World::silent();
    let server = world.run();
    world.endpoint.connection();
    wait_until("the names", || library_threads().len() == 2);
    // A fault of the thread itself raises the first seven. SIGKILL (9) and SIGSTOP (19) cannot be
    // blocked; 32 and 33 belong to the C library.
    let open = [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP, 9, 19, 32, 33];
    let open = open.iter().fold(0_u64, |set, signal| set | 1 << (signal - 1));
    for thread in library_threads() {
        assert_eq!(thread.blocked_signals, !open, "{}: {:x}", thread.name, thread.blocked_signals);
    }
    server.stop();
}
