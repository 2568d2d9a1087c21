//! An attempt that hangs holds up nobody.

mod support;

use std::sync::mpsc::{Receiver as Channel, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use psmdb_telemetry::host::{HttpClient, HttpRequest, HttpResponse};
use psmdb_telemetry::parameters::When::Runtime;
use support::process::{Threads, library_threads};
use support::receiver::Receiver;
use support::{DEADLINE, World, status, stop, wait_until};

/// Half of the time-out of an attempt. The budget of 50 ms is held by `cpp/hanging_attempt.cc`, which
/// repeats.
const SOON: Duration = Duration::from_secs(5);

/// A client that says when it is called and answers when it is let go.
struct Hanging {
    called: Sender<()>,
    released: Mutex<Channel<()>>,
}

impl HttpClient for Hanging {
    fn post(&self, _request: &HttpRequest<'_>) -> Result<HttpResponse, String> {
        self.called.send(()).unwrap();
        let _ = self.released.lock().unwrap().recv();
        Ok(HttpResponse { status: 200, retry_after: None })
    }
}

fn hanging(world: &World) -> (Channel<()>, Sender<()>) {
    let (called, was_called) = channel();
    let (release, released) = channel();
    let client = Hanging { called, released: Mutex::new(released) };
    *world.host.client.lock().unwrap() = Some(Arc::new(client));
    (was_called, release)
}

#[test]
fn stop_returns_in_time_when_the_endpoint_never_answers_and_no_thread_remains() {
    let world = World::new();
    let receiver = Receiver::silent();
    let threads = Threads::now();
    let telemetry = world.started(&receiver.url);
    let _connection = receiver.connection();
    let before = Instant::now();
    assert!(telemetry.stop(SOON));
    assert!(before.elapsed() < SOON, "{:?}", before.elapsed());
    assert_eq!(status(&telemetry)["state"], "stopped");
    wait_until("the attempt's end", || threads.newer() == 0);
    assert_eq!(world.value("PRODUCT_FAMILY_PSMDB"), None);
}

#[test]
fn stop_returns_in_time_when_not_even_the_socket_can_be_closed() {
    let world = World::new();
    let (called, release) = hanging(&world);
    let threads = Threads::now();
    let telemetry = world.started("https://somewhere.example/");
    called.recv_timeout(DEADLINE).unwrap();
    let before = Instant::now();
    assert!(telemetry.stop(SOON), "the library's own thread has ended");
    assert!(before.elapsed() < SOON, "{:?}", before.elapsed());
    let lines = world.host.lines().len();
    drop(telemetry);

    wait_until("the worker's end", || threads.newer() == 1);
    drop(release);
    wait_until("the end of the thread left behind", || threads.newer() == 0);
    assert_eq!(world.value("PRODUCT_FAMILY_PSMDB"), None, "its result was dropped");
    assert_eq!(world.host.lines().len(), lines, "and nobody logged after the stop");
}

#[test]
fn an_opt_out_is_stored_while_an_attempt_hangs() {
    let world = World::new();
    let (called, _release) = hanging(&world);
    let telemetry = world.started("https://somewhere.example/");
    called.recv_timeout(DEADLINE).unwrap();
    telemetry.set("perconaTelemetry", "false", Runtime).unwrap();
    wait_until("the opt-out", || world.value("optOut").as_deref() == Some("1"));
    stop(&telemetry);
}

#[test]
fn one_thread_is_left_behind_and_not_one_for_each_attempt() {
    let world = World::new();
    let (called, _release) = hanging(&world);
    let threads = Threads::now();
    let telemetry = world.started("https://somewhere.example/");
    called.recv_timeout(DEADLINE).unwrap();
    for _ in 0..5 {
        telemetry.set("perconaTelemetry", "false", Runtime).unwrap();
        telemetry.set("perconaTelemetry", "true", Runtime).unwrap();
        wait_until("a refusal to start another", || {
            status(&telemetry)["lastError"] == "previous attempt still running"
        });
    }
    stop(&telemetry);
    wait_until("the end of all but the one that hangs", || threads.newer() == 1);
    assert!(called.try_recv().is_err(), "and was the only one");
}

#[test]
fn an_attempt_is_given_up_when_its_time_is_over() {
    let world = World::new().with("PERCONA_SEND_TIMEOUT", "1");
    world.clock.hold();
    let (called, _release) = hanging(&world);
    let telemetry = world.started("https://somewhere.example/");
    called.recv_timeout(DEADLINE).unwrap();
    let line = world.host.wait_for("will retry");
    assert!(line.contains("request timed out after 1 s"), "{line}");
    world.clock.wait_for_wait();
    assert_eq!(status(&telemetry)["state"], "retrying");
    stop(&telemetry);
}

#[test]
fn the_built_in_client_keeps_to_the_time_limit() {
    let world = World::new().with("PERCONA_SEND_TIMEOUT", "1");
    world.clock.hold();
    let receiver = Receiver::silent();
    let telemetry = world.started(&receiver.url);
    let line = world.host.wait_for("will retry");
    assert!(line.contains("request timed out after 1 s"), "{line}");
    stop(&telemetry);
}

#[test]
fn a_time_limit_that_is_none_is_told_and_the_default_is_used() {
    for value in ["0", "-1", "soon", "+5", "1.5", "3601", "99999999999999999999"] {
        let world = World::new().with("PERCONA_CONNECT_TIMEOUT", value);
        let telemetry = world.started("file:///nowhere");
        let line = world.host.wait_for("PERCONA_CONNECT_TIMEOUT");
        assert!(line.contains("from 1 to 3600\" effect=\"5 s are used\""), "{line}");
        stop(&telemetry);
    }
}

#[test]
fn the_library_s_threads_have_a_name_and_block_the_asynchronous_signals_alone() {
    let world = World::new();
    let receiver = Receiver::silent();
    let telemetry = world.started(&receiver.url);
    let _connection = receiver.connection();
    wait_until("the names", || library_threads().len() == 2);
    for thread in library_threads() {
        // A fault of the thread itself raises the first seven. SIGKILL (9) and SIGSTOP (19) cannot be
        // blocked; 32 and 33 belong to the C library.
        let faults = [
            libc::SIGABRT,
            libc::SIGBUS,
            libc::SIGFPE,
            libc::SIGILL,
            libc::SIGSEGV,
            libc::SIGSYS,
            libc::SIGTRAP,
        ];
        let open = faults
            .iter()
            .chain(&[9, 19, 32, 33])
            .fold(0_u64, |set, signal| set | 1 << (signal - 1));
        assert_eq!(thread.blocked_signals, !open, "{}: {:x}", thread.name, thread.blocked_signals);
    }
    assert!(telemetry.stop(SOON));
}
