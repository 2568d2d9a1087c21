//! A server that keeps its log.

use std::sync::{Arc, Condvar, Mutex};

use psmdb_telemetry::events::{LogEvent, LogLevel};
use psmdb_telemetry::host::{Host, HttpClient};

use super::DEADLINE;

#[derive(Default)]
pub struct TestHost {
    lines: Mutex<Vec<(LogLevel, String)>>,
    written: Condvar,
    client: Mutex<Option<Arc<dyn HttpClient>>>,
}

impl TestHost {
    pub fn offer(&self, client: Arc<dyn HttpClient>) {
        *self.client.lock().unwrap() = Some(client);
    }

    pub fn wait_for(&self, words: &str) -> String {
        let found = |lines: &Vec<(LogLevel, String)>| {
            lines.iter().map(|(_, line)| line).find(|line| line.contains(words)).cloned()
        };
        let lines = self.lines.lock().unwrap();
        let (lines, _) =
            self.written.wait_timeout_while(lines, DEADLINE, |l| found(l).is_none()).unwrap();
        found(&lines).unwrap_or_else(|| panic!("no line with '{words}' in {lines:#?}"))
    }

    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().iter().map(|(_, line)| line.clone()).collect()
    }

    pub fn warnings(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        let warnings = lines.iter().filter(|(level, _)| *level == LogLevel::Warning);
        warnings.map(|(_, line)| line.clone()).collect()
    }
}

impl Host for TestHost {
    fn log(&self, event: &LogEvent) {
        self.lines.lock().unwrap().push((event.level, event.to_string()));
        self.written.notify_all();
    }

    fn http_client(&self) -> Option<Arc<dyn HttpClient>> {
        self.client.lock().unwrap().clone()
    }
}
