//! One behaviour, seen through to its end, and everything that is promised of it.

use std::time::{Duration, Instant};

use psmdb_telemetry::clock::Timestamp;
use psmdb_telemetry::delivery::retry::Schedule;
use serde_json::Value;

use crate::interposed::{forget, most_read_from};
use crate::support::endpoint::{Endpoint, OK};
use crate::support::{DEADLINE, Server, UNREPORTED, UNREPORTED_BODY, World, whole_head};
use crate::table::{Outcome, Receives, Row, Scene};

/// What `stop` is given, and has to keep to.
pub const STOP_BUDGET: Duration = Duration::from_millis(50);

/// The limits, in seconds, for a behaviour that is ended by them.
const CONNECT_LIMIT: &str = "1";
const SEND_LIMIT: &str = "2";

/// On a busy machine an attempt may be a moment late to end by its limit. Then no other begins, and
/// on a clock that jumps, all the others of this start come in that moment.
const STILL_HANGS: &str = "previous attempt still running";

/// Retries have no end: after so many attempts of one start the test has seen enough.
const ATTEMPTS: u32 = 3;

/// A behaviour set up, and the report of [`UNREPORTED`] waits to be sent.
pub fn set_up(row: &Row) -> Scene {
    (row.scene)().with(|mut world| {
        if row.takes_its_time() {
            world = world.with("PERCONA_CONNECT_TIMEOUT", CONNECT_LIMIT);
            world = world.with("PERCONA_SEND_TIMEOUT", SEND_LIMIT);
        }
        world.containing(UNREPORTED)
    })
}

/// Waits until there is nothing more to come; a test of many rows reports each that fails.
fn comes_to_an_end(world: &World, server: &Server) -> bool {
    let deadline = Instant::now() + DEADLINE;
    while Instant::now() < deadline {
        let status = server.status();
        let is_over = ["sent", "gaveUp", "failed"].iter().any(|state| status["state"] == *state);
        // The state is `retrying` a moment before the thread waits.
        let is_waiting = world.clock.waits().len() >= ATTEMPTS as usize;
        if is_over || (status["state"] == "retrying" && is_waiting) {
            return true;
        }
        std::thread::park_timeout(Duration::from_millis(1));
    }
    false
}

/// Runs a row to its end and compares it with what is promised; how long `stop` took.
pub fn check(row: &Row) -> Duration {
    let mut scene = set_up(row);
    let world = &mut scene.world;
    world.clock.hold_after(ATTEMPTS as usize - 1);
    let server = world.run_to(&scene.url);
    let ends = comes_to_an_end(world, &server);
    server.logs("Telemetry report");
    let found = server.status();
    let before = Instant::now();
    server.telemetry.stop(STOP_BUDGET);
    let took = before.elapsed();
    world.endpoint.close();

    assert!(ends, "the end came in time");
    let mut after_stop = found.clone();
    if found["state"] == "retrying" {
        after_stop["state"] = "stopped".into();
        after_stop["nextAttempt"] = Value::Null;
    }
    assert_eq!(server.status(), after_stop, "the status after stop");
    assert!(world.host.warnings().is_empty(), "{:?}", world.host.warnings());
    assert_eq!(world.host.lines().len(), 2, "{:?}", world.host.lines());
    check_outcome(row, world, &found);
    check_received(row.receives, &scene, false);
    if row.receives != Receives::Nothing {
        let connections = scene.world.endpoint.received().len();
        let attempts = usize::try_from(found["attempts"].as_u64().unwrap()).unwrap();
        let fits = connections == attempts || (row.takes_its_time() && connections > 0);
        assert!(fits, "{connections} connections in {attempts} attempts");
    }
    if row.outcome != Outcome::Delivered {
        deliver_at_the_next_start(scene);
    }
    took
}

