//! What may happen to a connection before the endpoint has the request.

use crate::endpoint::Talk;
use crate::support::receiver::{ClosedPort, FullHouse};
use crate::table::{Hears, RETRIED, Row, Scene};

pub const CONNECTIONS: &[Row] = &[
    Row {
        behaviour: "refuses the connection",
        scene: || {
            let closed = ClosedPort::new();
            let mut scene = Scene::http(|_| {});
            scene.url = format!("http://127.0.0.1:{}/", closed.port);
            scene.keeping(closed)
        },
        outcome: RETRIED,
        says: "Connection refused (os error 111)",
        hears: Hears::Nothing,
    },
    Row {
        behaviour: "does not answer the connection",
        scene: || {
            let house = FullHouse::new();
            let mut scene = Scene::http(|_| {});
            scene.url = format!("http://127.0.0.1:{}/", house.port);
            scene.keeping(house)
        },
        outcome: RETRIED,
        says: "connect timed out after {connect} s",
        hears: Hears::Nothing,
    },
    Row {
        behaviour: "closes as soon as it is connected",
        scene: || Scene::http(|_| {}),
        outcome: RETRIED,
        says: "connection closed before response",
        hears: Hears::UpToRequest,
    },
    Row {
        behaviour: "resets as soon as it is connected",
        scene: || Scene::http(Talk::reset),
        outcome: RETRIED,
        says: "Connection reset by peer (os error 104)",
        hears: Hears::UpToRequest,
    },
    Row {
        behaviour: "resets in the middle of the request",
        scene: || {
            Scene::http(|talk| {
                talk.hear_something();
                talk.reset();
            })
        },
        outcome: RETRIED,
        says: "Connection reset by peer (os error 104)",
        hears: Hears::UpToRequest,
    },
    Row {
        behaviour: "neither reads nor responds",
        scene: || Scene::http(Talk::hold),
        outcome: RETRIED,
        says: "request timed out after {send} s",
        hears: Hears::Request,
    },
];
