//! What is written is read back: moments, the record of an instance, the values of parameters.

// quickcheck hands values over.
#![allow(clippy::needless_pass_by_value)]

mod support;

use psmdb_telemetry::clock::Timestamp;
use psmdb_telemetry::environment::Text;
use psmdb_telemetry::instance::{LoadResult, Record, Store};
use psmdb_telemetry::parameters::When::{Runtime, Startup};
use psmdb_telemetry::report::{InstallationInfo, Report};
use quickcheck::{Arbitrary, Gen, QuickCheck};
use support::{World, status};

/// A moment from year 0 to 9999.
#[derive(Clone, Copy, Debug)]
struct Moment(i64);

impl Moment {
    fn time(self) -> Timestamp {
        Timestamp::from_unix(self.0).unwrap()
    }
}

impl Arbitrary for Moment {
    fn arbitrary(g: &mut Gen) -> Self {
        Self(i64::arbitrary(g).rem_euclid(315_569_520_000) - 62_167_219_200)
    }
}

#[derive(Clone, Debug)]
struct AnyReport(Report);

impl Arbitrary for AnyReport {
    fn arbitrary(g: &mut Gen) -> Self {
        let id = |g: &mut Gen| {
            let bytes = u128::arbitrary(g).to_be_bytes();
            uuid::Builder::from_random_bytes(bytes).into_uuid()
        };
        let text = |g: &mut Gen| Text::clean(&String::arbitrary(g)).unwrap_or_else(Text::unknown);
        Self(Report {
            id: id(g),
            instance_id: id(g),
            create_time: Moment::arbitrary(g).time(),
            installation: InstallationInfo {
                deployment: Text::clean(g.choose(&["PACKAGE", "DOCKER"]).unwrap()).unwrap(),
                pillar_version: text(g),
                os: text(g),
                hardware_arch: text(g),
            },
        })
    }
}

#[test]
fn a_moment_is() {
    fn property(moment: Moment) {
        let text = moment.time().to_string();
        assert_eq!(Timestamp::parse(&text), Some(moment.time()), "{text}");
        assert_eq!(text.len(), "2023-11-01T10:46:23Z".len());
    }
    QuickCheck::new().tests(1000).quickcheck(property as fn(Moment));
}

#[test]
fn a_record_is_whatever_was_there_before() {
    fn property(before: Vec<u8>, report: AnyReport, later: Moment, opted_out: bool) {
        let world = World::new();
        let store = Store::open(world.dbpath.path()).unwrap();
        let mut record = Record::parse(&before);
        let mut save = |change: &dyn Fn(&mut Record)| {
            change(&mut record);
            store.save(&record).unwrap();
            let LoadResult::Record(read) = store.load().unwrap() else { panic!("it has an id") };
            assert_eq!(read, record);
            read
        };
        let report = report.0;
        let read = save(&|record| report.store_in(record));
        assert_eq!(Report::stored_in(&read).as_ref(), Some(&report));
        assert!(!read.is_reported() && read.sent_at().is_none());
        let read = save(&|record| record.set_next_attempt(later.time()));
        assert_eq!(read.next_attempt(), Some(later.time()));
        let read = save(&|record| record.set_opted_out(opted_out));
        assert_eq!(read.is_opted_out(), opted_out);
        let read = save(&|record| record.set_reported(later.time()));
        assert!(read.is_reported() && read.next_attempt().is_none());
        assert_eq!(
            (read.sent_at(), Report::stored_in(&read)),
            (Some(later.time()), Some(report.clone()))
        );
    }
    QuickCheck::new().tests(50).quickcheck(property as fn(Vec<u8>, AnyReport, Moment, bool));
}

#[test]
fn a_value_that_is_accepted_is_and_one_that_is_refused_changes_nothing() {
    fn property(value: String, seconds: u32, on: bool, path: Vec<u8>) {
        let world = World::new();
        let telemetry = world.telemetry();
        let names = ["perconaTelemetry", "perconaTelemetryUrl", "perconaTelemetryGracePeriod"];
        let values = || names.map(|name| telemetry.get(name).unwrap());

        let seconds = seconds % 604_801;
        telemetry.set(names[2], &seconds.to_string(), Startup).unwrap();
        telemetry.set(names[0], if on { "1" } else { "0" }, Runtime).unwrap();
        let path: Vec<_> = path.iter().map(|byte| format!("%{byte:02x}")).collect();
        let url = format!("https://host:{}/{}", seconds % 65_535 + 1, path.concat());
        telemetry.set(names[1], &url, Startup).unwrap();
        let expected = [on.to_string(), format!("\"{url}\""), seconds.to_string()];
        assert_eq!(values(), expected);

        for name in [names[0], names[1], names[2], "perconaTelemetryStatus", &value] {
            for when in [Startup, Runtime] {
                let strange = format!("{value}\u{fffd}");
                let error = telemetry.set(name, &strange, when).unwrap_err().to_string();
                assert!(!error.contains(char::is_control), "{error:?}");
                assert_eq!(values(), expected, "{name}={strange}");
            }
        }
        assert_eq!(status(&telemetry)["destination"], url);
    }
    QuickCheck::new().quickcheck(property as fn(String, u32, bool, Vec<u8>));
}
