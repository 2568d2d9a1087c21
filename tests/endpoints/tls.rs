//! What an endpoint may do instead of a TLS handshake, inside of a TLS connection, and with its
//! certificate.

use std::io::Read;

use crate::interposed::ENDPOINT;
use crate::support::endpoint::{Connection, OK};
use crate::support::tls::{Authority, Certificate, Secure};
use crate::table::{
    CLOSED, Outcome::Delivered, Outcome::GivesUp, Outcome::Retried, RESET, Row, STATUS, Scene,
    TIMED_OUT, TOO_LONG, rows,
};

const CERTIFICATE: Certificate = Certificate { name: ENDPOINT, ..Certificate::USUAL };
/// A handshake, and the rest of what comes with the last record that is read.
const HANDSHAKE_BYTES: usize = 16 * 1024;
const NO_CONNECTION: &str = "connect timed out after {connect} s";

/// An endpoint for https, and a host that trusts this authority.
fn trusting(
    authority: &Authority,
    behaviour: impl Fn(&mut Connection) + Send + Sync + 'static,
) -> Scene {
    let mut scene = Scene::http(behaviour).reading(HANDSHAKE_BYTES);
    scene.url = scene.url.replace("http://127.0.0.1", &format!("https://{ENDPOINT}"));
    scene.with(|world| world.trusting(&authority.pem()))
}

/// An endpoint that has nothing to do with the authority which the host trusts.
fn https(behaviour: impl Fn(&mut Connection) + Send + Sync + 'static) -> Scene {
    trusting(&Authority::new(), behaviour)
}

/// An endpoint that has a certificate of the authority which the host trusts, and the request.
fn certified(certificate: Certificate, rest: fn(&mut Secure<'_>)) -> Scene {
    let authority = Authority::new();
    let config = authority.server(certificate);
    trusting(&authority, move |connection| {
        let mut secure = Secure::new(connection, &config);
        secure.read_request();
        rest(&mut secure);
    })
}

fn usual(rest: fn(&mut Secure<'_>)) -> Scene {
    certified(CERTIFICATE, rest)
}

fn closes(secure: &mut Secure<'_>) {
    secure.close();
}

fn answers_and_closes(secure: &mut Secure<'_>) {
    secure.send(OK);
    secure.close();
}

fn of_unknown_authority(certificate: Certificate) -> Scene {
    let config = Authority::new().server(certificate);
    https(move |connection| Secure::new(connection, &config).read_request())
}

/// The name with a dot at its end.
fn fully_qualified() -> Scene {
    let mut scene = usual(answers_and_closes);
    scene.url = scene.url.replace(ENDPOINT, &format!("{ENDPOINT}."));
    scene
}

pub const CERTIFICATES: &[Row] = rows! {
    Request {
        "200 over TLS" => Delivered, usual(answers_and_closes);
        "200 over TLS, closed without close_notify" => Delivered,
            usual(|secure| _ = secure.send(OK));
        "200 over TLS, to a name with a trailing dot" => Delivered, fully_qualified();
        "404 over TLS" => GivesUp(STATUS),
            usual(|secure| _ = secure.send("HTTP/1.1 404 Not Found\r\n\r\n"));
        "TLS, then endless headers" => Retried(TOO_LONG), usual(|secure| {
            secure.send("HTTP/1.1 200 OK\r\nX: ");
            while secure.send([b'x'; 1024]) {}
        });
        "TLS, then 100 repeated endlessly" => Retried(TOO_LONG),
            usual(|secure| while secure.send("HTTP/1.1 100 Continue\r\n\r\n") {});
        "TLS, then closes without a response" => Retried(CLOSED), usual(closes);
        "TLS, then sends nothing" => Retried(TIMED_OUT), usual(|secure| secure.connection.hold());
    }
    // The client does not trust the endpoint, or the endpoint the client.
    Nothing {
        "TLS that requires a client certificate" =>
            Retried("TLS handshake failed: server sent alert 116 (certificate required)"),
            certified(Certificate { demands_one: true, ..CERTIFICATE }, answers_and_closes);
        "TLS with a certificate issued by an unknown CA" =>
            Retried("TLS handshake failed: certificate is not issued by a CA that this host trusts"),
            of_unknown_authority(CERTIFICATE);
        "TLS with a self-signed certificate" =>
            Retried("TLS handshake failed: certificate is not issued by a CA that this host trusts"),
            of_unknown_authority(Certificate { self_signed: true, ..CERTIFICATE });
        "TLS with an expired certificate" =>
            Retried("TLS handshake failed: certificate has expired, or this host's clock is wrong"),
            certified(Certificate { years: (2001, 2002), ..CERTIFICATE }, answers_and_closes);
        "TLS with a certificate that is not valid yet" =>
            Retried("TLS handshake failed: certificate is not valid yet, or this host's clock is wrong"),
            certified(Certificate { years: (2200, 2201), ..CERTIFICATE }, answers_and_closes);
        "TLS with a certificate for another name" =>
            Retried("TLS handshake failed: certificate does not match host name"),
            certified(Certificate { name: "check.percona.com", ..CERTIFICATE }, answers_and_closes);
    }
};

/// A record of TLS 1.2's form.
fn record(kind: u8, version: [u8; 2], body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind], &version[..], &length[..], body].concat()
}

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

