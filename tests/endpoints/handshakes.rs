//! What an endpoint may do instead of a TLS handshake.

use std::io::Read;

use crate::certificates::{distrusted, https};
use crate::endpoint::Talk;
use crate::table::{Hears, RETRIED, Row, Scene};

const NO_CONNECTION: &str = "connect timed out after {connect} s";

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
        "TLS handshake failed: server supports neither TLS 1.2 nor TLS 1.3",
        || greets(hello([3, 1])),
    ),
    broken(
        "TLS 1.1 only",
        "TLS handshake failed: server supports neither TLS 1.2 nor TLS 1.3",
        || greets(hello([3, 2])),
    ),
    broken(
        "a protocol_version alert",
        "TLS handshake failed: server supports neither TLS 1.2 nor TLS 1.3",
        || greets(record(ALERT, [3, 3], &[2, 70])),
    ),
    broken(
        "a handshake_failure alert",
        "TLS handshake failed: server supports nothing of what is offered: TLS 1.3, or TLS 1.2 with \
         ECDHE, and certificates with RSA, ECDSA with P-256 or P-384, or Ed25519 keys",
        || greets(record(ALERT, [3, 3], &[2, 40])),
    ),
    broken("an unknown alert", "TLS handshake failed: server sent alert 199", || {
        greets(record(ALERT, [3, 3], &[2, 199]))
    }),
    broken("plain HTTP where TLS is expected", "TLS handshake failed: response is not TLS", || {
        greets(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())
    }),
    broken("garbage instead of a handshake", "TLS handshake failed: response is not TLS", || {
        greets(vec![0xaa; 4096])
    }),
    broken(
        "endless garbage instead of a handshake",
        "TLS handshake failed: response is not TLS",
        || {
            https(|talk| {
                talk.hear_something();
                talk.say_forever([HANDSHAKE; 4096]);
            })
        },
    ),
    broken(
        "endless warnings instead of a handshake",
        "TLS handshake failed: server violates the protocol (too many warning alerts received)",
        || {
            https(|talk| {
                talk.hear_something();
                talk.say_forever(record(ALERT, [3, 3], &[1, 90]));
            })
        },
    ),
    broken("half a handshake, then closes", "connection closed before response", || {
        let hello = hello([3, 3]);
        greets(hello[..20].to_vec())
    }),
    broken("half a handshake, then resets", "Connection reset by peer (os error 104)", || {
        https(|talk| {
            talk.hear_something();
            talk.say(&hello([3, 3])[..20]);
            talk.reset();
        })
    }),
    broken("half a handshake, then no data", NO_CONNECTION, || {
        https(|talk| {
            talk.hear_something();
            talk.say(&hello([3, 3])[..20]);
            talk.hold();
        })
    }),
    broken("a handshake with one byte every half second", NO_CONNECTION, || {
        https(|talk| {
            talk.hear_something();
            talk.drip(hello([3, 3]));
        })
    }),
    broken("closes instead of a handshake", "connection closed before response", || {
        https(Talk::hear_something)
    }),
    broken("no data instead of a handshake", NO_CONNECTION, || {
        https(|talk| {
            talk.hear_something();
            talk.hold();
        })
    }),
    distrusted("closes before the handshake", "connection closed before response", || {
        https(|talk| {
            let mut stream = talk.secret_stream();
            let _ = stream.read(&mut [0; 1]);
        })
    }),
];
