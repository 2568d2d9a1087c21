//! The one bridge to C++: thin delegates. `cpp/telemetry.cc` is the other side.

// cxx generates code that pedantic lints and the documentation lint object to.
#![allow(missing_docs, clippy::pedantic)]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cxx::SharedPtr;

use self::bridge::{
    AttributeKind, Code, HostBridge, HttpClientBridge, Level, LogAttribute, Outcome, ParameterInfo,
    PostRequest, Type,
};
use crate::events::{Event, LogEvent, LogLevel, Value};
use crate::guard::guard;
use crate::host::{Host, HttpClient, HttpRequest, HttpResponse};
use crate::parameters::{self, Name, PARAMETERS, ParameterError, When};
use crate::report::json;
use crate::status::Lifecycle;
use crate::telemetry::StartOptions;
use crate::{Context, Telemetry};

#[cxx::bridge(namespace = "psmdb::telemetry::bridge")]
mod bridge {
    enum Level {
        Info,
        Warning,
    }

    enum AttributeKind {
        Text,
        Integer,
    }

    /// The value is `text` or `number`, as `kind` says.
    struct LogAttribute<'a> {
        name: &'a str,
        kind: AttributeKind,
        text: &'a str,
        number: i64,
    }

    enum Type {
        Boolean,
        Text,
        Seconds,
        Document,
    }

    enum Code {
        Ok,
        BadValue,
        NotSettable,
        UnknownParameter,
        Internal,
    }

    struct Outcome {
        code: Code,
        text: String,
    }

    struct ParameterInfo {
        name: &'static str,
        description: &'static str,
        kind: Type,
        at_startup: bool,
        at_runtime: bool,
    }

    struct PostRequest<'a> {
        url: &'a str,
        content_type: &'a str,
        user_agent: &'a str,
        body: &'a str,
        connect_timeout_ms: u64,
        timeout_ms: u64,
    }

    struct PostResponse {
        /// 0: no response came, and `error` says why.
        status: u16,
        retry_after: String,
        error: String,
    }

    extern "Rust" {
        type Handle;

        fn make(host: SharedPtr<HostBridge>) -> Box<Handle>;
        fn set(self: &Handle, name: &[u8], value: &[u8], at_runtime: bool) -> Outcome;
        fn get(self: &Handle, name: &[u8]) -> Outcome;
        fn summary(self: &Handle) -> String;
        fn start(self: &Handle, dbpath: &[u8], version: &[u8], suppressed_by: &[u8]);
        fn stop(self: &Handle, deadline_ms: u64) -> bool;
        fn parameters() -> Vec<ParameterInfo>;
        fn version() -> &'static str;
    }

    unsafe extern "C++" {
        include!("psmdb-telemetry/cpp/host_bridge.h");

        type HostBridge;
        type HttpClientBridge;

        fn log(
            self: &HostBridge,
            id: i32,
            level: Level,
            message: &str,
            attributes: &[LogAttribute],
        );
        /// Null where the server has none.
        fn http_client(self: &HostBridge) -> SharedPtr<HttpClientBridge>;
        fn post(self: &HttpClientBridge, request: &PostRequest) -> PostResponse;
    }
}

// SAFETY: the bridge holds nothing but a shared_ptr to the server's Host, which telemetry.h
// requires to be callable from any thread, at the same time too.
unsafe impl Send for HostBridge {}
// SAFETY: as above; every function of the bridge is const.
unsafe impl Sync for HostBridge {}
// SAFETY: as for HostBridge, with the server's HttpClient.
unsafe impl Send for HttpClientBridge {}
// SAFETY: as above.
unsafe impl Sync for HttpClientBridge {}

/// A handle for C++. In place of a `Telemetry` whose construction panicked it holds the message.
struct Handle(Result<Telemetry, String>);

fn make(host: SharedPtr<HostBridge>) -> Box<Handle> {
    Box::new(Handle::new(Arc::new(CppHost(host))))
}

impl Handle {
    fn new(host: Arc<dyn Host>) -> Self {
        let log = Arc::clone(&host);
        let telemetry = guard(|| {
            planted("make");
            Telemetry::new(host, Context::of_process())
        });
        Self(telemetry.inspect_err(|error| {
            // The log may be what panicked.
            let _ = guard(|| log.log(&(&Event::InternalError { error: error.clone() }).into()));
        }))
    }

