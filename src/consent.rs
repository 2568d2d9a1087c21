//! The switches: whether telemetry is on, and who decided so.

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::environment::Environment;

/// The file by which packages remember an opt-out at install time.
pub const HOST_FILE: &str = "/etc/percona/telemetry-disable";

/// Who decides. The status and the log name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecisionSource {
    /// No switch is set: on.
    Default,
    /// The server parameter, at start-up or at run time.
    Parameter,
    /// `PERCONA_TELEMETRY_DISABLE` in the server's environment.
    DisableVariable,
    /// `DO_NOT_TRACK` in the server's environment.
    DoNotTrack,
    /// [`HOST_FILE`].
    HostFile,
    /// The server may not look for a [`HOST_FILE`].
    UncheckedHostFile,
    /// `optOut:1` in `telemetry_uuid`, left by the server parameter in an earlier run.
    StoredOptOut,
    /// The server: it is not an installation that reports. The text says why.
    Server(Arc<str>),
    /// The library itself, after an error in it.
    Fault,
}

impl DecisionSource {
    /// The name by which a user finds the switch.
    pub fn name(&self) -> &str {
        match self {
            Self::Default => "default",
            Self::Parameter => "perconaTelemetry",
            Self::DisableVariable => "PERCONA_TELEMETRY_DISABLE",
            Self::DoNotTrack => "DO_NOT_TRACK",
            Self::HostFile => HOST_FILE,
            Self::UncheckedHostFile => "/etc/percona/telemetry-disable (cannot be checked)",
            Self::StoredOptOut => "optOut in telemetry_uuid",
            Self::Server(mark) => mark,
            Self::Fault => "internal error",
        }
    }

    /// How a user removes it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::UncheckedHostFile => "let the server's user look into its folder",
            _ => "remove it",
        }
    }
}

impl fmt::Display for DecisionSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for DecisionSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What the server parameter says at run time. It is stored in the dbpath.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuntimeChoice {
    /// Off until somebody opts in.
    OptOut,
    /// On.
    OptIn,
}

impl RuntimeChoice {
    /// What setting the parameter to this value means.
    pub fn from_switch(on: bool) -> Self {
        if on { Self::OptIn } else { Self::OptOut }
    }

    /// Whether telemetry may report.
    pub fn is_on(self) -> bool {
        self == Self::OptIn
    }
}

/// Whether telemetry is on, and by whose decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consent {
    /// It may report.
    On(DecisionSource),
    /// It is silent.
    Off(DecisionSource),
}

impl Consent {
    /// Any switch that says off wins: `outside` is the one of the environment or the host that
    /// does (see [`external_opt_out`]), `parameter` the server parameter if somebody set it.
    pub fn decide(outside: Option<DecisionSource>, parameter: Option<bool>) -> Self {
        match (outside, parameter) {
            (Some(switch), _) => Self::Off(switch),
            (None, Some(false)) => Self::Off(DecisionSource::Parameter),
            (None, Some(true)) => Self::On(DecisionSource::Parameter),
            (None, None) => Self::On(DecisionSource::Default),
        }
    }

    /// Whether telemetry may report.
    pub fn is_on(&self) -> bool {
        matches!(self, Self::On(_))
    }

    /// Who decided.
    pub fn decided_by(&self) -> &DecisionSource {
        match self {
            Self::On(switch) | Self::Off(switch) => switch,
        }
    }
}

/// The switch of the environment or the host that says off, if one does. The server parameter
/// cannot overrule it.
pub fn external_opt_out(environment: &Environment) -> Option<DecisionSource> {
    // A variable may be set twice, and the user may see either value.
    let says_off = |name, on: &[&str]| environment.values(name).any(|v| !is_one_of(v, on));
    if says_off("PERCONA_TELEMETRY_DISABLE", &NOT_DISABLED) {
        return Some(DecisionSource::DisableVariable);
    }
    if says_off("DO_NOT_TRACK", &["", "0", "false"]) {
        return Some(DecisionSource::DoNotTrack);
    }
    match environment.exists(HOST_FILE) {
        Ok(true) => Some(DecisionSource::HostFile),
        Ok(false) => None,
        Err(_) => Some(DecisionSource::UncheckedHostFile),
    }
}

/// The values of an opt-out that leave telemetry on. All others count as an opt-out, also those that
/// are not understood.
pub const NOT_DISABLED: [&str; 5] = ["", "0", "false", "no", "off"];

/// Whether a stored opt-out says off.
pub fn opts_out(value: &str) -> bool {
    !is_one_of(value, &NOT_DISABLED)
}

fn is_one_of(value: &str, words: &[&str]) -> bool {
    words.iter().any(|word| value.eq_ignore_ascii_case(word))
}
