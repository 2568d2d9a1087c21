//! A C interface to one of the clients: one event that says what the library's report says.

use std::ffi::{CStr, c_char};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

#[cfg(feature = "opentelemetry")]
use for_opentelemetry as client;
#[cfg(feature = "sentry")]
use for_sentry as client;

const FACTS: [(&str, &str); 4] = [
    ("deployment", "PACKAGE"),
    ("pillar_version", "4.4.26-25"),
    ("OS", "Oracle Linux Server 8.8"),
    ("hardware_arch", "x86_64 x86_64"),
];

static CLIENT: Mutex<Option<client::Client>> = Mutex::new(None);

/// Starts the client and gives it the event for the endpoint at `http://URL`.
///
/// # Safety
/// `url` is a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn client_begin(url: *const c_char) {
    // SAFETY: as the caller promises.
    let url = unsafe { CStr::from_ptr(url) }.to_string_lossy();
    *CLIENT.lock().unwrap_or_else(PoisonError::into_inner) = Some(client::begin(&url));
}

/// Waits until the event is delivered.
#[unsafe(no_mangle)]
pub extern "C" fn client_wait() -> bool {
    let client = CLIENT.lock().unwrap_or_else(PoisonError::into_inner);
    client.as_ref().is_some_and(client::wait)
}

/// Ends the client, which is asked to take no longer than this.
#[unsafe(no_mangle)]
pub extern "C" fn client_stop(milliseconds: u32) {
    let client = CLIENT.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(client) = client {
        client::stop(client, Duration::from_millis(milliseconds.into()));
    }
}

#[cfg(feature = "sentry")]
mod for_sentry {
    use super::{Duration, FACTS};
    use sentry::protocol::Event;

    pub type Client = sentry::ClientInitGuard;

    pub fn begin(url: &str) -> Client {
        let dsn = url.replacen("http://", "http://key@", 1) + "/1";
        let guard = sentry::init(dsn);
        let tags = FACTS.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let message = Some("report".to_owned());
        sentry::capture_event(Event { message, tags: tags.into(), ..Event::default() });
        guard
    }

    pub fn wait(client: &Client) -> bool {
        client.flush(Some(Duration::from_secs(30)))
    }

    pub fn stop(client: Client, limit: Duration) {
        client.close(Some(limit));
    }
}

#[cfg(feature = "opentelemetry")]
mod for_opentelemetry {
    use super::{Duration, FACTS};
    use opentelemetry::KeyValue;
    use opentelemetry::trace::{Span, Tracer, TracerProvider};
    use opentelemetry_otlp::{SpanExporter, WithExportConfig};
    use opentelemetry_sdk::trace::SdkTracerProvider;

    pub type Client = SdkTracerProvider;

    pub fn begin(url: &str) -> Client {
        let endpoint = format!("{url}/v1/traces");
        let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint).build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter.expect("an exporter"))
            .build();
        let mut span = provider.tracer("bench").start("report");
        span.set_attributes(FACTS.map(|(key, value)| KeyValue::new(key, value)));
        span.end();
        provider
    }

    pub fn wait(client: &Client) -> bool {
        client.force_flush().is_ok()
    }

    pub fn stop(client: Client, limit: Duration) {
        let _ = client.shutdown_with_timeout(limit);
    }
}
