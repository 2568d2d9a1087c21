//! The server parameters, defined once: name, type, where each may be set, and what it accepts.
//!
//! A server registers each entry of the table without knowing what it means.

use std::time::Duration;

use crate::destination::{DEFAULT_DESTINATION, Destination, DestinationError, redacted_url};
use crate::environment::Environment;
use crate::number::whole_number;
use crate::text::truncated;

/// The type of a parameter's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `true` or `false`.
    Boolean,
    /// Text.
    Text,
    /// A whole number of seconds.
    Seconds,
    /// A JSON document.
    Document,
}

/// When a parameter is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// On the command line or in the configuration file.
    Startup,
    /// By the `setParameter` command.
    Runtime,
}

/// One server parameter.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// A sentence for `getParameter` with details, and for documentation.
    pub description: &'static str,
    /// Its type.
    pub type_: Type,
    /// Whether it may be set at start-up.
    pub at_startup: bool,
    /// Whether it may be set at run time.
    pub at_runtime: bool,
}

/// Which parameter a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The switch.
    Enabled,
    /// Where reports go.
    Url,
    /// How long the first attempt is delayed.
    GracePeriod,
    /// What telemetry is doing.
    Status,
}

/// The longest grace period, in seconds: a week.
const MAX_GRACE_SECONDS: u64 = 604_800;

/// All parameters, in the order of [`Name`].
pub const PARAMETERS: [Parameter; 4] = [
    Parameter {
        name: "perconaTelemetry",
        description: "Whether one anonymous report about this installation may be sent.",
        type_: Type::Boolean,
        at_startup: true,
        at_runtime: true,
    },
    Parameter {
        name: "perconaTelemetryUrl",
        description: "Where the report goes: https://…, http:// to loopback, or file:///folder.",
        type_: Type::Text,
        at_startup: true,
        at_runtime: false,
    },
    Parameter {
        name: "perconaTelemetryGracePeriod",
        description: "Seconds after the start before the first attempt to send the report.",
        type_: Type::Seconds,
        at_startup: true,
        at_runtime: false,
    },
    Parameter {
        name: "perconaTelemetryStatus",
        description: "What telemetry did and will do, the exact report, and who decided so.",
        type_: Type::Document,
        at_startup: false,
        at_runtime: false,
    },
];

impl Name {
    const ALL: [Self; 4] = [Self::Enabled, Self::Url, Self::GracePeriod, Self::Status];

    /// The parameter of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|parameter| parameter.definition().name == name)
    }

    /// Its entry in the table.
    pub fn definition(self) -> &'static Parameter {
        &PARAMETERS[self as usize]
    }
}

/// Why a parameter was not set or read. Each is a sentence for the user, without the parameter's
/// name: the server prepends that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// No parameter has this name.
    #[error("there is no telemetry parameter {}", quoted(.0))]
    Unknown(String),
    /// It may not be set at this time.
    #[error("{0}")]
    NotSettable(&'static str),
    /// The value is not valid.
    #[error("{0}")]
    BadValue(String),
    /// The library has disabled itself after an internal error.
    #[error("{0}")]
    Internal(String),
}

/// A parameter that may be set now, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The switch.
    Enabled(bool),
    /// Where reports go.
    Url(Destination),
    /// How long the first attempt is delayed.
    GracePeriod(Duration),
}

impl Setting {
    /// Checks everything that can be known without the state of the library.
    pub fn parse(name: &str, value: &str, when: When) -> Result<Self, ParameterError> {
        let parameter = Name::find(name).ok_or_else(|| ParameterError::Unknown(name.to_owned()))?;
        let definition = parameter.definition();
        if when == When::Runtime && definition.at_startup && !definition.at_runtime {
            return Err(ParameterError::NotSettable("may be set at start-up only"));
        }
        match parameter {
            Name::Enabled => boolean(value).map(Self::Enabled),
            Name::Url => {
                Destination::parse(value).map(Self::Url).map_err(|error| bad_url(value, error))
            }
            Name::GracePeriod => seconds(value).map(Self::GracePeriod),
            Name::Status => Err("it is read-only".to_owned()),
        }
        .map_err(ParameterError::BadValue)
    }
}

/// These spellings and no others: a privacy switch must not guess.
fn boolean(value: &str) -> Result<bool, String> {
    match value {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        other => Err(format!("{} is not a bool; expected true, false, 1 or 0", quoted(other))),
    }
}

fn seconds(value: &str) -> Result<Duration, String> {
    let expected = format!("expected a whole number of seconds from 0 to {MAX_GRACE_SECONDS}");
    let digits = value.strip_prefix('-').unwrap_or(value);
    let number = whole_number(digits)
        .ok_or_else(|| format!("{} is not a whole number; {expected}", quoted(value)))?;
    if value.starts_with('-') || number > MAX_GRACE_SECONDS {
        return Err(format!("{} is out of range; {expected}", quoted(value)));
    }
    Ok(Duration::from_secs(number))
}

