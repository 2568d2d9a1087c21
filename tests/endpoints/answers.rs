//! What an endpoint may answer once it has the request.

use std::time::Duration;

use crate::support::endpoint::{Connection, Endpoint, OK};
use crate::table::{
    CLOSED, Outcome, Outcome::Delivered, Outcome::GivesUp, Outcome::Retried, Outcome::RetriedAfter,
    RESET, Row, STATUS, Scene, TIMED_OUT, TOO_LONG, rows,
};

fn sends(answer: &'static str) -> Scene {
    does(move |connection| {
        connection.send(answer);
    })
}

fn sends_forever(first: &'static str, rest: impl AsRef<[u8]> + Send + Sync + 'static) -> Scene {
    does(move |connection| {
        connection.send(first);
        connection.send_forever(&rest);
    })
}

fn sends_and(answer: &'static str, then: fn(&mut Connection)) -> Scene {
    does(move |connection| {
        connection.send(answer);
        then(connection);
    })
}

fn does(rest: impl Fn(&mut Connection) + Send + Sync + 'static) -> Scene {
    Scene::http(move |connection| {
        connection.read_request();
        rest(connection);
    })
}

fn has_headers_of(bytes: usize) -> Scene {
    let filled = |with: usize| format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(with));
    let answer = filled(bytes - filled(0).len());
    does(move |connection| {
        connection.send(&answer);
    })
}

/// A status, headers that end their lines, and no body.
fn answers(status: &'static str, headers: &'static str) -> Scene {
    let answer = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\n\r\n");
    does(move |connection| {
        connection.send(&answer);
    })
}

/// Answers with the address of an endpoint that must get no connection.
fn redirects(status: &'static str) -> Scene {
    let elsewhere = Endpoint::new(|_| {});
    let url = elsewhere.url.clone();
    let mut scene = does(move |connection| {
        connection
            .send(format!("HTTP/1.1 {status}\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n"));
    });
    scene.elsewhere = Some(elsewhere);
    scene
}

const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";
const EARLY_HINTS: &str = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
/// What comes with the last of many interim answers.
const ONE_READ: usize = 4095;
const IN_MINUTES: Outcome = RetriedAfter(Duration::from_secs(2 * 60), STATUS);
const IN_A_DAY: Outcome = RetriedAfter(Duration::from_secs(24 * 3600), STATUS);

