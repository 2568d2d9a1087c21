//! The table as people read it.

use std::time::Duration;

use psmdb_telemetry::delivery::timeouts;
use psmdb_telemetry::environment::Environment;

use crate::table::{Outcome, Row, table};

/// Set, it makes the test write the document's table.
pub const UPDATE: &str = "UPDATE_DOCS";

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/endpoints.md");

/// What the document holds, and what it should hold.
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

/// A line for each outcome, with the first behaviour that has it.
fn rendered() -> impl Iterator<Item = String> {
    let mut outcomes: Vec<(&Row, usize)> = Vec::new();
    for row in table() {
        match outcomes.iter_mut().find(|(first, _)| first.outcome == row.outcome) {
            Some((_, more)) => *more += 1,
            None => outcomes.push((row, 0)),
        }
    }
    let head = ["| behaviour | reaction | `lastError` |", "| --- | --- | --- |"];
    let lines = outcomes.into_iter().map(|(first, more)| line(first, more));
    head.into_iter().map(str::to_owned).chain(lines)
}

fn line(row: &Row, more: usize) -> String {
    let does = match row.outcome {
        Outcome::Delivered => "report delivered".to_owned(),
        Outcome::GivesUp(_) => "gives up until the next start".to_owned(),
        Outcome::Retried(_) => "tries again".to_owned(),
        Outcome::RetriedAfter(asked, _) => format!("tries again after at least {}", words(asked)),
    };
    let (limits, _) = timeouts(&Environment::at_root("/nowhere"));
    let [connect, send] = [limits.connect, limits.send].map(|limit| limit.as_secs().to_string());
    let error = row.last_error(&connect, &send);
    let error = error.map(|error| format!("`{error}`")).unwrap_or_default();
    let others = if more > 0 { format!(" (and {more} more)") } else { String::new() };
    format!("| {}{others} | {does} | {error} |", row.behaviour)
}

fn words(time: Duration) -> String {
    match time.as_secs() / 60 {
        minutes if minutes % 60 == 0 => format!("{} hours", minutes / 60),
        minutes => format!("{minutes} minutes"),
    }
}
