//! Random lives of a dbpath, with restarts and crashes in them: after each event the library and a model
//! agree on the state, the file and what was sent.
//!
//! `STATE_MACHINE_LIVES` is how many, `STATE_MACHINE_SEED` with which seed they begin. A life that fails is
//! made shorter, as far as it still fails, and printed with its seed. (Not with proptest: with the model in one
//! table and events that are plain values, that would be seven crates for thirty lines.)

mod model;
#[path = "../support/mod.rs"]
mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use model::{Answer, Event, Model, Options, State};
use psmdb_telemetry::clock::{Clock, Timestamp};
use support::endpoint::{BUSY, Endpoint, OK};
use support::process::Threads;
use support::{DEADLINE, Server, URL, World, wait_until};
use tempfile::TempDir;

const EVENTS: usize = 24;
const REFUSED: &str = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
const HOST_FILE: &str = "etc/percona/telemetry-disable";

#[test]
fn the_library_lives_as_its_model_does() {
    let number = |name: &str, default| std::env::var(name).map_or(default, |n| n.parse().unwrap());
    let lives = number("STATE_MACHINE_LIVES", 40);
    let first = number("STATE_MACHINE_SEED", 29_800);
    let mut events = 0;
    for seed in first..first + lives {
        let life = Life::random(seed);
        events += life.live().unwrap_or_else(|failure| {
            let (shorter, failure) = life.shortened(failure);
            panic!("seed {seed}: {failure}\nin {shorter:#?}")
        });
    }
    println!(
        "{lives} lives with {events} events agree with the model, of the seeds from {first} on"
    );
}

/// What the endpoint does, and what happens. Events that cannot happen at their time are left out.
#[derive(Clone, Debug)]
struct Life {
    answers: Vec<Answer>,
    events: Vec<Event>,
}

impl Life {
    fn random(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let answers = (0..random.usize(1..6)).map(|_| match random.u8(0..10) {
            0..4 => Answer::IsBusy,
            4..6 => Answer::Accepts,
            6 => Answer::Refuses,
            7 => Answer::HangsUp,
            _ => Answer::NeverAnswers,
        });
        let answers = answers.collect();
        let start = |random: &mut fastrand::Rng| {
            let parameter = [None, None, Some(true), Some(false)][random.usize(0..4)];
            Event::Start(Options { do_not_track: random.u8(0..8) == 0, parameter })
        };
        let events = (0..EVENTS).map(|_| match random.u8(0..20) {
            0..6 => start(&mut random),
            6..9 => Event::Switch(false),
            9..12 => Event::Switch(true),
            12..15 => Event::TimePasses,
            15 => Event::Stop,
            16..18 => Event::Crash,
            18 => Event::HostSwitch(random.bool()),
            _ => Event::ForeignOptOut,
        });
        Self { answers, events: events.collect() }
    }

    /// How many events there were; or what did not agree.
    fn live(&self) -> Result<usize, String> {
        catch_unwind(AssertUnwindSafe(|| Pair::new(&self.answers).live(&self.events)))
            .map_err(|panic| panic.downcast_ref::<String>().cloned().unwrap_or_default())
    }

    /// Without the events that the failure does not need.
    fn shortened(&self, mut failure: String) -> (Self, String) {
        let mut shortest = self.clone();
        for index in (0..self.events.len()).rev() {
            let mut shorter = shortest.clone();
            shorter.events.remove(index);
            if let Err(other) = shorter.live() {
                (shortest, failure) = (shorter, other);
            }
        }
        (shortest, failure)
    }
}

/// False where an attempt hangs that did not end in a moment: that its thread ends is asserted later.
fn stop(server: &Server) {
    let _ = server.telemetry.stop(DEADLINE);
}

/// The library and its model, in one world.
struct Pair {
    world: World,
    model: Model,
    server: Option<Server>,
    threads: Threads,
}

impl Pair {
    fn new(answers: &[Answer]) -> Self {
        let (answered, of_endpoint) = (AtomicUsize::new(0), answers.to_vec());
        let endpoint = Endpoint::new(move |connection| {
            if !connection.read_request() {
                return;
            }
            let number = answered.fetch_add(1, Ordering::Relaxed);
            match of_endpoint[number % of_endpoint.len()] {
                Answer::Accepts => drop(connection.send(OK)),
                Answer::IsBusy => drop(connection.send(BUSY)),
                Answer::Refuses => drop(connection.send(REFUSED)),
                Answer::HangsUp => {}
                Answer::NeverAnswers => connection.hold(),
            }
        });
        // An attempt that hangs does so until it is ended.
        let world = World::with_endpoint(endpoint).with("PERCONA_SEND_TIMEOUT", "3600");
        world.clock.hold();
        let model = Model::new(answers.to_vec());
        Self { world, model, server: None, threads: Threads::now() }
    }

