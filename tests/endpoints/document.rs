//! The table in `docs/endpoints.md`.

use std::time::Duration;

use psmdb_telemetry::delivery::timeouts;
use psmdb_telemetry::environment::Environment;

use crate::table::{Outcome, Row, table};

/// If this variable is set, the test writes the document's table.
pub const UPDATE: &str = "UPDATE_DOCS";

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/endpoints.md");

/// The document as found, and as it should be.
pub fn compare() -> (String, String) {
    let found = std::fs::read_to_string(DOCUMENT).unwrap();
    let is_table = |line: &str| line.starts_with('|');
    let before = found.lines().take_while(|line| !is_table(line));
    let after = found.lines().skip_while(|line| !is_table(line)).skip_while(|line| is_table(line));
    let lines = before.map(str::to_owned).chain(rendered()).chain(after.map(str::to_owned));
    let right: String = lines.map(|line| line + "\n").collect();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(DOCUMENT, &right).unwrap();
        return (right.clone(), right);
    }
    (found, right)
}

fn rendered() -> impl Iterator<Item = String> {
    let head = ["| behaviour | reaction | `lastError` |", "| --- | --- | --- |"];
    head.into_iter().map(str::to_owned).chain(table().map(line))
}

fn line(row: &Row) -> String {
    let does = match row.outcome {
        Outcome::Delivered => "report delivered".to_owned(),
        Outcome::GivesUp => "gives up until the next start".to_owned(),
        Outcome::Retried(Duration::ZERO) => "tries again".to_owned(),
        Outcome::Retried(asked) => {
            format!("tries again after at least {}", words(asked))
        }
    };
    let (limits, _) = timeouts(&Environment::at_root("/nowhere"));
    let says = row
        .says
        .replace("{connect}", &limits.connect.as_secs().to_string())
        .replace("{send}", &limits.send.as_secs().to_string());
    let says = if says.is_empty() { says } else { format!("`{says}`") };
    format!("| {} | {does} | {says} |", row.behaviour.replace('|', "\\|"))
}

fn words(time: Duration) -> String {
    match time.as_secs() / 60 {
        minutes if minutes % 60 == 0 => format!("{} hours", minutes / 60),
        minutes => format!("{minutes} minutes"),
    }
}
