//! Any files of a host and any environment: what a report says of them is fit to be sent, and the
//! environment never keeps a database from starting.
//!
//! An input is a list of sections. Each begins with a line `@NAME`, of a file or a variable, and
//! what follows is its content.

#![no_main]

use std::collections::BTreeMap;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use psmdb_telemetry::consent::{DecisionSource, external_opt_out};
use psmdb_telemetry::delivery;
use psmdb_telemetry::destination::{DEFAULT_DESTINATION, Destination};
use psmdb_telemetry::environment::{
    self as facts, Environment, HostFiles, OsRelease, Text, VARIABLES, is_unprintable,
};
use psmdb_telemetry::instance::{Record, parse_instance_id};
use psmdb_telemetry::parameters::Settings;
use psmdb_telemetry::report::{InstallationInfo, Report};
use psmdb_telemetry_fuzz::{check_body, check_message, report_of};
use tempfile::TempDir;

fuzz_target!(|input: &[u8]| {
    thread_local!(static ROOT: TempDir = a_root());
    let sections = sections(input);
    ROOT.with(|root| {
        let environment = host(root.path(), &sections);
        the_facts_can_be_sent(&environment, &sections);
        the_switches_are_understood(&environment, &sections);
        a_bad_value_is_reported_and_never_more_than_was_meant(&environment);
    });
});

const FILES: [&str; 8] = [
    ".dockerenv",
    "etc/issue",
    "etc/os-release",
    "etc/percona/telemetry-disable",
    "etc/redhat-release",
    "etc/system-release",
    "run/.containerenv",
    "usr/lib/os-release",
];

fn a_root() -> TempDir {
    let root = TempDir::new().expect("a temporary folder");
    for folder in ["etc/percona", "run", "usr/lib"] {
        std::fs::create_dir_all(root.path().join(folder)).expect("a folder");
    }
    root
}

type Sections = BTreeMap<&'static str, Vec<u8>>;

/// A section ends before the line that begins the next; a name that comes again goes on.
fn sections(input: &[u8]) -> Sections {
    let mut found = Sections::new();
    let mut current = None;
    for line in input.split_inclusive(|byte| *byte == b'\n') {
        let name = line.strip_prefix(b"@").map(|rest| rest.strip_suffix(b"\n").unwrap_or(rest));
        if let Some(known) = FILES.iter().chain(&VARIABLES).find(|n| name == Some(n.as_bytes())) {
            found.entry(known).or_default();
            current = Some(known);
        } else if let Some(name) = current {
            found.entry(name).or_default().extend_from_slice(line);
        }
    }
    found
}

fn host(root: &Path, sections: &Sections) -> Environment {
    for file in FILES {
        let path = root.join(file);
        match sections.get(file) {
            Some(content) => std::fs::write(path, content).expect("the file is written"),
            None => drop(std::fs::remove_file(path)),
        }
    }
    let set = |name| variable(sections, name).map(|value| (name, value));
    let variables = VARIABLES.into_iter().filter_map(set);
    variables.fold(Environment::at_root(root), |host, (name, value)| host.with(name, value))
}

/// A variable's value, as the library gets it from the process.
fn variable(sections: &Sections, name: &str) -> Option<String> {
    let value = sections.get(name)?;
    let value = value.strip_suffix(b"\n").unwrap_or(value);
    Some(String::from_utf8_lossy(value).into_owned())
}

fn the_facts_can_be_sent(environment: &Environment, sections: &Sections) {
    let installation = InstallationInfo::collect(environment, "4.4.26-25");
    let installation = installation.expect("nothing fails for a transient reason");
    let InstallationInfo { deployment, pillar_version, os, hardware_arch } = &installation;
    for text in [deployment, pillar_version, os, hardware_arch].map(Text::as_str) {
        assert!(!text.is_empty() && text.len() <= 256, "{} bytes", text.len());
        assert!(!text.contains(is_unprintable) && text.trim() == text, "{text:?}");
    }
    assert!(["PACKAGE", "DOCKER"].contains(&deployment.as_str()), "{installation:?}");
    let host = HostFiles::of(environment);
    let arch = facts::hardware_arch(&host, OsRelease::read(&host).as_ref(), "x86_64");
    assert!(["x86_64 x86_64", "x86_64 unknown"].contains(&arch.as_str()), "{arch:?}");

    let said = variable(sections, "PERCONA_OPERATING_SYSTEM").filter(|value| !value.is_empty());
    let given = FILES.iter().chain(&["OS_VER"]).filter(|name| **name != "etc/issue");
    match said.map(|value| cleaned(&value)) {
        Some(said) => assert_eq!(os.as_str(), said.as_deref().unwrap_or("unknown")),
        None => assert!(
            given.into_iter().any(|name| sections.contains_key(name)) || *os == Text::unknown(),
            "{installation:?} of nothing"
        ),
    }

    let report = report_of(installation);
    check_body(&report.body(), &report.instance_id.to_string());
    let mut record = Record::default();
    report.store_in(&mut record);
    assert_eq!(Report::stored_in(&Record::parse(&record.to_bytes())), Some(report));
}

/// Text as a report may hold it.
fn cleaned(raw: &str) -> Option<String> {
    let plain: String = raw.chars().map(|c| if is_unprintable(c) { ' ' } else { c }).collect();
    let mut text = plain.trim().to_owned();
    while text.len() > 256 {
        text.pop();
    }
    Some(text.trim_end().to_owned()).filter(|text| !text.is_empty())
}

fn the_switches_are_understood(environment: &Environment, sections: &Sections) {
    let says_off = |name, on: &[&str]| {
        let value = variable(sections, name).map(|value| value.to_ascii_lowercase());
        value.is_some_and(|value| !on.contains(&value.as_str()))
    };
    let expected = if says_off("PERCONA_TELEMETRY_DISABLE", &["", "0", "false", "no", "off"]) {
        Some(DecisionSource::DisableVariable)
    } else if says_off("DO_NOT_TRACK", &["", "0", "false"]) {
        Some(DecisionSource::DoNotTrack)
    } else {
        sections.contains_key("etc/percona/telemetry-disable").then_some(DecisionSource::HostFile)
    };
    assert_eq!(external_opt_out(environment), expected);
}

fn a_bad_value_is_reported_and_never_more_than_was_meant(environment: &Environment) {
    let settings = Settings::defaults(environment);
    let given = environment.get("PERCONA_TELEMETRY_URL");
    match &settings.destination {
        Ok(destination) if given.is_none() => assert_eq!(destination.url(), DEFAULT_DESTINATION),
        Ok(_) => {}
        Err(why) => {
            check_message(why);
            let has_name = given.unwrap_or_default().contains('@');
            assert!(!has_name || why.starts_with("PERCONA_TELEMETRY_URL: the URL "));
        }
    }
    let (timeouts, warnings) = delivery::timeouts(environment);
    for timeout in [timeouts.connect, timeouts.send] {
        assert!((1..=3600).contains(&timeout.as_secs()) && timeout.subsec_nanos() == 0);
    }
    assert!(warnings.len() <= 2);

    if let Some(id) = environment.get("PERCONA_INSTANCE_ID").and_then(parse_instance_id) {
        assert!(!id.is_nil() && !id.is_max());
    }
    // Reads what the environment says of proxies and certificates.
    let https = Destination::parse("https://localhost/").expect("a destination");
    for destination in settings.destination.as_ref().ok().into_iter().chain([&https]) {
        delivery::transport(destination, None, environment, timeouts).expect("a transport");
    }
}
