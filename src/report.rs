//! The report: the one place that lists what may leave the host.
//!
//! `docs/payload.md` explains every field, `docs/payload.schema.json` describes the document.

use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::environment::{
    self, Environment, HostFileError, HostFiles, OsRelease, Text, is_deployment,
};
use crate::instance::{Record, parse_instance_id};

const PRODUCT_FAMILY: &str = "PRODUCT_FAMILY_PSMDB";

// The keys of the metrics in the report; in `telemetry_uuid` they are the same.
const DEPLOYMENT: &str = "deployment";
const PILLAR_VERSION: &str = "pillar_version";
const OS: &str = "OS";
const HARDWARE_ARCH: &str = "hardware_arch";

// The other keys of a report in `telemetry_uuid`.
const REPORT_ID: &str = "reportId";
const CREATE_TIME: &str = "createTime";

/// What a report says about the installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallationInfo {
    /// `PACKAGE` or `DOCKER`.
    pub deployment: Text,
    /// The server's version.
    pub pillar_version: Text,
    /// The operating system's name.
    pub os: Text,
    /// What `uname -mp` prints.
    pub hardware_arch: Text,
}

/// Some of it could not be read, for a transient reason.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct IncompleteInfo {
    /// What is known.
    pub known: InstallationInfo,
    error: HostFileError,
}

impl InstallationInfo {
    /// Collects it from the environment and the host.
    pub fn collect(
        environment: &Environment,
        server_version: &str,
    ) -> Result<Self, IncompleteInfo> {
        let host = HostFiles::of(environment);
        let os_release = OsRelease::read(&host);
        let os_release = os_release.as_ref();
        let known = Self {
            deployment: environment::deployment(&host),
            pillar_version: Text::clean(server_version).unwrap_or_else(Text::unknown),
            os: environment::operating_system(&host, os_release),
            hardware_arch: environment::hardware_arch(&host, os_release, &environment::machine()),
        };
        match host.into_failure() {
            None => Ok(known),
            Some(error) => Err(IncompleteInfo { known, error }),
        }
    }

    fn metrics(&self) -> [(&'static str, &Text); 4] {
        [
            (DEPLOYMENT, &self.deployment),
            (PILLAR_VERSION, &self.pillar_version),
            (OS, &self.os),
            (HARDWARE_ARCH, &self.hardware_arch),
        ]
    }
}

/// A report that is fixed: every attempt to deliver it sends the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The service drops duplicates by it.
    pub id: Uuid,
    /// The id of the instance.
    pub instance_id: Uuid,
    /// When the report was made.
    pub create_time: Timestamp,
    /// What it says.
    pub installation: InstallationInfo,
}

impl Report {
    /// The report that is stored in a record, if every part of it is there and valid.
    pub fn stored_in(record: &Record) -> Option<Self> {
        let text = |key| record.values(key).next().and_then(Text::verbatim);
        Some(Self {
            id: record.values(REPORT_ID).find_map(parse_instance_id)?,
            instance_id: record.instance_id()?,
            create_time: record.values(CREATE_TIME).find_map(Timestamp::parse)?,
            installation: InstallationInfo {
                deployment: text(DEPLOYMENT).filter(is_deployment)?,
                pillar_version: text(PILLAR_VERSION)?,
                os: text(OS)?,
                hardware_arch: text(HARDWARE_ARCH)?,
            },
        })
    }

    /// Puts the report into a record, as one that is not delivered yet.
    pub fn store_in(&self, record: &mut Record) {
        record.set_instance_id(self.instance_id);
        record.set(REPORT_ID, &self.id.to_string());
        record.set(CREATE_TIME, &self.create_time.to_string());
        for (key, value) in self.installation.metrics() {
            record.set(key, value.as_str());
        }
    }

    /// The report as a document.
    pub fn document(&self) -> Document {
        Document {
            id: Some(self.id.to_string()),
            instance_id: Some(self.instance_id.to_string()),
            create_time: Some(self.create_time),
            ..Document::preview(&self.installation)
        }
    }

    /// How old it is; zero if it was made by a clock that was ahead.
    pub fn age(&self, now: Timestamp) -> Duration {
        self.create_time.until(now)
    }

    /// The body of the request, in the form of Percona's `GenericReport` endpoint.
    pub fn body(&self) -> String {
        format!("{{\"reports\":[{}]}}", self.document().to_json())
    }
}

/// A report in the documented form and order. Fields that are not known yet are null.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    id: Option<String>,
    product_family: &'static str,
    #[serde(rename = "instanceId")]
    instance_id: Option<String>,
    #[serde(rename = "createTime")]
    create_time: Option<Timestamp>,
    metrics: [Metric; 4],
}

#[derive(Clone, Debug, Serialize)]
struct Metric {
    key: &'static str,
    value: Text,
}

impl Document {
    /// What would be sent if telemetry were on: everything but the ids and the time.
    pub fn preview(installation: &InstallationInfo) -> Self {
        Self {
            id: None,
            product_family: PRODUCT_FAMILY,
            instance_id: None,
            create_time: None,
            metrics: installation
                .metrics()
                .map(|(key, value)| Metric { key, value: value.clone() }),
        }
    }

    /// The document as compact JSON.
    pub fn to_json(&self) -> String {
        json(self)
    }
}

/// Compact JSON of a value that always has one: no maps, no floats, no fallible parts.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_report_with_a_missing_or_invalid_part_is_none() {
        let whole = "instanceId:6aef422e-56a7-4530-af9d-94cc02198343\n\
                     reportId:c416c3ee-48cd-471c-9733-37c2886f8231\n\
                     createTime:2023-11-01T10:46:23Z\ndeployment:PACKAGE\n\
                     pillar_version:4.4.26-25\nOS:Oracle Linux Server 8.8\n\
                     hardware_arch:x86_64 x86_64\n";
        let stored_in = |text: &str| Report::stored_in(&Record::parse(text.as_bytes()));
        assert!(stored_in(whole).is_some());
        for line in whole.lines() {
            assert_eq!(stored_in(&whole.replace(line, "")), None, "without {line}");
        }
        for (part, other) in [
            ("PACKAGE", "db7.example.com"),
            ("c416c3ee-48cd-471c", "c416c3ee-48cd-171c"),
            ("Oracle Linux Server 8.8", &"x".repeat(300)),
        ] {
            assert_eq!(stored_in(&whole.replace(part, other)), None, "with {other}");
        }
    }
}
