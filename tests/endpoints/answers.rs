//! What an endpoint may answer once it has the request.

use std::time::Duration;

use crate::endpoint::{Endpoint, Talk};
use crate::table::{
    Hears,
    Outcome::{self, Delivered, GivesUp, Retried},
    RETRIED, Row, Scene,
};

pub const fn row(
    behaviour: &'static str,
    outcome: Outcome,
    says: &'static str,
    scene: fn() -> Scene,
) -> Row {
    Row { behaviour, scene, outcome, says, hears: Hears::Request }
}

/// Says this, and nothing more.
pub fn says(answer: &'static str) -> Scene {
    does(move |talk| {
        talk.say(answer);
    })
}

pub fn does(rest: impl Fn(&mut Talk) + Send + Sync + 'static) -> Scene {
    Scene::http(move |talk| {
        talk.hear_request();
        rest(talk);
    })
}

/// A status, headers that end their lines, and no body.
macro_rules! answer {
    ($status:literal) => {
        answer!($status, "")
    };
    ($status:literal, $headers:literal) => {
        says(concat!("HTTP/1.1 ", $status, "\r\n", $headers, "Content-Length: 0\r\n\r\n"))
    };
}

/// Answers with the address of an endpoint that must not hear of it.
fn redirects(status: &'static str) -> Scene {
    let elsewhere = Endpoint::new(Talk::hear_request);
    let url = format!("http://127.0.0.1:{}/", elsewhere.port);
    let answer = format!("HTTP/1.1 {status}\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n");
    let mut scene = does(move |talk| {
        talk.say(&answer);
    });
    scene.elsewhere = Some(elsewhere);
    scene
}

pub const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
pub const TOO_LONG: &str = "response headers exceed 4095 bytes";
/// What comes with the last of many interim answers.
const ONE_READ: usize = 4095;
const MINUTES: Duration = Duration::from_mins(2);
const DAY: Duration = Duration::from_hours(24);