fn bad_url(value: &str, error: DestinationError) -> String {
    // A password must not get into a log, whatever else is wrong with the URL.
    if value.contains('@') {
        format!("the URL {error}")
    } else {
        format!("{} {error}", quoted(&redacted_url(value)))
    }
}

/// A value in a message: on one line, at most 120 bytes of it.
fn quoted(value: &str) -> String {
    format!("{:?}", truncated(value, 120))
}

/// The parameters' values.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The switch, if it was set.
    pub enabled: Option<bool>,
    /// Where reports go. The error says why the environment's destination is invalid: then nothing is
    /// sent, since who sets another destination does not want the default one.
    pub destination: Result<Destination, String>,
    /// How long the first attempt is delayed.
    pub grace_period: Duration,
}

impl Settings {
    /// The defaults; `PERCONA_TELEMETRY_URL` replaces the default destination.
    pub fn defaults(environment: &Environment) -> Self {
        let destination = match environment.get("PERCONA_TELEMETRY_URL") {
            None => Ok(Destination::Http { url: DEFAULT_DESTINATION.to_owned(), tls: true }),
            Some(url) => Destination::parse(url)
                .map_err(|error| format!("PERCONA_TELEMETRY_URL: {}", bad_url(url, error))),
        };
        Self { enabled: None, destination, grace_period: Duration::ZERO }
    }

    /// The destination's URL for display, if there is one: a query may have a token.
    pub fn url(&self) -> Option<String> {
        self.destination.as_ref().ok().map(|destination| destination.redacted().into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(name: &str, value: &str, when: When) -> String {
        Setting::parse(name, value, when).unwrap_err().to_string()
    }

    #[test]
    fn the_table_names_each_parameter_once_in_its_place() {
        for name in Name::ALL {
            assert_eq!(Name::find(name.definition().name), Some(name));
        }
    }

    #[test]
    fn a_bool_takes_four_spellings_and_no_other() {
        for (value, expected) in [("true", true), ("1", true), ("false", false), ("0", false)] {
            let parsed = Setting::parse("perconaTelemetry", value, When::Runtime);
            assert_eq!(parsed, Ok(Setting::Enabled(expected)));
        }
        for value in ["", "maybe", "True", "TRUE", "yes", "on", "off", "3", "-1", " 1", "1.0", "01"]
        {
            let why = refusal("perconaTelemetry", value, When::Startup);
            let expected = format!("{value:?} is not a bool; expected true, false, 1 or 0");
            assert!(why.contains(&expected), "{why}");
        }
    }

    #[test]
    fn a_grace_period_is_whole_seconds_up_to_a_week() {
        for (value, expected) in [("0", 0), ("604800", 604_800), ("007", 7)] {
            let parsed = Setting::parse("perconaTelemetryGracePeriod", value, When::Startup);
            assert_eq!(parsed, Ok(Setting::GracePeriod(Duration::from_secs(expected))));
        }
        for (values, what) in [
            (["", "+1", "1.5", "soon"].as_slice(), "is not a whole number"),
            (["-1", "604801", "99999999999999999999999"].as_slice(), "is out of range"),
        ] {
            for value in values {
                let why = refusal("perconaTelemetryGracePeriod", value, When::Startup);
                assert!(why.contains(what) && why.contains("from 0 to 604800"), "{why}");
            }
        }
    }

    #[test]
    fn where_a_parameter_may_not_be_set_it_is_refused() {
        for when in [When::Startup, When::Runtime] {
            assert_eq!(refusal("perconaTelemetryStatus", "{}", when), "it is read-only");
        }
        for name in ["perconaTelemetryUrl", "perconaTelemetryGracePeriod"] {
            assert!(matches!(
                Setting::parse(name, "0", When::Runtime),
                Err(ParameterError::NotSettable(_))
            ));
        }
        assert!(matches!(
            Setting::parse("noSuchThing", "1", When::Runtime),
            Err(ParameterError::Unknown(_))
        ));
    }

    #[test]
    fn a_url_that_is_refused_is_named() {
        let why = refusal("perconaTelemetryUrl", "ftp://host/", When::Startup);
        assert!(why.contains("\"ftp://host/\" "), "{why}");
        assert!(refusal("perconaTelemetry", &"x".repeat(1000), When::Startup).len() < 250);
    }

    #[test]
    fn a_password_in_a_url_is_not_repeated() {
        for url in ["https://me:secret@host/", "htps://me:secret@host/", "me:secret@host/#x"] {
            let why = refusal("perconaTelemetryUrl", url, When::Startup);
            assert!(!why.contains("secret"), "{why}");
        }
        let environment = Environment::at_root("/nowhere")
            .with("PERCONA_TELEMETRY_URL", "https://me:secret@host/");
        let why = Settings::defaults(&environment).destination.unwrap_err();
        assert!(!why.contains("secret") && why.contains("PERCONA_TELEMETRY_URL"));
    }
}
