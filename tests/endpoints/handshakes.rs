//! What an endpoint may do instead of a TLS handshake.

use std::io::Read;

use crate::certificates::{distrusted, https};
use crate::endpoint::Talk;
use crate::table::{Hears, RETRIED, Row, Scene};

const NO_CONNECTION: &str = "no connection within {connect} s";

/// A record of TLS 1.2's form.
fn record(kind: u8, version: [u8; 2], body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind], &version[..], &length[..], body].concat()
}

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

/// A `ServerHello` that chooses this version and a cipher suite that goes with it.
fn hello(version: [u8; 2]) -> Vec<u8> {
    // Version, random, no session, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, no compression.
    let body = [&version[..], &[7; 32], &[0], &[0xc0, 0x13], &[0]].concat();
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    record(HANDSHAKE, version, &[&[2], &length[1..], &body].concat())
}

fn greets(bytes: Vec<u8>) -> Scene {
    https(move |talk| {
        talk.hear_something();
        talk.say(&bytes);
    })
}

const fn broken(behaviour: &'static str, says: &'static str, scene: fn() -> Scene) -> Row {
    Row { behaviour, scene, outcome: RETRIED, says, hears: Hears::Handshake }
}

pub const HANDSHAKES: &[Row] = &[
    broken(
        "TLS 1.0 only",
        "no TLS connection is made: peer is incompatible: ServerDoesNotSupportTls12Or13",
        || greets(hello([3, 1])),
    ),
    broken(
        "TLS 1.1 only",
        "no TLS connection is made: peer is incompatible: ServerDoesNotSupportTls12Or13",
        || greets(hello([3, 2])),
    ),
    broken(
        "an alert that the versions do not match",
        "no TLS connection is made: received fatal alert: ProtocolVersion",
        || greets(record(ALERT, [3, 3], &[2, 70])),
    ),
    broken(
        "an alert that does not exist",
        "no TLS connection is made: received fatal alert: AlertDescription(0xc7)",
        || greets(record(ALERT, [3, 3], &[2, 199])),
    ),
    broken(
        "plain HTTP where TLS is expected",
        "no TLS connection is made: received corrupt message of type InvalidContentType",
        || greets(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
    ),
    broken(
        "garbage instead of a handshake",
        "no TLS connection is made: received corrupt message of type InvalidContentType",
        || greets(vec![0xaa; 4096]),
    ),
    broken(
        "garbage without end instead of a handshake",
        "no TLS connection is made: received corrupt message of type UnknownProtocolVersion",
        || {
            https(|talk| {
                talk.hear_something();
                talk.say_forever([HANDSHAKE; 4096]);
            })
        },
    ),
    broken(
        "warnings without end instead of a handshake",
        "no TLS connection is made: peer misbehaved: TooManyWarningAlertsReceived",
        || {
            https(|talk| {
                talk.hear_something();
                talk.say_forever(record(ALERT, [3, 3], &[1, 90]));
            })
        },
    ),
    broken(
        "half a handshake, then closes",
        "the connection was closed before an answer came",
        || {
            let hello = hello([3, 3]);
            greets(hello[..20].to_vec())
        },
    ),
    broken("half a handshake, then resets", "Connection reset by peer (os error 104)", || {
        https(|talk| {
            talk.hear_something();
            talk.say(&hello([3, 3])[..20]);
            talk.reset();
        })
    }),
    broken("half a handshake, then silence", NO_CONNECTION, || {
        https(|talk| {
            talk.hear_something();
            talk.say(&hello([3, 3])[..20]);
            talk.hold();
        })
    }),
    broken("a handshake with a byte each half second", NO_CONNECTION, || {
        https(|talk| {
            talk.hear_something();
            talk.drip(hello([3, 3]));
        })
    }),
    broken(
        "closes instead of a handshake",
        "the connection was closed before an answer came",
        || https(Talk::hear_something),
    ),
    broken("silence instead of a handshake", NO_CONNECTION, || {
        https(|talk| {
            talk.hear_something();
            talk.hold();
        })
    }),
    distrusted(
        "closes before the handshake",
        "the connection was closed before an answer came",
        || {
            https(|talk| {
                let mut stream = talk.secret_stream();
                let _ = stream.read(&mut [0; 1]);
            })
        },
    ),
];