    fn live(mut self, events: &[Event]) -> usize {
        let mut happened = 0;
        for event in events {
            // A stopped server makes room for the next.
            let is_over = self.model.run.is_some_and(|run| run.is_stopped);
            if matches!(event, Event::Start(_)) && is_over {
                self.happens(Event::Crash);
            }
            if self.model.can_happen(*event) {
                self.happens(*event);
                happened += 1;
            }
        }
        if let Some(server) = self.server.take() {
            stop(&server);
        }
        happened
    }

    fn happens(&mut self, event: Event) {
        let is_accepted = match event {
            Event::Switch(on) => self.model.accepts(on),
            _ => true,
        };
        let is_deferred = self.is_deferred();
        match event {
            Event::Start(options) => self.start(options),
            Event::Switch(on) => {
                let server = self.server.as_ref().unwrap();
                assert_eq!(server.try_switch(on).is_ok(), is_accepted, "{event:?}");
            }
            Event::Stop => stop(self.server.as_ref().unwrap()),
            Event::Crash => self.crash(),
            Event::TimePasses => self.world.clock.pass(),
            Event::HostSwitch(true) => self.world.put(HOST_FILE, ""),
            Event::HostSwitch(false) => {
                std::fs::remove_file(self.world.root.path().join(HOST_FILE)).unwrap();
            }
            Event::ForeignOptOut => self.world.write_file(format!("{}optOut:1\n", self.file())),
        }
        self.model.happens(event, is_deferred);
        self.agree(event);
    }

    fn start(&mut self, options: Options) {
        let mut environment = self.world.environment();
        if options.do_not_track {
            environment = environment.with("DO_NOT_TRACK", "1");
        }
        let context = psmdb_telemetry::Context { environment, ..self.world.context() };
        let mut server = self.world.server_in(context).with(URL, &self.world.endpoint.url);
        if let Some(on) = options.parameter {
            server = server.with("perconaTelemetry", &on.to_string());
        }
        self.server = Some(server.start());
    }

    /// The next server gets the file as it is now. What the old one does while it ends, it does elsewhere.
    fn crash(&mut self) {
        let file = std::fs::read(self.world.path("telemetry_uuid"));
        let old = std::mem::replace(&mut self.world.dbpath, TempDir::new().unwrap());
        if let Ok(file) = file {
            self.world.write_file(file);
        }
        stop(&self.server.take().unwrap());
        drop(old);
    }

    fn file(&self) -> String {
        std::fs::read_to_string(self.world.path("telemetry_uuid")).unwrap_or_default()
    }

    fn value(&self, key: &str) -> Option<String> {
        let file = self.file();
        let mut lines = file.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(k, _)| *k == key).map(|(_, value)| value.to_owned())
    }

    fn is_deferred(&self) -> bool {
        let next = self.value("nextAttempt").map(|at| Timestamp::parse(&at).unwrap());
        next.is_some_and(|at| !self.world.clock.now().until(at).is_zero())
    }

    /// Waits until the library is where the model is, and asserts that it agrees in everything.
    fn agree(&self, event: Event) {
        let expected = self.expected();
        let mut found = String::new();
        let agrees = catch_unwind(AssertUnwindSafe(|| {
            wait_until("agreement", || {
                found = self.found();
                found == expected
            });
        }));
        assert!(agrees.is_ok(), "after {event:?}\n  the model: {expected}\nthe library: {found}");
        let bodies = self.world.endpoint.received();
        let body = |request: &Vec<u8>| {
            let text = String::from_utf8_lossy(request).into_owned();
            text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())
        };
        let bodies: Vec<_> = bodies.iter().map(body).collect();
        assert!(bodies.windows(2).all(|two| two[0] == two[1]), "one report: {bodies:#?}");
        let id = self.value("reportId").unwrap_or_default();
        let is_stored = bodies.iter().flatten().all(|body| body.contains(&id));
        assert!(is_stored && (bodies.is_empty() || !id.is_empty()), "{bodies:#?} {id}");
    }

    fn expected(&self) -> String {
        let model = &self.model;
        let run = model.run.map(|run| (run.state.name(), run.is_on));
        let state = model.run.map(|run| run.state);
        let waits = matches!(state, Some(State::Waiting | State::Retrying));
        let has_thread = waits || state == Some(State::Sending);
        format!("{run:?} {:?} sent {} thread {has_thread} waits {waits}", model.file, model.sent)
    }

    fn found(&self) -> String {
        let status = self.server.as_ref().map(Server::status);
        let run = status
            .as_ref()
            .map(|now| (now["state"].as_str().unwrap(), now["enabled"].as_bool().unwrap()));
        let file = model::File {
            has_report: self.value("instanceId").is_some() && self.value("reportId").is_some(),
            is_reported: self.value("PRODUCT_FAMILY_PSMDB").as_deref() == Some("1"),
            is_opted_out: self.value("optOut").as_deref() == Some("1"),
        };
        let sent =
            self.world.endpoint.received().into_iter().filter(|bytes| bytes.ends_with(b"]}]}"));
        // The endpoint has one while there is a connection.
        let has_thread = self.threads.newer() > 0;
        let waits = self.world.clock.holds();
        format!("{run:?} {file:?} sent {} thread {has_thread} waits {waits}", sent.count())
    }
}