fn check_outcome(row: &Row, world: &World, found: &Value) {
    let (state, attempts, asked) = match row.outcome {
        Outcome::Delivered => ("sent", 1, Duration::ZERO),
        Outcome::GivesUp(_) => ("gaveUp", 1, Duration::ZERO),
        Outcome::Retried(_) => ("retrying", ATTEMPTS, Duration::ZERO),
        Outcome::RetriedAfter(asked, _) => ("retrying", ATTEMPTS, asked),
    };
    assert_eq!((&found["state"], &found["attempts"]), (&state.into(), &attempts.into()));
    let error = row.last_error(CONNECT_LIMIT, SEND_LIMIT);
    let fits = found["lastError"].as_str() == error.as_deref();
    let fits = fits || (row.takes_its_time() && found["lastError"] == STILL_HANGS);
    assert!(fits, "lastError is {} instead of {error:?}", found["lastError"]);

    // Each wait is what was asked for, and on top of it a part of the longest delay, or of as long
    // again: the report is years old.
    let longest = Schedule::default().delays.last().copied().unwrap_or_default();
    let most = asked + longest.max(asked);
    let waits = world.clock.waits();
    // The one that is held may be looked at more than once.
    let fits =
        if state == "retrying" { waits.len() >= ATTEMPTS as usize } else { waits.is_empty() };
    assert!(fits, "waits: {waits:?}");
    for (wait, attempt) in waits.iter().zip(1..) {
        // A time of day has passed once it was waited for.
        let least = if attempt == 1 { asked } else { Duration::ZERO };
        assert!((least..=most).contains(wait), "wait {attempt}: {wait:?}");
    }
    assert_eq!(found["nextAttempt"], Value::from(world.value("nextAttempt")), "in the file");
    if row.outcome != Outcome::Delivered {
        let next = found["nextAttempt"].as_str().and_then(Timestamp::parse);
        let last = found["lastAttempt"].as_str().and_then(Timestamp::parse);
        let delay = last.zip(next).map(|(last, next)| last.until(next));
        assert!(delay.is_some_and(|d| d <= most), "nextAttempt: {}", found["nextAttempt"]);
    }
    assert!(world.file().starts_with(UNREPORTED), "{}", world.file());
    assert_eq!(world.names(), ["telemetry_uuid"]);
}

/// What has come to the endpoint, and how much of its answer was read. Cut short, it may be part
/// of what is promised.
pub fn check_received(receives: Receives, scene: &Scene, cut_short: bool) {
    let request = whole_head(&scene.url, UNREPORTED_BODY) + UNREPORTED_BODY;
    let connect = connect(&scene.url);
    for received in scene.world.endpoint.received() {
        let text = String::from_utf8_lossy(&received);
        let is_part = request.as_bytes().starts_with(&received);
        let is_record = |bytes: &[u8]| bytes.is_empty() || bytes.starts_with(&[22, 3, 1]);
        let tells_nothing = !text.contains("instanceId") && !text.contains("POST");
        let fine = match receives {
            Receives::Request => is_part && (cut_short || received.len() == request.len()),
            Receives::UpToRequest => is_part,
            Receives::Handshake => is_record(&received) && tells_nothing,
            Receives::Connect => match received.strip_prefix(connect.as_bytes()) {
                Some(rest) => is_record(rest) && tells_nothing,
                None => cut_short && connect.as_bytes().starts_with(&received),
            },
            Receives::Socks => (received.is_empty() || received.starts_with(&[5])) && tells_nothing,
            Receives::Nothing => received.is_empty(),
        };
        assert!(fine, "the endpoint received {text:?}");
    }
    if let Some(elsewhere) = &scene.elsewhere {
        assert!(elsewhere.received().is_empty(), "a connection elsewhere");
    }
    let read = most_read_from(scene.world.endpoint.port);
    assert!(read <= scene.reads, "{read} bytes of an answer are read");
}

fn connect(url: &str) -> String {
    let host = url.split('/').nth(2).unwrap();
    format!(
        "CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\nUser-Agent: psmdb-telemetry/{}\r\n\
         Proxy-Connection: Keep-Alive\r\n\r\n",
        env!("CARGO_PKG_VERSION"),
    )
}

/// Whatever it was, it is not for good, and the report is still the same.
fn deliver_at_the_next_start(mut scene: Scene) {
    let world = &mut scene.world;
    world.endpoint = Endpoint::answering(&[OK]);
    forget(world.endpoint.port);
    scene.url.clone_from(&world.endpoint.url);
    world.clock.release();
    let server = world.run();
    comes_to_an_end(world, &server);
    assert_eq!(server.status()["state"], "sent", "in the next start");
    server.telemetry.stop(STOP_BUDGET);
    world.endpoint.close();
    assert_eq!(world.endpoint.received().len(), 1, "in the next start");
    check_received(Receives::Request, &scene, false);
}