pub const ANSWERS: &[Row] = &[
    row("200", Delivered, "", || says(OK)),
    row("200 in HTTP/1.0, closed at once", Delivered, "", || says("HTTP/1.0 200 OK\r\n\r\n")),
    row("204", Delivered, "", || says("HTTP/1.1 204 No Content\r\n\r\n")),
    row("299", Delivered, "", || answer!("299 Odd")),
    row("200 twice", Delivered, "", || {
        does(|talk| {
            talk.say(OK);
            talk.say(OK);
        })
    }),
    row("200 with an endless body", Delivered, "", || {
        does(|talk| {
            talk.say("HTTP/1.1 200 OK\r\n\r\n");
            talk.say_forever([b'x'; 1024]);
        })
    }),
    row("200 with a body longer than its length", Delivered, "", || {
        says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{} and much more")
    }),
    row("200 with a body shorter than its length", Delivered, "", || {
        says("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n{}")
    }),
    row("200 with malformed chunks", Delivered, "", || {
        says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\0\0\0\r\n-5\r\n")
    }),
    row("200 with an endless body marked as compressed", Delivered, "", || {
        does(|talk| {
            talk.say("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f");
            talk.say_forever([0; 1024]);
        })
    }),
    row("200, then a reset", Delivered, "", || {
        does(|talk| {
            talk.say(OK);
            // Until the client has read it: a reset takes away what it has not.
            talk.hold();
            talk.reset();
        })
    }),
    row("100, then 200", Delivered, "", || {
        says("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    }),
    row("103, then 200", Delivered, "", || {
        says("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
    }),
    row("100 repeated endlessly", RETRIED, TOO_LONG, || {
        does(|talk| talk.say_forever("HTTP/1.1 100 Continue\r\n\r\n")).reading(ONE_READ)
    }),
    row("103 repeated endlessly", RETRIED, TOO_LONG, || {
        does(|talk| talk.say_forever("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"))
            .reading(ONE_READ)
    }),
    row("100, and nothing after it", RETRIED, "request timed out after {send} s", || {
        does(|talk| {
            talk.say("HTTP/1.1 100 Continue\r\n\r\n");
            talk.hold();
        })
    }),
    row("101", GivesUp, "endpoint returned HTTP status 101", || {
        says("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
    }),
    row("301 to another host", GivesUp, "endpoint returned HTTP status 301", || {
        redirects("301 Moved Permanently")
    }),
    row("307 to another host", GivesUp, "endpoint returned HTTP status 307", || {
        redirects("307 Temporary Redirect")
    }),
    row("302 to another path", GivesUp, "endpoint returned HTTP status 302", || {
        answer!("302 Found", "Location: /other\r\n")
    }),
    row("308 to itself", GivesUp, "endpoint returned HTTP status 308", || {
        answer!("308 Permanent Redirect", "Location: /v1/telemetry/GenericReport\r\n")
    }),
    row("303 to a file", GivesUp, "endpoint returned HTTP status 303", || {
        answer!("303 See Other", "Location: file:///etc/passwd\r\n")
    }),
    row("304", GivesUp, "endpoint returned HTTP status 304", || {
        says("HTTP/1.1 304 Not Modified\r\n\r\n")
    }),
    row("400", GivesUp, "endpoint returned HTTP status 400", || answer!("400 Bad Request")),
    row("401", GivesUp, "endpoint returned HTTP status 401", || {
        answer!("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n")
    }),
    row("404", GivesUp, "endpoint returned HTTP status 404", || answer!("404 Not Found")),
    row("407", GivesUp, "endpoint returned HTTP status 407", || {
        answer!("407 Proxy Authentication Required", "Proxy-Authenticate: Basic\r\n")
    }),
    row("413", GivesUp, "endpoint returned HTTP status 413", || answer!("413 Too Large")),
    row("413, without reading the request", GivesUp, "endpoint returned HTTP status 413", || {
        Scene::http(|talk| {
            talk.say("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
            talk.hold();
        })
    }),
    row("999", GivesUp, "endpoint returned HTTP status 999", || answer!("999 What")),
    row("408", RETRIED, "endpoint returned HTTP status 408", || answer!("408 Timeout")),
    row("425", RETRIED, "endpoint returned HTTP status 425", || answer!("425 Too Early")),
    row("429", RETRIED, "endpoint returned HTTP status 429", || answer!("429 Too Many")),
    row(
        "429, Retry-After of two minutes",
        Retried(MINUTES),
        "endpoint returned HTTP status 429",
        || answer!("429 Too Many", "Retry-After: 120\r\n"),
    ),
    row(
        "429, Retry-After with a date in two minutes",
        Retried(MINUTES),
        "endpoint returned HTTP status 429",
        || answer!("429 Too Many", "Retry-After: Sun, 22 Nov 2026 12:02:00 GMT\r\n"),
    ),
    row(
        "429, Retry-After with a date that has passed",
        RETRIED,
        "endpoint returned HTTP status 429",
        || answer!("429 Too Many", "Retry-After: Sun, 22 Nov 2026 11:00:00 GMT\r\n"),
    ),
    row("429, Retry-After of -5 seconds", RETRIED, "endpoint returned HTTP status 429", || {
        answer!("429 Too Many", "Retry-After: -5\r\n")
    }),
    row("429, Retry-After that is invalid", RETRIED, "endpoint returned HTTP status 429", || {
        answer!("429 Too Many", "Retry-After: \u{e9}\u{20ac}, 99 Foo 0 99:99:99 soon\r\n")
    }),
    row("503, Retry-After of ten years", Retried(DAY), "endpoint returned HTTP status 503", || {
        answer!("503 Busy", "Retry-After: 315360000\r\n")
    }),
    row(
        "503, Retry-After with a date in ten years",
        Retried(DAY),
        "endpoint returned HTTP status 503",
        || answer!("503 Busy", "Retry-After: Sat, 22 Nov 2036 12:00:00 GMT\r\n"),
    ),
    row(
        "503, Retry-After with a number that overflows",
        Retried(DAY),
        "endpoint returned HTTP status 503",
        || answer!("503 Busy", "Retry-After: 99999999999999999999999999\r\n"),
    ),
    row("500", RETRIED, "endpoint returned HTTP status 500", || answer!("500 Oops")),
    row("502", RETRIED, "endpoint returned HTTP status 502", || answer!("502 Bad Gateway")),
    row("503", RETRIED, "endpoint returned HTTP status 503", || answer!("503 Busy")),
    row("599", RETRIED, "endpoint returned HTTP status 599", || answer!("599 Odd")),
];