fn alert(level: u8, description: u8) -> Vec<u8> {
    record(ALERT, [3, 3], &[level, description])
}

/// A `ServerHello` that chooses this version and a cipher suite that goes with it.
fn hello(version: [u8; 2]) -> Vec<u8> {
    // Version, random, no session, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, no compression.
    let body = [&version[..], &[7; 32], &[0], &[0xc0, 0x13], &[0]].concat();
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    record(HANDSHAKE, version, &[&[2], &length[1..], &body].concat())
}

fn half_a_hello() -> Vec<u8> {
    hello([3, 3])[..20].to_vec()
}

/// Sends this when it has received the client's greeting.
fn greets(bytes: Vec<u8>) -> Scene {
    greets_and(bytes, |_| ())
}

fn greets_and(bytes: Vec<u8>, then: fn(&mut Connection)) -> Scene {
    https(move |connection| {
        connection.read_some();
        connection.send(&bytes);
        then(connection);
    })
}

pub const HANDSHAKES: &[Row] = rows! {
    Handshake {
        "TLS 1.0 only" =>
            Retried("TLS handshake failed: server supports neither TLS 1.2 nor TLS 1.3"),
            greets(hello([3, 1]));
        "TLS 1.1 only" =>
            Retried("TLS handshake failed: server supports neither TLS 1.2 nor TLS 1.3"),
            greets(hello([3, 2]));
        "a protocol_version alert" =>
            Retried("TLS handshake failed: server supports neither TLS 1.2 nor TLS 1.3"),
            greets(alert(2, 70));
        "a handshake_failure alert" => Retried(
            "TLS handshake failed: server supports nothing of what is offered: TLS 1.3, or TLS 1.2 \
             with ECDHE, and certificates with RSA, ECDSA with P-256 or P-384, or Ed25519 keys"),
            greets(alert(2, 40));
        "an unknown alert" => Retried("TLS handshake failed: server sent alert 199"),
            greets(alert(2, 199));
        "plain HTTP where TLS is expected" => Retried("TLS handshake failed: response is not TLS"),
            greets(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec());
        "garbage instead of a handshake" => Retried("TLS handshake failed: response is not TLS"),
            greets(vec![0xaa; 4096]);
        "endless garbage instead of a handshake" =>
            Retried("TLS handshake failed: response is not TLS"),
            greets_and(vec![], |connection| connection.send_forever([HANDSHAKE; 4096]));
        "endless warnings instead of a handshake" => Retried(
            "TLS handshake failed: server violates the protocol (too many warning alerts received)"),
            greets_and(vec![], |connection| connection.send_forever(alert(1, 90)));
        "half a handshake, then closes" => Retried(CLOSED), greets(half_a_hello());
        "half a handshake, then resets" => Retried(RESET), greets_and(half_a_hello(), Connection::reset);
        "half a handshake, then no data" => Retried(NO_CONNECTION),
            greets_and(half_a_hello(), Connection::hold);
        "a handshake with one byte every half second" => Retried(NO_CONNECTION),
            greets_and(vec![], |connection| connection.send_slowly(hello([3, 3])));
        "closes instead of a handshake" => Retried(CLOSED), https(Connection::read_some);
        "no data instead of a handshake" => Retried(NO_CONNECTION), greets_and(vec![], Connection::hold);
    }
    Nothing {
        "closes before the handshake" => Retried(CLOSED),
            https(|connection| drop(connection.raw_stream().read(&mut [0; 1])));
    }
};
