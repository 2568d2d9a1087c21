//! Every event that the library logs, with its id, level, message and attributes.
//!
//! `docs/log-events.md` lists them for DBAs. An id is never given to another event, and never
//! changes its message or the meaning of an attribute. The ids are 29800 to 29829: Percona's own
//! begin at 29000, and no public tree of the server has one in this range (`docs/log-events.md` says
//! how that was checked).

use std::fmt;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::text::one_line;

/// The level of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// For information.
    Info,
    /// A person may have to act.
    Warning,
}

/// An event in the form in which the server's log takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// Its number, which no other event has.
    pub id: i32,
    /// Its level.
    pub level: LogLevel,
    /// Its message, a constant.
    pub message: &'static str,
    /// Name and value of each detail.
    pub attributes: Vec<(&'static str, Value)>,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text without control characters, of at most [`MAX_TEXT_BYTES`] bytes.
    Text(String),
    /// A whole number.
    Integer(i64),
}

/// The longest text of an attribute, in bytes.
pub const MAX_TEXT_BYTES: usize = 1024;

/// Everything that is logged.
#[derive(Clone, Debug)]
pub enum Event {
    /// Telemetry is on, and a report will be sent.
    Enabled {
        /// The switch that decided.
        decided_by: String,
        /// Where the report goes.
        destination: String,
    },
    /// Telemetry is off.
    Disabled {
        /// The switch that decided.
        decided_by: String,
    },
    /// Telemetry is on, and the report was delivered by an earlier run.
    AlreadyDelivered {
        /// The switch that decided.
        decided_by: String,
        /// When it was; Percona's tools do not store that.
        sent_at: Option<Timestamp>,
    },
    /// The report was delivered.
    Delivered {
        /// How many attempts it took in this run.
        attempts: u32,
        /// How long the last one took.
        duration: Duration,
    },
    /// An attempt failed. Logged once per start.
    WillRetry {
        /// Why.
        error: String,
        /// The earliest time of the next attempt.
        next_attempt: Timestamp,
    },
    /// The endpoint refused the report.
    GaveUp {
        /// Its response.
        error: String,
        /// The earliest time at which a later start tries again.
        next_attempt: Timestamp,
    },
    /// The report was delivered, but that could not be stored.
    DeliveryNotStored {
        /// Why.
        error: String,
    },
    /// A cause on this host prevents delivery.
    Failed {
        /// The cause.
        error: String,
        /// The switch by which telemetry is on.
        decided_by: String,
    },
    /// The run-time opt-out is in effect, but could not be stored: a restart loses it.
    OptOutNotStored {
        /// Why.
        error: String,
    },
    /// The run-time opt-in could not be stored; nothing is sent.
    OptInNotStored {
        /// Why.
        error: String,
    },
    /// The server stops before the opt-out is stored.
    OptOutUnconfirmed,
    /// `telemetry_uuid` has no valid instanceId, and is quarantined.
    FileQuarantined {
        /// What is wrong with it.
        reason: &'static str,
        /// Its new name.
        moved_to: &'static str,
    },
    /// An environment variable has an invalid value.
    InvalidVariable {
        /// Its name.
        variable: &'static str,
        /// What is wrong with the value.
        reason: String,
        /// What happens instead.
        effect: String,
    },
    /// The library has disabled itself after a panic.
    InternalError {
        /// The panic's message.
        error: String,
    },
    /// `start` was called more than once. Logged once.
    StartedAgain,
}

impl From<&Event> for LogEvent {
    fn from(event: &Event) -> Self {
        use Event as E;
        match event {
            E::Enabled { decided_by, destination } => Self::info(29800, "Telemetry enabled")
                .text("decidedBy", decided_by)
                .text("destination", destination),
            E::Disabled { decided_by } => {
                Self::info(29801, "Telemetry disabled").text("decidedBy", decided_by)
            }
            E::AlreadyDelivered { decided_by, sent_at } => {
                let event = Self::info(29802, "Telemetry enabled, report already delivered")
                    .text("decidedBy", decided_by);
                match sent_at {
                    Some(at) => event.time("sentAt", *at),
                    None => event,
                }
            }
            E::Delivered { attempts, duration } => {
                let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
                Self::info(29803, "Telemetry report delivered")
                    .integer("attempts", i64::from(*attempts))
                    .integer("durationMillis", millis)
            }
            E::WillRetry { error, next_attempt } => {
                Self::info(29804, "Telemetry report delivery failed, will retry")
                    .text("error", error)
                    .time("nextAttempt", *next_attempt)
            }
            E::GaveUp { error, next_attempt } => {
                Self::info(29805, "Telemetry report refused, will retry after a restart")
                    .text("error", error)
                    .time("nextAttempt", *next_attempt)
            }
            E::DeliveryNotStored { error } => {
                Self::warning(29806, "Telemetry report delivered, but delivery not stored")
                    .text("error", error)
            }
            E::Failed { error, decided_by } => Self::warning(29807, "Telemetry failed")
                .text("error", error)
                .text("decidedBy", decided_by),
            E::OptOutNotStored { error } => {
                Self::warning(29808, "Telemetry disabled until restart, opt-out not stored")
                    .text("error", error)
            }
            E::OptInNotStored { error } => {
                Self::warning(29809, "Telemetry opt-in not stored, a restart may disable telemetry")
                    .text("error", error)
            }
            E::OptOutUnconfirmed => {
                Self::warning(29810, "Telemetry opt-out not confirmed before shutdown")
            }
            E::FileQuarantined { reason, moved_to } => {
                Self::warning(29811, "File telemetry_uuid quarantined")
                    .text("reason", reason)
                    .text("movedTo", moved_to)
            }
            E::InvalidVariable { variable, reason, effect } => {
                Self::warning(29812, "Invalid environment variable for telemetry")
                    .text("variable", variable)
                    .text("reason", reason)
                    .text("effect", effect)
            }
            E::InternalError { error } => {
                Self::warning(29813, "Telemetry disabled after an internal error")
                    .text("error", error)
            }
            E::StartedAgain => Self::info(29814, "Telemetry started more than once, ignored"),
        }
    }
}

impl LogEvent {
    fn info(id: i32, message: &'static str) -> Self {
        Self { id, level: LogLevel::Info, message, attributes: Vec::new() }
    }

    fn warning(id: i32, message: &'static str) -> Self {
        Self { level: LogLevel::Warning, ..Self::info(id, message) }
    }

    fn text(self, name: &'static str, value: &str) -> Self {
        self.with(name, Value::Text(one_line(value, MAX_TEXT_BYTES)))
    }

    fn time(self, name: &'static str, value: Timestamp) -> Self {
        self.with(name, Value::Text(value.to_string()))
    }

    fn integer(self, name: &'static str, value: i64) -> Self {
        self.with(name, Value::Integer(value))
    }

    fn with(mut self, name: &'static str, value: Value) -> Self {
        self.attributes.push((name, value));
        self
    }
}

/// `Telemetry disabled decidedBy="DO_NOT_TRACK"`, as `toLine` of the header writes it.
impl fmt::Display for LogEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)?;
        for (name, value) in &self.attributes {
            match value {
                Value::Text(text) => {
                    let escaped = text.replace('\\', r"\\").replace('"', r#"\""#);
                    write!(f, " {name}=\"{escaped}\"")?;
                }
                Value::Integer(number) => write!(f, " {name}={number}")?,
            }
        }
        Ok(())
    }
}
