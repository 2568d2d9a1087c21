//! What a transport is, and which one is used for a destination.

use std::sync::Arc;

use uuid::Uuid;

use super::file::FolderTransport;
use super::server_client::{self, ServerClient};
use super::{Cancel, Outcome, Timeouts};
use crate::clock::Timestamp;
use crate::destination::Destination;
use crate::environment::Environment;
use crate::host::HttpClient;

/// Value of `User-Agent`: the one header that the request does not need.
pub const USER_AGENT: &str = concat!("psmdb-telemetry/", env!("CARGO_PKG_VERSION"));
/// The type of the body.
pub const CONTENT_TYPE: &str = "application/json";

/// What one attempt uploads.
#[derive(Clone, Debug)]
pub struct UploadRequest {
    /// The request's body.
    pub body: String,
    /// Whose report it is.
    pub instance_id: Uuid,
    /// When the attempt is made.
    pub time: Timestamp,
    /// Its number in this start, from 1.
    pub attempt: u32,
}

/// A way to deliver. Blocks; runs on a thread of its own, which may be detached.
pub trait Transport: Send {
    /// Makes one attempt. After `cancel` no more of the request may be sent, but by what cannot be interrupted.
    fn deliver(&self, request: &UploadRequest, cancel: &Cancel) -> Outcome;

    /// Whether it runs code of the server that embeds the library.
    fn runs_server_code(&self) -> bool {
        false
    }
}

/// The transport for a destination: the server's own HTTP client if it offers one, else the
/// built-in one. The error is a sentence that says why none can be used.
pub fn transport(
    destination: &Destination,
    client: Option<Arc<dyn HttpClient>>,
    environment: &Environment,
    timeouts: Timeouts,
) -> Result<Box<dyn Transport>, &'static str> {
    match (destination, client) {
        (Destination::Folder { path, .. }, _) => Ok(Box::new(FolderTransport::new(path.clone()))),
        (Destination::Http { url, tls: false }, Some(_))
            if server_client::uses_proxy(url, environment) =>
        {
            Err(PROXIED)
        }
        (Destination::Http { url, .. }, Some(client)) => {
            let has_ca_variables =
                environment.first_of(["SSL_CERT_FILE", "SSL_CERT_DIR"]).is_some();
            Ok(Box::new(ServerClient::new(url.clone(), client, timeouts, has_ca_variables)))
        }
        #[cfg(feature = "https")]
        (Destination::Http { url, tls }, None) => {
            Ok(Box::new(super::https::Client::new(url, *tls, environment, timeouts)))
        }
        #[cfg(interleavings)]
        (Destination::Http { .. }, None) => Ok(crate::interleavings::transport()),
        #[cfg(not(any(feature = "https", interleavings)))]
        (Destination::Http { .. }, None) => {
            let _ = (environment, timeouts);
            Err(NO_CLIENT)
        }
    }
}

/// Whether this build and this server have a client for a destination; the error says what they lack.
pub fn check_supported(destination: &Destination, has_client: bool) -> Result<(), &'static str> {
    match destination {
        Destination::Http { .. } if !has_client && !cfg!(feature = "https") => Err(NO_CLIENT),
        _ => Ok(()),
    }
}

/// Plain http is for this host alone; a proxy may be anywhere.
const PROXIED: &str = "the server's HTTP client would send plain http through the proxy of \
                       http_proxy or all_proxy; add the host to no_proxy, as it is in the URL, with \
                       commas between entries";

const NO_CLIENT: &str = "this build has no HTTP client of its own and the server offers none; \
                         only file:///folder can be used";

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Of an empty body, at the first attempt.
    pub fn empty_request() -> UploadRequest {
        let time = Timestamp::from_unix(0).unwrap();
        UploadRequest { body: String::new(), instance_id: Uuid::nil(), time, attempt: 1 }
    }
}
