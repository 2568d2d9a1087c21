//! Any bytes as the endpoint's answer, through the library's own HTTP client over a connection in
//! memory: one of the documented outcomes, from a bounded part of the answer, however it arrives.

#![no_main]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use psmdb_telemetry::clock::Timestamp;
use psmdb_telemetry::delivery::https::Client;
use psmdb_telemetry::delivery::retry::{MAX_DELAY, RetryContext, RetryDecision, Schedule};
use psmdb_telemetry::delivery::{Cancel, Outcome, Timeouts, UploadRequest};
use psmdb_telemetry::environment::Environment;
use psmdb_telemetry_fuzz::{check_message, noon};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};
use ureq::{Error, Timeout};
use uuid::Uuid;

fuzz_target!(|answer: &[u8]| {
    let whole = deliver(answer, usize::MAX, Ending::Closed);
    check_outcome(answer, &whole);

    // The same bytes, as they may arrive in another hour.
    let silent = deliver(answer, usize::MAX, Ending::Silence);
    let pieces = deliver(answer, 1 + answer.len() / 5, Ending::Closed);
    if answered(&whole) || answered(&pieces) {
        // Whether what is near the limit is read depends on where a read ends.
        let is_near_limit = answer.len() > READ_LIMIT / 2;
        let are_both_answered = answered(&whole) && answered(&pieces);
        assert!(whole == pieces || (is_near_limit && !are_both_answered), "{whole}; {pieces}");
        assert_eq!(whole, silent, "what follows the head does not matter");
    }
    if answered(&whole) {
        let after_another = [b"HTTP/1.1 100 Continue\r\n\r\n", answer].concat();
        let late = deliver(&after_another, usize::MAX, Ending::Closed);
        assert!(late == whole || after_another.len() > READ_LIMIT / 2, "{late}");
    }
    let endless = deliver(answer, usize::MAX, Ending::Again);
    check_outcome(&[answer, answer].concat(), &endless);

    any_retry_after_is_bounded(&String::from_utf8_lossy(answer));
});

/// What follows the last byte.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    Closed,
    Silence,
    Again,
}

/// No read begins after 4 KiB, and none is longer.
const READ_LIMIT: usize = 4095 + 4096;

fn deliver(answer: &[u8], piece: usize, ending: Ending) -> Outcome {
    let read = Arc::new(AtomicUsize::new(0));
    let answer =
        Arc::new(Answer { bytes: answer.to_vec(), piece, ending, read: Arc::clone(&read) });
    let second = Duration::from_secs(1);
    let timeouts = Timeouts { connect: second, send: 3600 * second };
    let environment = Environment::at_root("/no-such-folder");
    let client = Client::new("http://127.0.0.1:9/", false, &environment, timeouts);
    let body = r#"{"reports":[]}"#.to_owned();
    let request = UploadRequest { body, instance_id: Uuid::from_u128(7), time: noon(), attempt: 1 };
    let outcome = client.deliver_over(Memory(answer), &request, &Cancel::default());
    let read = read.load(Ordering::Relaxed);
    assert!(read <= READ_LIMIT, "{read} bytes of the answer were read");
    outcome
}

fn answered(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Delivered | Outcome::Refused { .. })
}

fn check_outcome(answer: &[u8], outcome: &Outcome) {
    check_message(&outcome.to_string());
    match outcome {
        Outcome::Delivered => assert!((200..300).any(|status| has_status(answer, status))),
        Outcome::Refused { status, retry_after } => {
            assert!(has_status(answer, *status) && !(200..300).contains(status), "{status}");
            if let Some(value) = retry_after {
                assert!(!value.contains(|c: char| c.is_control() && c != '\t'), "{value:?}");
                let stands = answer.windows(value.len().max(1)).any(|w| w == value.as_bytes());
                assert!(value.is_empty() || stands, "{value:?}");
            }
        }
        Outcome::Unreachable(_) => {}
        Outcome::LocalError(why) => panic!("the answer is to blame, not this host: {why}"),
    }
    check_next(outcome);
}

/// Whether a status line with this status stands in the answer.
fn has_status(answer: &[u8], status: u16) -> bool {
    let line = format!("HTTP/1.? {status:03}");
    let matches = |window: &[u8]| {
        window.iter().zip(line.bytes()).all(|(found, wanted)| *found == wanted || wanted == b'?')
    };
    answer.windows(line.len()).any(matches)
}

fn check_next(outcome: &Outcome) {
    for (attempts, random) in [(1, 0), (1, u64::MAX), (2, 7), (9, u64::MAX), (u32::MAX, u64::MAX)] {
        let context = RetryContext { attempts, age: Duration::ZERO };
        match Schedule::default().decide(context, outcome, noon(), random) {
            RetryDecision::Done => assert_eq!(outcome, &Outcome::Delivered),
            RetryDecision::Retry(delay) => assert!(delay <= 2 * MAX_DELAY),
            RetryDecision::GiveUp(delay) => assert!(delay <= MAX_DELAY),
            RetryDecision::Fail => panic!("{outcome:?} is no fault of this host"),
        }
    }
}

fn any_retry_after_is_bounded(value: &str) {
    let outcome = Outcome::Refused { status: 503, retry_after: Some(value.to_owned()) };
    check_next(&outcome);
    let seconds = value.trim();
    if !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit()) {
        let asked = seconds.parse().unwrap_or(u64::MAX).min(MAX_DELAY.as_secs());
        let context = RetryContext { attempts: 1, age: Duration::ZERO };
        let next = Schedule::default().decide(context, &outcome, noon(), 0);
        assert_eq!(next, RetryDecision::Retry(Duration::from_secs(asked)));
    }
    if let Some(time) = Timestamp::parse_http(value, noon()) {
        assert!(noon().until(time) <= Duration::MAX);
    }
}

// ---- the connection in memory ------------------------------------------------------------------

#[derive(Debug)]
struct Answer {
    bytes: Vec<u8>,
    piece: usize,
    ending: Ending,
    read: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Memory(Arc<Answer>);

impl Connector for Memory {
    type Out = Connection;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _chained: Option<()>,
    ) -> Result<Option<Connection>, Error> {
        let config = details.config;
        let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        Ok(Some(Connection { answer: Arc::clone(&self.0), at: 0, buffers }))
    }
}

#[derive(Debug)]
struct Connection {
    answer: Arc<Answer>,
    at: usize,
    buffers: LazyBuffers,
}

impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, _amount: usize, _timeout: NextTimeout) -> Result<(), Error> {
        Ok(())
    }

    fn await_input(&mut self, _timeout: NextTimeout) -> Result<bool, Error> {
        let answer = &self.answer;
        if self.at == answer.bytes.len() && answer.ending == Ending::Again {
            self.at = 0;
        }
        let left = &answer.bytes[self.at..];
        if left.is_empty() && answer.ending == Ending::Silence {
            return Err(Error::Timeout(Timeout::Global));
        }
        let room = self.buffers.input_append_buf();
        let amount = left.len().min(room.len()).min(answer.piece);
        room[..amount].copy_from_slice(&left[..amount]);
        self.buffers.input_appended(amount);
        self.at += amount;
        answer.read.fetch_add(amount, Ordering::Relaxed);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        false
    }
}
