//! What an endpoint may do inside of a TLS connection, and with its certificate.

use std::io::Write;
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::endpoint::{Talk, whole_request};
use crate::interposed::ENDPOINT;
use crate::support::tls::{Authority, Certificate};
use crate::table::{
    Hears,
    Outcome::{self, Delivered, GivesUp},
    RETRIED, Row, Scene,
};

const CERTIFICATE: Certificate = Certificate { name: ENDPOINT, ..Certificate::USUAL };
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
/// A handshake, and the rest of what comes with the last record that is read.
const HANDSHAKE_BYTES: usize = 16 * 1024;

/// An endpoint for https, and a host that trusts an authority which has nothing to do with it.
pub fn https(behaviour: impl Fn(&mut Talk) + Send + Sync + 'static) -> Scene {
    let authority = Authority::new();
    trusting(&authority, behaviour).keeping(authority)
}

fn trusting(authority: &Authority, behaviour: impl Fn(&mut Talk) + Send + Sync + 'static) -> Scene {
    let file = authority.file().display().to_string();
    let mut scene = Scene::http(behaviour).with("SSL_CERT_FILE", file).reading(HANDSHAKE_BYTES);
    scene.url = format!("https://{ENDPOINT}:{}/v1/telemetry/GenericReport", scene.endpoint.port);
    scene
}

/// An endpoint that has a certificate of an authority which the host trusts.
fn certified(
    certificate: Certificate,
    behaviour: impl Fn(&mut Secure) + Send + Sync + 'static,
) -> Scene {
    let authority = Authority::new();
    let config = authority.server(certificate);
    trusting(&authority, move |talk| behaviour(&mut Secure::new(talk, &config))).keeping(authority)
}

fn answering(certificate: Certificate) -> Scene {
    certified(certificate, |secure| {
        secure.hear_request();
        secure.say(OK);
        secure.close();
    })
}

/// A TLS connection, seen from the endpoint.
struct Secure<'a> {
    talk: &'a mut Talk,
    stream: StreamOwned<ServerConnection, std::net::TcpStream>,
}

impl<'a> Secure<'a> {
    fn new(talk: &'a mut Talk, config: &Arc<ServerConfig>) -> Self {
        let stream = talk.secret_stream();
        let connection = ServerConnection::new(Arc::clone(config)).unwrap();
        Self { talk, stream: StreamOwned::new(connection, stream) }
    }

    fn hear_request(&mut self) {
        let request = whole_request(&mut self.stream);
        self.talk.note(&request);
    }

    fn say(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).is_ok()
    }

    fn close(&mut self) {
        self.stream.conn.send_close_notify();
        let _ = self.stream.flush();
    }
}

const fn inside(
    behaviour: &'static str,
    outcome: Outcome,
    says: &'static str,
    scene: fn() -> Scene,
) -> Row {
    Row { behaviour, scene, outcome, says, hears: Hears::Request }
}

/// The endpoint refuses what the client makes of its certificate: it never gets to hear a request.
pub const fn distrusted(behaviour: &'static str, says: &'static str, scene: fn() -> Scene) -> Row {
    Row { behaviour, scene, outcome: RETRIED, says, hears: Hears::Nothing }
}

pub const CERTIFICATES: &[Row] = &[
    inside("200 over TLS", Delivered, "", || answering(CERTIFICATE)),
    inside("200 over TLS, closed without close_notify", Delivered, "", || {
        certified(CERTIFICATE, |secure| {
            secure.hear_request();
            secure.say(OK);
        })
    }),
    inside("200 over TLS, to a name with a trailing dot", Delivered, "", || {
        let mut scene = answering(CERTIFICATE);
        scene.url = format!("https://{ENDPOINT}.:{}/report", scene.endpoint.port);
        scene
    }),
    inside("404 over TLS", GivesUp, "endpoint returned HTTP status 404", || {
        certified(CERTIFICATE, |secure| {
            secure.hear_request();
            secure.say("HTTP/1.1 404 Not Found\r\n\r\n");
        })
    }),
    inside("TLS, then endless headers", RETRIED, "response headers exceed 4095 bytes", || {
        certified(CERTIFICATE, |secure| {
            secure.hear_request();
            secure.say("HTTP/1.1 200 OK\r\nX: ");
            while secure.say("x".repeat(1024)) {}
        })
    }),
    inside(
        "TLS, then 100 repeated endlessly",
        RETRIED,
        "response headers exceed 4095 bytes",
        || {
            certified(CERTIFICATE, |secure| {
                secure.hear_request();
                while secure.say("HTTP/1.1 100 Continue\r\n\r\n") {}
            })
        },
    ),
    inside(
        "TLS, then closes without a response",
        RETRIED,
        "connection closed before response",
        || {
            certified(CERTIFICATE, |secure| {
                secure.hear_request();
                secure.close();
            })
        },
    ),
    inside("TLS, then sends nothing", RETRIED, "request timed out after {send} s", || {
        certified(CERTIFICATE, |secure| {
            secure.hear_request();
            secure.talk.hold();
        })
    }),
    distrusted(
        "TLS that requires a client certificate",
        "TLS handshake failed: server sent alert 116 (certificate required)",
        || answering(Certificate { demands_one: true, ..CERTIFICATE }),
    ),
    distrusted(
        "TLS with a certificate issued by an unknown CA",
        "TLS handshake failed: certificate is not issued by a CA that this host trusts",
        || {
            let config = Authority::new().server(CERTIFICATE);
            https(move |talk| Secure::new(talk, &config).hear_request())
        },
    ),
    distrusted(
        "TLS with a self-signed certificate",
        "TLS handshake failed: certificate is not issued by a CA that this host trusts",
        || {
            let config = Authority::new().server(Certificate { by_itself: true, ..CERTIFICATE });
            https(move |talk| Secure::new(talk, &config).hear_request())
        },
    ),
    distrusted(
        "TLS with an expired certificate",
        "TLS handshake failed: certificate has expired, or this host's clock is wrong",
        || answering(Certificate { years: (2001, 2002), ..CERTIFICATE }),
    ),
    distrusted(
        "TLS with a certificate that is not valid yet",
        "TLS handshake failed: certificate is not valid yet, or this host's clock is wrong",
        || answering(Certificate { years: (2200, 2201), ..CERTIFICATE }),
    ),
    distrusted(
        "TLS with a certificate for another name",
        "TLS handshake failed: certificate does not match host name",
        || answering(Certificate { name: "check.percona.com", ..CERTIFICATE }),
    ),
];