pub const ANSWERS: &[Row] = rows! { Request {
    "200" => Delivered, sends(OK);
    "200 in HTTP/1.0, closed at once" => Delivered, sends("HTTP/1.0 200 OK\r\n\r\n");
    "204" => Delivered, sends("HTTP/1.1 204 No Content\r\n\r\n");
    "299" => Delivered, answers("299 Odd", "");
    "200 twice" => Delivered, does(|connection| { connection.send(OK); connection.send(OK); });
    "200 with an endless body" => Delivered, sends_forever("HTTP/1.1 200 OK\r\n\r\n", [b'x'; 1024]);
    "200 with a body longer than its length" => Delivered,
        sends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{} and much more");
    "200 with a body shorter than its length" => Delivered,
        sends("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n{}");
    "200 with malformed chunks" => Delivered,
        sends("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\0\0\0\r\n-5\r\n");
    "200 with an endless body marked as compressed" => Delivered,
        sends_forever("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f", [0; 1024]);
    // Once the client has read it: a reset takes away what it has not.
    "200, then a reset" => Delivered, sends_and(OK, |connection| { connection.hold(); connection.reset(); });
    "100, then 200" => Delivered,
        sends("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    "103, then 200" => Delivered,
        sends("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
    "100 repeated endlessly" => Retried(TOO_LONG), sends_forever("", CONTINUE).reading(ONE_READ);
    "103 repeated endlessly" => Retried(TOO_LONG), sends_forever("", EARLY_HINTS).reading(ONE_READ);
    "100, and nothing after it" => Retried(TIMED_OUT), sends_and(CONTINUE, Connection::hold);
    "101" => GivesUp(STATUS),
        sends("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
    "301 to another host" => GivesUp(STATUS), redirects("301 Moved Permanently");
    "307 to another host" => GivesUp(STATUS), redirects("307 Temporary Redirect");
    "302 to another path" => GivesUp(STATUS),
        answers("302 Found", "Location: /other\r\n");
    "308 to itself" => GivesUp(STATUS),
        answers("308 Permanent Redirect", "Location: /v1/telemetry/GenericReport\r\n");
    "303 to a file" => GivesUp(STATUS),
        answers("303 See Other", "Location: file:///etc/passwd\r\n");
    "304" => GivesUp(STATUS), sends("HTTP/1.1 304 Not Modified\r\n\r\n");
    "400" => GivesUp(STATUS), answers("400 Bad Request", "");
    "401" => GivesUp(STATUS),
        answers("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n");
    "404" => GivesUp(STATUS), answers("404 Not Found", "");
    "407" => GivesUp(STATUS),
        answers("407 Proxy Authentication Required", "Proxy-Authenticate: Basic\r\n");
    "413" => GivesUp(STATUS), answers("413 Too Large", "");
    "413, without reading the request" => GivesUp(STATUS), Scene::http(|connection| {
        connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
        connection.hold();
    });
    "999" => GivesUp(STATUS), answers("999 What", "");
    "408" => Retried(STATUS), answers("408 Timeout", "");
    "425" => Retried(STATUS), answers("425 Too Early", "");
    "429" => Retried(STATUS), answers("429 Too Many", "");
    "429, Retry-After of two minutes" => IN_MINUTES,
        answers("429 Too Many", "Retry-After: 120\r\n");
    "429, Retry-After with a date in two minutes" => IN_MINUTES,
        answers("429 Too Many", "Retry-After: Sun, 22 Nov 2026 12:02:00 GMT\r\n");
    "429, Retry-After with a date that has passed" => Retried(STATUS),
        answers("429 Too Many", "Retry-After: Sun, 22 Nov 2026 11:00:00 GMT\r\n");
    "429, Retry-After of -5 seconds" => Retried(STATUS),
        answers("429 Too Many", "Retry-After: -5\r\n");
    "429, Retry-After that is invalid" => Retried(STATUS),
        answers("429 Too Many", "Retry-After: \u{e9}\u{20ac}, 99 Foo 0 99:99:99 soon\r\n");
    "503, Retry-After of ten years" => IN_A_DAY, answers("503 Busy", "Retry-After: 315360000\r\n");
    "503, Retry-After with a date in ten years" => IN_A_DAY,
        answers("503 Busy", "Retry-After: Sat, 22 Nov 2036 12:00:00 GMT\r\n");
    "503, Retry-After with a number that overflows" => IN_A_DAY,
        answers("503 Busy", "Retry-After: 99999999999999999999999999\r\n");
    "500" => Retried(STATUS), answers("500 Oops", "");
    "502" => Retried(STATUS), answers("502 Bad Gateway", "");
    "503" => Retried(STATUS), answers("503 Busy", "");
    "599" => Retried(STATUS), answers("599 Odd", "");
} };

macro_rules! malformed {
    ($way:literal) => {
        Retried(concat!("malformed HTTP response (", $way, ")"))
    };
}

/// What is no HTTP answer, or none that ends.
pub const MALFORMED: &[Row] = rows! { Request {
    "200 with a negative length" => malformed!("content-length header not a number"),
        sends("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}");
    "200 with a length that is not a number" => malformed!("content-length header not a number"),
        sends("HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}");
    "200 with two lengths" => malformed!("conflicting content-length headers"),
        sends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ");
    "status 000" => malformed!("http parse fail: invalid status code: 000"),
        sends("HTTP/1.1 000 Nothing\r\n\r\n");
    "a status of six digits" => malformed!("http parse fail: invalid response status"),
        sends("HTTP/1.1 200200 OK\r\n\r\n");
    "HTTP/9" => malformed!("http parse fail: invalid HTTP version"),
        sends("HTTP/9.9 200 OK\r\n\r\n");
    "HTML without headers, as HTTP/0.9 did" => malformed!("http parse fail: invalid HTTP version"),
        sends("<html>Welcome to the hotel's network</html>\r\n\r\n");
    "an SSH banner" => malformed!("http parse fail: invalid HTTP version"),
        sends("SSH-2.0-OpenSSH_9.2p1\r\n");
    "endless zeros" => malformed!("http parse fail: invalid HTTP version"),
        sends_forever("", [0; 1024]);
    "endless empty lines" => Retried(TOO_LONG), sends_forever("", "\r\n".repeat(512));
    "an endless status line" => Retried(TOO_LONG), sends_forever("HTTP/1.1 200 ", [b'O'; 1024]);
    "an endless header" => Retried(TOO_LONG),
        sends_forever("HTTP/1.1 200 OK\r\nX: ", [b'x'; 1024]);
    "200 with headers of 4096 bytes" => Delivered, has_headers_of(4096);
    "200 with headers of 4097 bytes" => Retried(TOO_LONG), has_headers_of(4097);
    "endless headers" => malformed!("http parse resulted in too many headers"),
        sends_forever("HTTP/1.1 200 OK\r\n", "X: y\r\n".repeat(100));
    "a header with a zero in it" => malformed!("http parse fail: invalid header value"),
        sends("HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n");
    "a header without a colon" => malformed!("http parse fail: invalid header name"),
        sends("HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 0\r\n\r\n");
    "half of the headers, then closes" => Retried(CLOSED), sends("HTTP/1.1 200 OK\r\nContent-");
    "half of the headers, then resets" => Retried(RESET),
        sends_and("HTTP/1.1 200 OK\r\nContent-", Connection::reset);
    "half of the headers, then no data" => Retried(TIMED_OUT),
        sends_and("HTTP/1.1 200 OK\r\nContent-", Connection::hold);
    "one byte every half second" => Retried(TIMED_OUT), does(|connection| connection.send_slowly(OK));
    "closes without a response" => Retried(CLOSED), does(|_| {});
    "resets without a response" => Retried(RESET), does(Connection::reset);
    "accepts, then sends nothing" => Retried(TIMED_OUT), does(Connection::hold);
} };
