//! What others wrote into `telemetry_uuid` is theirs: it survives whatever the library writes there.

// quickcheck hands values over.
#![allow(clippy::needless_pass_by_value)]

mod support;

use std::sync::Arc;

use psmdb_telemetry::Telemetry;
use psmdb_telemetry::host::{HttpClient, HttpRequest, HttpResponse};
use psmdb_telemetry::instance::{LoadResult, Store};
use psmdb_telemetry::parameters::When::Runtime;
use quickcheck::{Arbitrary, Gen, QuickCheck};
use support::{World, status, stop, wait_until};

const OURS: [&str; 11] = [
    "instanceId",
    "reportId",
    "createTime",
    "deployment",
    "pillar_version",
    "OS",
    "hardware_arch",
    "nextAttempt",
    "sentAt",
    "PRODUCT_FAMILY_PSMDB",
    "optOut",
];

/// Lines of any bytes, some of them after one of our keys, around a valid id.
#[derive(Clone, Debug)]
struct File {
    before: Vec<Vec<u8>>,
    after: Vec<Vec<u8>>,
    line_end: &'static str,
    ends: bool,
}

impl File {
    fn bytes(&self) -> Vec<u8> {
        let id = b"instanceId:6aef422e-56a7-4530-af9d-94cc02198343".to_vec();
        let lines = self.before.iter().chain([&id]).chain(&self.after);
        let mut bytes: Vec<u8> =
            lines.flat_map(|line| [line, self.line_end.as_bytes()].concat()).collect();
        if !self.ends {
            bytes.truncate(bytes.len() - self.line_end.len());
        }
        bytes
    }
}

impl Arbitrary for File {
    fn arbitrary(g: &mut Gen) -> Self {
        let lines = |g: &mut Gen| {
            let count = u8::arbitrary(g) % 4;
            (0..count).map(|_| line(g)).collect()
        };
        Self {
            before: lines(g),
            after: lines(g),
            line_end: g.choose(&["\n", "\r\n"]).unwrap(),
            ends: bool::arbitrary(g),
        }
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let (one, other) = (self.clone(), self.clone());
        let before = self.before.shrink().map(move |before| Self { before, ..one.clone() });
        let after = self.after.shrink().map(move |after| Self { after, ..other.clone() });
        Box::new(before.chain(after))
    }
}

fn line(g: &mut Gen) -> Vec<u8> {
    let mut value = Vec::<u8>::arbitrary(g);
    value.retain(|byte| *byte != b'\n');
    let known = ["1", "0", "PACKAGE", "2023-11-01T10:46:23Z", "a name: with a colon"];
    match u8::arbitrary(g) % 5 {
        0 => value,
        4 => Vec::new(),
        1 => [
            g.choose(&["foo", " PRODUCT_FAMILY_PS ", "#", "\u{e9}"]).unwrap().as_bytes(),
            b":",
            &value,
        ]
        .concat(),
        2 => [g.choose(&OURS).unwrap().as_bytes(), b" : ", &value].concat(),
        _ => format!("{}:{}", g.choose(&OURS).unwrap(), g.choose(&known).unwrap()).into_bytes(),
    }
}

/// The lines that have none of our keys.
fn foreign(file: &[u8]) -> Vec<Vec<u8>> {
    let whole = file.strip_suffix(b"\n").unwrap_or(file);
    let is_ours = |line: &&[u8]| {
        let colon = line.iter().position(|byte| *byte == b':');
        colon.is_some_and(|end| OURS.iter().any(|key| key.as_bytes() == line[..end].trim_ascii()))
    };
    let lines = whole.split(|byte| *byte == b'\n').filter(|line| !is_ours(line));
    lines.map(<[u8]>::to_vec).collect()
}

/// An endpoint that takes everything.
struct Willing;

impl HttpClient for Willing {
    fn post(&self, _request: &HttpRequest<'_>) -> Result<HttpResponse, String> {
        Ok(HttpResponse { status: 200, retry_after: None })
    }
}

/// One run of the server, until there is nothing left to do.
fn run(world: &World, before: impl FnOnce(&Telemetry)) -> String {
    let telemetry = world.telemetry();
    before(&telemetry);
    world.start(&telemetry);
    let state = || status(&telemetry)["state"].as_str().unwrap().to_owned();
    wait_until("the end", || ["sent", "off", "failed"].contains(&state().as_str()));
    stop(&telemetry);
    state()
}

#[test]
fn they_survive_start_delivery_opt_out_and_opt_in() {
    fn property(file: File) {
        let world = World::new();
        *world.host.client.lock().unwrap() = Some(Arc::new(Willing));
        let given = file.bytes();
        std::fs::write(world.path("telemetry_uuid"), &given).unwrap();
        let now = || std::fs::read(world.path("telemetry_uuid")).unwrap();

        let state = run(&world, |_| ());
        assert!(["sent", "off"].contains(&state.as_str()), "{state}");
        assert_eq!(foreign(&now()), foreign(&given), "after the start");
        run(&world, |telemetry| telemetry.set("perconaTelemetry", "false", Runtime).unwrap());
        assert_eq!(foreign(&now()), foreign(&given), "after the opt-out");
        let state = run(&world, |t| t.set("perconaTelemetry", "true", Runtime).unwrap());
        assert_eq!(state, "sent");
        assert_eq!(foreign(&now()), foreign(&given), "after the opt-in");
        assert_eq!(world.names(), ["telemetry_uuid"]);
    }
    QuickCheck::new().tests(50).quickcheck(property as fn(File));
}

#[test]
fn a_file_that_is_not_changed_keeps_each_byte() {
    fn property(file: File) {
        let world = World::new();
        let mut given = file.bytes();
        std::fs::write(world.path("telemetry_uuid"), &given).unwrap();
        let store = Store::open(world.dbpath.path()).unwrap();
        let LoadResult::Record(record) = store.load().unwrap() else { panic!("it has an id") };
        if !given.ends_with(b"\n") {
            given.push(b'\n');
        }
        assert_eq!(record.to_bytes(), given);
    }
    QuickCheck::new().quickcheck(property as fn(File));
}
