//! Events, their page and the server's module say the same: an id means one thing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use psmdb_telemetry::clock::Timestamp;
use psmdb_telemetry::events::{Event, LogEvent, LogLevel};

type Fixed = (String, String, Vec<String>);

#[test]
fn the_page_has_every_event_in_order() {
    let page = read("docs/log-events.md");
    let rows = page.lines().filter(|line| line.starts_with("| 298")).map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [id, level, message, _when, attributes, _what_to_do] = cells[..] else {
            panic!("six cells: {line}");
        };
        let attributes = attributes.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        (id.parse().unwrap(), (level.to_owned(), message.to_owned(), attributes))
    });
    assert_eq!(rows.collect::<Vec<(i32, Fixed)>>(), all().into_iter().collect::<Vec<_>>());
}

#[test]
fn the_module_logs_every_event_under_its_id() {
    let mut statements = statements(&read("cpp/mongod/server_log.cpp"));
    statements.sort();
    let own: Vec<_> = statements.split_off(all().len()).into_iter().map(|(id, ..)| id).collect();
    assert_eq!(own, [29828, 29829], "the module's own");
    let events = all().into_iter().map(|(id, (level, message, _))| (id, level, message));
    assert_eq!(statements, events.collect::<Vec<_>>(), "each once, and no other");
}

#[test]
fn the_module_knows_every_attribute() {
    let module = read("cpp/mongod/server_log.cpp");
    let (_, list) = module.split_once("addAny(attribute,").unwrap();
    let (list, _) = list.split_once(')').unwrap();
    let mut known: Vec<_> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    known.sort();
    let used: BTreeSet<_> = all().into_values().flat_map(|(.., attributes)| attributes).collect();
    assert_eq!(known, used.into_iter().collect::<Vec<_>>());
}

#[test]
fn every_id_in_the_code_is_one_of_an_event() {
    let source = read("src/events.rs");
    let words = source.split(|character: char| !character.is_ascii_alphanumeric());
    let ids = words.filter(|word| word.len() == 5 && word.starts_with("298"));
    let ids: BTreeSet<i32> = ids.filter_map(|word| word.parse().ok()).collect();
    assert_eq!(
        ids.range(..29828).copied().collect::<Vec<_>>(),
        all().into_keys().collect::<Vec<_>>()
    );
}

/// Id, level and message of each statement that logs.
fn statements(module: &str) -> Vec<(i32, String, String)> {
    let mut found = Vec::new();
    for part in module.split("LOGV2").skip(1) {
        let level = if part.starts_with("_WARNING(") { "W" } else { "I" };
        let Some((name, arguments)) = part.split_once('(') else { continue };
        let Some((id, rest)) = arguments.split_once(',') else { continue };
        let Ok(id) = id.trim().parse() else { continue };
        assert!(["", "_WARNING"].contains(&name), "a level that no event has: LOGV2{name}");
        found.push((id, level.to_owned(), rest.split('"').nth(1).unwrap().to_owned()));
    }
    found
}

/// One of each event: `every_id_in_the_code_is_one_of_an_event` finds one that is missing.
fn events() -> [Event; 15] {
    let now = Timestamp::parse("2026-11-26T12:00:00Z").unwrap();
    [
        Event::Enabled { decided_by: text(), destination: text() },
        Event::Disabled { decided_by: text() },
        Event::AlreadyDelivered { decided_by: text(), sent_at: Some(now) },
        Event::Delivered { attempts: 1, duration: Duration::from_millis(1) },
        Event::WillRetry { error: text(), next_attempt: now },
        Event::GaveUp { error: text(), next_attempt: now },
        Event::DeliveryNotStored { error: text() },
        Event::Failed { error: text(), decided_by: text() },
        Event::OptOutNotStored { error: text() },
        Event::OptInNotStored { error: text() },
        Event::OptOutUnconfirmed,
        Event::FileQuarantined { reason: "x", moved_to: "x" },
        Event::InvalidVariable { variable: "x", reason: text(), effect: text() },
        Event::InternalError { error: text() },
        Event::StartedAgain,
    ]
}

fn all() -> BTreeMap<i32, Fixed> {
    let mut all = BTreeMap::new();
    for event in events() {
        let LogEvent { id, level, message, attributes } = LogEvent::from(&event);
        let level = match level {
            LogLevel::Info => "I",
            LogLevel::Warning => "W",
        };
        let attributes = attributes.iter().map(|(name, _)| (*name).to_owned()).collect();
        let fixed = (level.to_owned(), message.to_owned(), attributes);
        assert_eq!(all.insert(id, fixed), None, "{id} belongs to two events");
    }
    all
}

fn text() -> String {
    "x".to_owned()
}

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}
