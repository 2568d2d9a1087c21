//! Any names and values, set at any time: what is accepted reads back, what is refused changes
//! nothing, and what is said of it is fit for a log.
//!
//! An input is a list of calls, `startup NAME=VALUE`, `runtime NAME=VALUE` or `start`; its first
//! byte is what stands between them, so that a value may hold any other.

#![no_main]

use libfuzzer_sys::fuzz_target;
use psmdb_telemetry::Telemetry;
use psmdb_telemetry::destination::{Destination, DestinationError as E};
use psmdb_telemetry::instance::FILE_NAME;
use psmdb_telemetry::parameters::When;
use psmdb_telemetry_fuzz::{Server, check_message, is_opted_out};
use serde_json::Value;
use ureq::http::Uri;

fuzz_target!(|calls: &[u8]| run(&Server::default(), calls));

const SWITCH: &str = "perconaTelemetry";
const URL: &str = "perconaTelemetryUrl";
const GRACE: &str = "perconaTelemetryGracePeriod";

/// More calls show nothing new.
const CALLS: usize = 16;

fn run(server: &Server, input: &[u8]) {
    let Some((separator, input)) = input.split_first() else { return };
    let telemetry = server.telemetry();
    let mut started = false;
    let mut chosen = None;
    for call in input.split(|byte| byte == separator).take(CALLS) {
        let call = String::from_utf8_lossy(call);
        let (when, rest) = call.split_once(' ').unwrap_or((&call, ""));
        let (name, value) = rest.split_once('=').unwrap_or((rest, ""));
        match when {
            "startup" if chosen.is_none() => set(&telemetry, name, value, When::Startup, started),
            "runtime" => {
                set(&telemetry, name, value, When::Runtime, started);
                if name == SWITCH {
                    chosen = switch(value).or(chosen);
                }
            }
            // A folder would be written to.
            "start" if !started && !Values::of(&telemetry).url.starts_with("file:") => {
                server.start(&telemetry);
                started = true;
            }
            _ => {}
        }
    }
    if started {
        server.finish(&telemetry);
        let file = server.file(FILE_NAME).unwrap_or_default();
        assert_eq!(is_opted_out(&file), chosen == Some(false), "the last choice is remembered");
    }
}

/// Sets one parameter, and compares what comes of it with what is documented.
fn set(telemetry: &Telemetry, name: &str, value: &str, when: When, started: bool) {
    let before = Values::of(telemetry);
    let result = telemetry.set(name, value, when);
    let mut after = before.clone();
    let accepted = match (name, when) {
        (SWITCH, When::Runtime) => switch(value).map(|on| after.enabled = on).is_some(),
        (SWITCH, When::Startup) if !started => switch(value).map(|on| after.enabled = on).is_some(),
        (GRACE, When::Startup) if !started => seconds(value).map(|s| after.grace = s).is_some(),
        (URL, When::Startup) if !started && result.is_ok() => {
            after.url = Values::of(telemetry).url;
            check_url(value, &after.url);
            true
        }
        _ => false,
    };
    assert_eq!(result.is_ok(), accepted, "{name}={value:?}: {result:?}");
    assert_eq!(Values::of(telemetry), after, "{name}={value:?}");
    if let Err(error) = result {
        let words = error.to_string();
        check_message(&words);
        // Each character of what is repeated may be written as `\u{10ffff}`.
        assert!(words.len() <= 120 * 10 + 200, "{words}");
        if name == URL && value.contains('@') && !started && when == When::Startup {
            assert!(URL_ERRORS.iter().any(|e| words == format!("the URL {e}")), "{words}");
        }
    }
}

const URL_ERRORS: [E; 10] = [
    E::Scheme,
    E::PlainHttp,
    E::Host,
    E::Port,
    E::Credentials,
    E::Characters,
    E::Length,
    E::Folder,
    E::Root,
    E::Query,
];

/// The parameters as a user reads them.
#[derive(Clone, Debug, PartialEq)]
struct Values {
    enabled: bool,
    url: String,
    grace: u64,
}

impl Values {
    fn of(telemetry: &Telemetry) -> Self {
        let get = |name| -> Value {
            let text = telemetry.get(name).expect("a value");
            assert!(!text.contains(char::is_control), "control characters in {text:?}");
            serde_json::from_str(&text).expect("JSON")
        };
        let values = Self {
            enabled: get(SWITCH).as_bool().expect("a bool"),
            url: get(URL).as_str().expect("text").to_owned(),
            grace: get(GRACE).as_u64().expect("a number"),
        };
        let status = get("perconaTelemetryStatus");
        assert_eq!(
            (&status["enabled"], &status["destination"]),
            (&values.enabled.into(), &(*values.url).into())
        );
        values
    }
}

fn switch(value: &str) -> Option<bool> {
    match value {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

fn seconds(value: &str) -> Option<u64> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let significant = value.trim_start_matches('0');
    let number = if significant.is_empty() { 0 } else { significant.parse().ok()? };
    (digits && !value.is_empty() && number <= 604_800).then_some(number)
}

/// What holds of any URL that is taken. The client that will use it must read it as we do.
fn check_url(value: &str, shown: &str) {
    let taken = Destination::parse(value).expect("what was taken can be read");
    assert_eq!(taken.redacted(), shown);
    let url = taken.url();
    assert!(value.len() <= 2048 && !url.contains(char::is_control), "{url:?}");
    let kept = Destination::parse(url).map(|destination| destination.url() == url);
    assert_eq!(kept, Ok(true), "{url} is not in its final form");
    let (scheme, rest) = url.split_once("://").expect("a scheme");
    if scheme == "file" {
        let names_one = rest.split('/').any(|part| !["", ".", ".."].contains(&part));
        assert!(rest.starts_with('/') && names_one, "{url}");
        assert!(value.ends_with(rest), "{value} became {url}");
        return;
    }
    assert!(url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#'), "{url}");
    let uri: Uri = url.parse().unwrap_or_else(|e| panic!("{url} cannot be used: {e}"));
    let authority = uri.authority().expect("an authority");
    assert_eq!(authority.as_str(), authority.as_str().to_lowercase());
    let path = uri.path_and_query().map_or("", |path| path.as_str().trim_start_matches('/'));
    assert!(value.ends_with(path), "{value} became {url}");
    assert!(!authority.as_str().contains('@'), "{url}");
    if uri.scheme_str() == Some("http") {
        let host = authority.host();
        let numbers: Vec<_> = host.split('.').map(str::parse::<u8>).collect();
        let v4 = numbers.len() == 4 && numbers.iter().all(Result::is_ok);
        let loopback = host.eq_ignore_ascii_case("localhost") || v4 && host.starts_with("127.");
        assert!(loopback || host.starts_with('[') && host.ends_with("1]"), "{url} leads to {host}");
    } else {
        assert_eq!(uri.scheme_str(), Some("https"), "{url}");
    }
}
