//! The one bridge to C++: thin delegates. `cpp/telemetry.cc` is the other side.

// cxx generates code that pedantic lints and the documentation lint object to.
#![allow(missing_docs, clippy::pedantic)]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cxx::SharedPtr;

use self::bridge::{Code, HostBridge, Level, Outcome, ParameterInfo, PostRequest, Type};
use crate::guard::guard;
use crate::host::{Host, HttpAnswer, HttpClient, HttpRequest, LogLevel};
use crate::parameters::{self, PARAMETERS, SetError, When};
use crate::{Surroundings, Telemetry};

#[cxx::bridge(namespace = "psmdb::telemetry::bridge")]
mod bridge {
    enum Level {
        Info,
        Warning,
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
        Unknown,
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

    struct PostAnswer {
        /// 0: no answer came, and `error` says why.
        status: u16,
        retry_after: String,
        error: String,
    }

    extern "Rust" {
        type Handle;

        fn make(host: SharedPtr<HostBridge>) -> Box<Handle>;
        fn set(self: &Handle, name: &[u8], value: &[u8], at_runtime: bool) -> Outcome;
        fn get(self: &Handle, name: &[u8]) -> Outcome;
        fn start(self: &Handle, dbpath: &[u8], version: &[u8]);
        fn stop(self: &Handle, deadline_ms: u64) -> bool;
        fn parameters() -> Vec<ParameterInfo>;
    }

    unsafe extern "C++" {
        include!("psmdb-telemetry/cpp/host_bridge.h");

        type HostBridge;

        fn log(self: &HostBridge, level: Level, message: &str);
        fn offers_http(self: &HostBridge) -> bool;
        fn post(self: &HostBridge, request: &PostRequest) -> PostAnswer;
    }
}

// SAFETY: the bridge holds nothing but a shared_ptr to the server's Host, which telemetry.h
// requires to be callable from any thread, at the same time too.
unsafe impl Send for HostBridge {}
// SAFETY: as above; every function of the bridge is const.
unsafe impl Sync for HostBridge {}

/// A handle for C++. It is empty only if making it panicked.
struct Handle(Option<Telemetry>);

fn make(host: SharedPtr<HostBridge>) -> Box<Handle> {
    let host = Arc::new(CppHost(host));
    Box::new(Handle(guard(|| Telemetry::new(host, Surroundings::of_process())).ok()))
}

// Telemetry's own functions run inside the panic guard.
impl Handle {
    fn set(&self, name: &[u8], value: &[u8], at_runtime: bool) -> Outcome {
        let when = if at_runtime { When::Runtime } else { When::Startup };
        let set = |t: &Telemetry| t.set(&text(name), &text(value), when);
        outcome(self.0.as_ref().map(set).map(|set| set.map(|()| String::new())))
    }

    fn get(&self, name: &[u8]) -> Outcome {
        outcome(self.0.as_ref().map(|telemetry| telemetry.get(&text(name))))
    }

    fn start(&self, dbpath: &[u8], version: &[u8]) {
        if let Some(telemetry) = &self.0 {
            telemetry.start(Path::new(OsStr::from_bytes(dbpath)), &text(version));
        }
    }

    fn stop(&self, deadline_ms: u64) -> bool {
        self.0.as_ref().is_none_or(|telemetry| telemetry.stop(Duration::from_millis(deadline_ms)))
    }
}

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
    PARAMETERS.iter().map(info).collect()
}

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn outcome(result: Option<Result<String, SetError>>) -> Outcome {
    match result {
        Some(Ok(text)) => Outcome { code: Code::Ok, text },
        Some(Err(error)) => Outcome {
            code: match error {
                SetError::BadValue(_) => Code::BadValue,
                SetError::NotSettable(_) => Code::NotSettable,
                SetError::Unknown(_) => Code::Unknown,
                SetError::Internal(_) => Code::Internal,
            },
            text: error.to_string(),
        },
        None => Outcome { code: Code::Internal, text: "telemetry could not be made".to_owned() },
    }
}

/// The server's Host, as the library sees it.
#[derive(Clone)]
struct CppHost(SharedPtr<HostBridge>);

impl Host for CppHost {
    fn log(&self, level: LogLevel, message: &str) {
        let level = match level {
            LogLevel::Info => Level::Info,
            LogLevel::Warning => Level::Warning,
        };
        self.0.log(level, message);
    }

    fn http_client(&self) -> Option<Arc<dyn HttpClient>> {
        self.0.offers_http().then(|| Arc::new(self.clone()) as _)
    }
}

impl HttpClient for CppHost {
    fn post(&self, request: &HttpRequest<'_>) -> Result<HttpAnswer, String> {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let answer = self.0.post(&PostRequest {
            url: request.url,
            content_type: request.content_type,
            user_agent: request.user_agent,
            body: request.body,
            connect_timeout_ms: millis(request.connect_timeout),
            timeout_ms: millis(request.timeout),
        });
        if answer.status == 0 {
            return Err(answer.error);
        }
        let retry_after = Some(answer.retry_after).filter(|value| !value.is_empty());
        Ok(HttpAnswer { status: answer.status, retry_after })
    }
}
