//! Delivery by the HTTP client of the server that embeds the library.

use std::sync::Arc;

use super::{CONTENT_TYPE, Cancel, Outcome, Timeouts, Transport, USER_AGENT, UploadRequest};
use crate::destination::redacted_url;
use crate::destination::url::Authority;
use crate::environment::Environment;
use crate::host::{HttpClient, HttpRequest};

pub struct ServerClient {
    url: String,
    client: Arc<dyn HttpClient>,
    timeouts: Timeouts,
    /// Whether the environment names CA certificates, which this client does not read.
    has_ca_variables: bool,
}

const CA_HINT: &str = "the server's client uses the system's CA store and ignores SSL_CERT_FILE \
                       and SSL_CERT_DIR";

impl ServerClient {
    pub fn new(
        url: String,
        client: Arc<dyn HttpClient>,
        timeouts: Timeouts,
        has_ca_variables: bool,
    ) -> Self {
        Self { url, client, timeouts, has_ca_variables }
    }

    fn failure(&self, why: &str) -> Outcome {
        // It may repeat the URL, whose query may have a token.
        let why = &why.replace(&self.url, &redacted_url(&self.url));
        let is_about_cas = why.contains("certificate") || why.contains("CA ");
        match Outcome::unreachable(why) {
            Outcome::Unreachable(why) if self.has_ca_variables && is_about_cas => {
                Outcome::Unreachable(format!("{why}; {CA_HINT}"))
            }
            outcome => outcome,
        }
    }
}

/// Whether libcurl, the client of `mongod`, would send plain http to this URL through a proxy.
pub fn uses_proxy(url: &str, environment: &Environment) -> bool {
    let proxy = environment.first_of(["http_proxy", "all_proxy", "ALL_PROXY"]);
    let authority = url.split(['/', '?']).nth(2).and_then(|text| Authority::parse(text).ok());
    let no_proxy = environment.first_of(["no_proxy", "NO_PROXY"]);
    let is_exempt = authority.zip(no_proxy).is_some_and(|(at, list)| names(list, &at.host));
    proxy.is_some() && !is_exempt
}

/// Whether every version of libcurl finds this host in `no_proxy`: each finds the host itself, and a lone `*`.
/// Networks and tabs are understood since 7.86.0, and servers run with older ones. Since 8.9.0 only commas
/// separate: the list ends at a space that no comma follows.
fn names(list: &str, host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let entries = list.split(',').map(|entry| entry.trim_matches(' '));
    let mut understood = entries.take_while(|entry| !entry.contains([' ', '\t']));
    list == "*" || understood.any(|entry| entry.eq_ignore_ascii_case(host))
}

impl Transport for ServerClient {
    fn runs_server_code(&self) -> bool {
        true
    }

    fn deliver(&self, request: &UploadRequest, cancel: &Cancel) -> Outcome {
        // The server's client cannot be interrupted once it has the request.
        if cancel.is_cancelled() {
            return Outcome::Unreachable("stopped".to_owned());
        }
        let response = self.client.post(&HttpRequest {
            url: &self.url,
            content_type: CONTENT_TYPE,
            user_agent: USER_AGENT,
            body: &request.body,
            connect_timeout: self.timeouts.connect,
            timeout: self.timeouts.send,
        });
        match response {
            Ok(response) if (200..300).contains(&response.status) => Outcome::Delivered,
            Ok(response) => {
                Outcome::Refused { status: response.status, retry_after: response.retry_after }
            }
            Err(why) if why.is_empty() => {
                Outcome::Unreachable("server's HTTP client got no response".to_owned())
            }
            Err(why) => self.failure(&why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_host_is_exempt_if_it_is_named_itself() {
        for (list, host) in [
            ("localhost", "localhost"),
            (" x , LOCALHOST ", "localhost"),
            (",, ,127.0.0.1,", "127.0.0.1"),
            ("a,::1", "[::1]"),
            ("*", "127.0.0.1"),
        ] {
            assert!(names(list, host), "{list:?} {host}");
        }
        for (list, host) in [
            ("127.0.0.0/8", "127.0.0.1"),
            ("::1 127.0.0.1", "127.0.0.1"),
            ("a b,localhost", "localhost"),
            ("a\tb,localhost", "localhost"),
            ("\tlocalhost", "localhost"),
            ("localhost.", "localhost"),
            (" * ", "localhost"),
            ("", "localhost"),
        ] {
            assert!(!names(list, host), "{list:?} {host}");
        }
    }
}
