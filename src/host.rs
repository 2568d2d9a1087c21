//! What the embedding server provides.

use std::sync::Arc;
use std::time::Duration;

use crate::events::LogEvent;

/// The server that embeds the library. Called from several threads, which may overlap.
pub trait Host: Send + Sync {
    /// Writes one event to the server's log. Not called after the end of `Telemetry::stop`.
    fn log(&self, event: &LogEvent);

    /// The server's own HTTP client; if there is one, it is used in place of the built-in one.
    fn http_client(&self) -> Option<Arc<dyn HttpClient>> {
        None
    }
}

/// An HTTP client that verifies certificates and does not follow redirects.
pub trait HttpClient: Send + Sync {
    /// Makes one request. The error is a sentence that says why no response came.
    fn post(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, String>;
}

/// One POST.
#[derive(Clone, Copy, Debug)]
pub struct HttpRequest<'a> {
    /// Where to.
    pub url: &'a str,
    /// Value of `Content-Type`.
    pub content_type: &'a str,
    /// Value of `User-Agent`.
    pub user_agent: &'a str,
    /// The body, UTF-8.
    pub body: &'a str,
    /// For the connection to be made.
    pub connect_timeout: Duration,
    /// For the whole request.
    pub timeout: Duration,
}

/// What the library needs of a response.
#[derive(Clone, Debug)]
pub struct HttpResponse {
    /// The HTTP status.
    pub status: u16,
    /// Value of `Retry-After`.
    pub retry_after: Option<String>,
}
