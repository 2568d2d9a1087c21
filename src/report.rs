//! The report: the one place that lists what may leave the host.
//!
//! `docs/payload.md` explains every field, `docs/payload.schema.json` describes the document.

use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::environment::{self, Environment, OsRelease, Text};

const PRODUCT_FAMILY: &str = "PRODUCT_FAMILY_PSMDB";

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

impl InstallationInfo {
    /// Collects it from the environment and the host.
    pub fn collect(environment: &Environment, server_version: &str) -> Self {
        let os_release = OsRelease::of(environment);
        let os_release = os_release.as_ref();
        Self {
            deployment: environment::deployment(environment),
            pillar_version: Text::clean(server_version).unwrap_or_else(Text::unknown),
            os: environment::operating_system(environment, os_release),
            hardware_arch: environment::hardware_arch(
                environment,
                os_release,
                &environment::machine(),
            ),
        }
    }
}

/// A report that is fixed: every attempt to deliver it sends the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// By which the service drops duplicates.
    pub id: Uuid,
    /// The anonymous instance.
    pub instance_id: Uuid,
    /// When the report was made.
    pub create_time: Timestamp,
    /// What it says.
    pub installation: InstallationInfo,
}

impl Report {
    /// The report as a document.
    pub fn document(&self) -> Document {
        Document {
            id: Some(self.id.to_string()),
            instance_id: Some(self.instance_id.to_string()),
            create_time: Some(self.create_time),
            ..Document::preview(&self.installation)
        }
    }

    /// The body of the request, in the form of Percona's `GenericReport` endpoint.
    pub fn body(&self) -> String {
        format!("{{\"reports\":[{}]}}", self.document().to_json())
    }
}

/// A report in the documented shape and order. What is not known yet is null.
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
        let metric = |key, value: &Text| Metric { key, value: value.clone() };
        Self {
            id: None,
            product_family: PRODUCT_FAMILY,
            instance_id: None,
            create_time: None,
            metrics: [
                metric("deployment", &installation.deployment),
                metric("pillar_version", &installation.pillar_version),
                metric("OS", &installation.os),
                metric("hardware_arch", &installation.hardware_arch),
            ],
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