    /// Runs an entry's body, conversions included. A panic in it switches telemetry off.
    fn enter<T>(
        &self,
        entry: &'static str,
        body: impl FnOnce(&Telemetry) -> T,
    ) -> Result<T, String> {
        let telemetry = self.0.as_ref().map_err(Clone::clone)?;
        guard(|| {
            planted(entry);
            body(telemetry)
        })
        .inspect_err(|error| telemetry.poison(error))
    }

    fn set(&self, name: &[u8], value: &[u8], at_runtime: bool) -> Outcome {
        let when = if at_runtime { When::Runtime } else { When::Startup };
        self.enter("set", |telemetry| {
            outcome(telemetry.set(&text(name), &text(value), when).map(|()| String::new()))
        })
        .unwrap_or_else(failed)
    }

    fn get(&self, name: &[u8]) -> Outcome {
        self.enter("get", |telemetry| outcome(telemetry.get(&text(name)))).unwrap_or_else(|error| {
            guard(|| outcome(broken_value(&text(name), error.clone())))
                .unwrap_or_else(|_| failed(error))
        })
    }

    fn summary(&self) -> String {
        self.enter("summary", Telemetry::summary).unwrap_or_else(|error| {
            guard(|| json(&Lifecycle::not_created(&error).status().summary()))
                .unwrap_or_else(|_| "{}".to_owned())
        })
    }

    fn start(&self, dbpath: &[u8], version: &[u8], suppressed_by: &[u8]) {
        let _ = self.enter("start", |telemetry| {
            telemetry.start(&StartOptions {
                dbpath: Path::new(OsStr::from_bytes(dbpath)),
                version: &text(version),
                suppressed_by: &text(suppressed_by),
            });
        });
    }

    fn stop(&self, deadline_ms: u64) -> bool {
        // A handle that could not be created has no thread.
        self.enter("stop", |telemetry| telemetry.stop(Duration::from_millis(deadline_ms)))
            .unwrap_or(self.0.is_err())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Ok(telemetry) = std::mem::replace(&mut self.0, Err(String::new())) {
            // This also destroys the server's Host.
            let _ = guard(|| {
                planted("drop");
                drop(telemetry);
            });
        }
    }
}

/// What a parameter says after the library has failed.
fn broken_value(name: &str, error: String) -> Result<String, ParameterError> {
    match Name::find(name) {
        Some(Name::Status) => Ok(json(Lifecycle::not_created(&error).status())),
        Some(Name::Enabled) => Ok("false".to_owned()),
        _ => Err(ParameterError::Internal(error)),
    }
}

fn failed(text: String) -> Outcome {
    Outcome { code: Code::Internal, text }
}

/// Panics where a test asks for it.
#[cfg(test)]
fn planted(entry: &'static str) {
    let here = tests::PLANTED.get() == Some(entry);
    assert!(!here, "planted in {entry}");
}

#[cfg(not(test))]
fn planted(_entry: &'static str) {}

fn parameters() -> Vec<ParameterInfo> {
    let info = |parameter: &parameters::Parameter| ParameterInfo {
        name: parameter.name,
        description: parameter.description,
        kind: match parameter.type_ {
            parameters::Type::Boolean => Type::Boolean,
            parameters::Type::Text => Type::Text,
            parameters::Type::Seconds => Type::Seconds,
            parameters::Type::Document => Type::Document,
        },
        at_startup: parameter.at_startup,
        at_runtime: parameter.at_runtime,
    };
    let table = guard(|| {
        planted("parameters");
        PARAMETERS.iter().map(info).collect()
    });
    table.unwrap_or_default()
}

fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    planted("a conversion");
    String::from_utf8_lossy(bytes)
}

fn outcome(result: Result<String, ParameterError>) -> Outcome {
    match result {
        Ok(text) => Outcome { code: Code::Ok, text },
        Err(error) => Outcome {
            code: match error {
                ParameterError::BadValue(_) => Code::BadValue,
                ParameterError::NotSettable(_) => Code::NotSettable,
                ParameterError::Unknown(_) => Code::UnknownParameter,
                ParameterError::Internal(_) => Code::Internal,
            },
            text: error.to_string(),
        },
    }
}

