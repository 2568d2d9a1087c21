//! One behaviour, seen through to its end, and everything that is promised of it.

use std::fmt::Debug;
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

/// What was found to be other than promised.
#[derive(Default)]
pub struct Complaints(pub Vec<String>);

impl Complaints {
    pub fn unless(&mut self, fine: bool, what: &str, found: &dyn Debug) {
        if !fine {
            self.0.push(format!("{what}: {found:?}"));
        }
    }

    pub fn equal<P: Debug>(
        &mut self,
        what: &str,
        found: &(impl Debug + PartialEq<P>),
        promised: &P,
    ) {
        if found != promised {
            self.0.push(format!("{what}: {found:?} instead of {promised:?}"));
        }
    }
}

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

/// Runs a row to its end and compares it with what is promised; also how long `stop` took.
pub fn check(row: &Row) -> (Complaints, Duration) {
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

    let mut complaints = Complaints::default();
    complaints.unless(ends, "the end", &"not in time");
    let mut after_stop = found.clone();
    if found["state"] == "retrying" {
        after_stop["state"] = "stopped".into();
        after_stop["nextAttempt"] = Value::Null;
    }
    complaints.equal("the status after stop", &server.status(), &after_stop);
    complaints.equal("warnings", &world.host.warnings(), &Vec::<String>::new());
    complaints.equal("lines in the log", &world.host.lines().len(), &2);
    check_outcome(&mut complaints, row, world, &found);
    check_received(&mut complaints, row.receives, &scene, false);
    if row.receives != Receives::Nothing {
        let connections = scene.world.endpoint.received().len();
        let attempts = usize::try_from(found["attempts"].as_u64().unwrap()).unwrap();
        let fits = connections == attempts || (row.takes_its_time() && connections > 0);
        complaints.unless(fits, "connections", &connections);
    }
    if row.outcome != Outcome::Delivered {
        deliver_at_the_next_start(&mut complaints, scene);
    }
    (complaints, took)
}

fn check_outcome(complaints: &mut Complaints, row: &Row, world: &World, found: &Value) {
    let (state, attempts, asked) = match row.outcome {
        Outcome::Delivered => ("sent", 1, Duration::ZERO),
        Outcome::GivesUp(_) => ("gaveUp", 1, Duration::ZERO),
        Outcome::Retried(_) => ("retrying", ATTEMPTS, Duration::ZERO),
        Outcome::RetriedAfter(asked, _) => ("retrying", ATTEMPTS, asked),
    };
    complaints.equal("state", &found["state"], &state);
    complaints.equal("attempts", &found["attempts"], &attempts);
    let error = row.last_error(CONNECT_LIMIT, SEND_LIMIT);
    let fits = found["lastError"].as_str() == error.as_deref();
    let fits = fits || (row.takes_its_time() && found["lastError"] == STILL_HANGS);
    complaints.unless(fits, "lastError", &(&found["lastError"], error));

    // Each wait is what was asked for, and on top of it a part of the longest delay, or of as long
    // again: the report is years old.
    let longest = Schedule::default().delays.last().copied().unwrap_or_default();
    let most = asked + longest.max(asked);
    let waits = world.clock.waits();
    // The one that is held may be looked at more than once.
    let fits =
        if state == "retrying" { waits.len() >= ATTEMPTS as usize } else { waits.is_empty() };
    complaints.unless(fits, "waits", &waits);
    for (wait, attempt) in waits.iter().zip(1..) {
        // A time of day has passed once it was waited for.
        let least = if attempt == 1 { asked } else { Duration::ZERO };
        complaints.unless((least..=most).contains(wait), "a wait", &(attempt, wait));
    }
    complaints.equal(
        "nextAttempt in the file",
        &found["nextAttempt"],
        &Value::from(world.value("nextAttempt")),
    );
    if row.outcome != Outcome::Delivered {
        let next = found["nextAttempt"].as_str().and_then(Timestamp::parse);
        let last = found["lastAttempt"].as_str().and_then(Timestamp::parse);
        let delay = last.zip(next).map(|(last, next)| last.until(next));
        complaints.unless(delay.is_some_and(|d| d <= most), "nextAttempt", &found["nextAttempt"]);
    }
    complaints.unless(world.file().starts_with(UNREPORTED), "the identity", &world.file());
    complaints.equal("the dbpath", &world.names(), &["telemetry_uuid"]);
}

/// What has come to the endpoint, and how much of its answer was read. Cut short, it may be part
/// of what is promised.
pub fn check_received(
    complaints: &mut Complaints,
    receives: Receives,
    scene: &Scene,
    cut_short: bool,
) {
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
        complaints.unless(fine, "the endpoint received", &text);
    }
    if let Some(elsewhere) = &scene.elsewhere {
        complaints.equal("connections elsewhere", &elsewhere.received().len(), &0);
    }
    let read = most_read_from(scene.world.endpoint.port);
    complaints.unless(read <= scene.reads, "bytes read of an answer", &read);
}

/// The whole question to a proxy.
fn connect(url: &str) -> String {
    let host = url.split('/').nth(2).unwrap();
    format!(
        "CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\nUser-Agent: psmdb-telemetry/{}\r\n\
         Proxy-Connection: Keep-Alive\r\n\r\n",
        env!("CARGO_PKG_VERSION"),
    )
}

/// Whatever it was, it is not for good, and the report is still the same.
fn deliver_at_the_next_start(complaints: &mut Complaints, mut scene: Scene) {
    let world = &mut scene.world;
    world.endpoint = Endpoint::answering(&[OK]);
    forget(world.endpoint.port);
    scene.url.clone_from(&world.endpoint.url);
    world.clock.release();
    let server = world.run();
    comes_to_an_end(world, &server);
    complaints.equal("the next start's state", &server.status()["state"], &"sent");
    server.telemetry.stop(STOP_BUDGET);
    world.endpoint.close();
    complaints.equal("the next start's connections", &world.endpoint.received().len(), &1);
    check_received(complaints, Receives::Request, &scene, false);
}
