//! Delivery by the HTTP client of the server that embeds the library.

use std::sync::Arc;

use super::{CONTENT_TYPE, Cancel, Letter, Outcome, Timeouts, Transport, USER_AGENT};
use crate::host::{HttpClient, HttpRequest};

pub struct ServerClient {
    url: String,
    client: Arc<dyn HttpClient>,
    timeouts: Timeouts,
}

impl ServerClient {
    pub fn new(url: String, client: Arc<dyn HttpClient>, timeouts: Timeouts) -> Self {
        Self { url, client, timeouts }
    }
}

impl Transport for ServerClient {
    fn deliver(&self, letter: &Letter, cancel: &Cancel) -> Outcome {
        // The server's client cannot be interrupted: once it has the letter, it has it.
        if cancel.is_cancelled() {
            return Outcome::Unreachable("stopped".to_owned());
        }
        let answer = self.client.post(&HttpRequest {
            url: &self.url,
            content_type: CONTENT_TYPE,
            user_agent: USER_AGENT,
            body: &letter.body,
            connect_timeout: self.timeouts.connect,
            timeout: self.timeouts.send,
        });
        match answer {
            Ok(answer) if (200..300).contains(&answer.status) => Outcome::Delivered,
            Ok(answer) => {
                Outcome::Refused { status: answer.status, retry_after: answer.retry_after }
            }
            Err(why) if why.is_empty() => {
                Outcome::Unreachable("server's HTTP client got no response".to_owned())
            }
            Err(why) => Outcome::unreachable(&why),
        }
    }
}