/// The server's Host, as the library sees it.
struct CppHost(SharedPtr<HostBridge>);

impl Host for CppHost {
    fn log(&self, event: &LogEvent) {
        let level = match event.level {
            LogLevel::Info => Level::Info,
            LogLevel::Warning => Level::Warning,
        };
        let attributes: Vec<_> = event
            .attributes
            .iter()
            .map(|(name, value)| {
                let (kind, text, number) = match value {
                    Value::Text(text) => (AttributeKind::Text, text.as_str(), 0),
                    Value::Integer(number) => (AttributeKind::Integer, "", *number),
                };
                LogAttribute { name, kind, text, number }
            })
            .collect();
        self.0.log(event.id, level, event.message, &attributes);
    }

    fn http_client(&self) -> Option<Arc<dyn HttpClient>> {
        let client = self.0.http_client();
        (!client.is_null()).then(|| Arc::new(CppHttpClient(client)) as _)
    }
}

/// The server's HttpClient, as the library sees it.
struct CppHttpClient(SharedPtr<HttpClientBridge>);

impl HttpClient for CppHttpClient {
    fn post(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, String> {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let response = self.0.post(&PostRequest {
            url: request.url,
            content_type: request.content_type,
            user_agent: request.user_agent,
            body: request.body,
            connect_timeout_ms: millis(request.connect_timeout),
            timeout_ms: millis(request.timeout),
        });
        if response.status == 0 {
            return Err(response.error);
        }
        let retry_after = Some(response.retry_after).filter(|value| !value.is_empty());
        Ok(HttpResponse { status: response.status, retry_after })
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Mutex;

    use super::*;

    thread_local! {
        /// The entry that panics on this thread.
        pub static PLANTED: Cell<Option<&'static str>> = const { Cell::new(None) };
    }

    #[derive(Default)]
    struct EventKeeper(Mutex<Vec<LogEvent>>);

    impl Host for EventKeeper {
        fn log(&self, event: &LogEvent) {
            self.0.lock().unwrap().push(event.clone());
        }
    }

    fn enter_each(handle: &Handle) {
        for _ in 0..2 {
            handle.set(b"perconaTelemetry", b"false", false);
            handle.get(b"perconaTelemetry");
            handle.summary();
            handle.start(b"/nowhere", b"4.4.26-25", b"");
            handle.stop(0);
        }
    }

    #[test]
    fn a_panic_in_any_entry_is_one_event_and_the_state_failed() {
        for entry in ["make", "set", "get", "summary", "start", "stop", "a conversion"] {
            let host = Arc::new(EventKeeper::default());
            PLANTED.set(Some(entry));
            let handle = Handle::new(host.clone());
            enter_each(&handle);
            PLANTED.set(None);

            let status = handle.get(b"perconaTelemetryStatus").text;
            assert!(
                status.contains(r#""enabled":false,"decidedBy":"internal error","state":"failed""#)
            );
            assert!(status.contains(&format!("internal error: planted in {entry}")), "{status}");
            let summary = r#"{"enabled":false,"state":"failed","attempts":0}"#;
            assert_eq!(handle.summary(), summary, "{entry}");
            assert_eq!(handle.get(b"perconaTelemetry").text, "false", "{entry}");
            let refused = handle.set(b"perconaTelemetry", b"true", true);
            assert!(refused.code == Code::Internal && !refused.text.is_empty(), "{entry}");

            let events = host.0.lock().unwrap();
            let errors: Vec<_> = events.iter().filter(|e| e.level == LogLevel::Warning).collect();
            assert_eq!(errors.len(), 1, "{entry}: {events:?}");
            assert!(errors[0].to_string().contains(&format!("planted in {entry}")), "{events:?}");
        }
    }

    #[test]
    fn a_panic_while_the_handle_is_destroyed_ends_there() {
        let handle = Handle::new(Arc::new(EventKeeper::default()));
        PLANTED.set(Some("drop"));
        drop(handle);
        PLANTED.set(None);
    }

    #[test]
    fn a_panic_in_the_table_of_parameters_leaves_it_empty() {
        PLANTED.set(Some("parameters"));
        assert!(parameters().is_empty());
        PLANTED.set(None);
        assert_eq!(parameters().len(), PARAMETERS.len());
    }
}
