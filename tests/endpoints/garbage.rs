//! What an endpoint may send that is no HTTP answer, or none that ends.

use crate::answers::{OK, TOO_LONG, does, row, says};
use crate::endpoint::Talk;
use crate::table::{RETRIED, Row};

pub const GARBAGE: &[Row] = &[
    row(
        "200 with a negative length",
        RETRIED,
        "malformed HTTP response (content-length header not a number)",
        || says("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"),
    ),
    row(
        "200 with a length that is not a number",
        RETRIED,
        "malformed HTTP response (content-length header not a number)",
        || says("HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}"),
    ),
    row(
        "200 with two lengths",
        RETRIED,
        "malformed HTTP response (conflicting content-length headers)",
        || says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} "),
    ),
    row(
        "status 000",
        RETRIED,
        "malformed HTTP response (http parse fail: invalid status code: 000)",
        || says("HTTP/1.1 000 Nothing\r\n\r\n"),
    ),
    row(
        "a status of six digits",
        RETRIED,
        "malformed HTTP response (http parse fail: invalid response status)",
        || says("HTTP/1.1 200200 OK\r\n\r\n"),
    ),
    row(
        "HTTP/9",
        RETRIED,
        "malformed HTTP response (http parse fail: invalid HTTP version)",
        || says("HTTP/9.9 200 OK\r\n\r\n"),
    ),
    row(
        "HTML without headers, as HTTP/0.9 did",
        RETRIED,
        "malformed HTTP response (http parse fail: invalid HTTP version)",
        || says("<html>Welcome to the hotel's network</html>\r\n\r\n"),
    ),
    row(
        "an SSH banner",
        RETRIED,
        "malformed HTTP response (http parse fail: invalid HTTP version)",
        || says("SSH-2.0-OpenSSH_9.2p1\r\n"),
    ),
    row(
        "endless zeros",
        RETRIED,
        "malformed HTTP response (http parse fail: invalid HTTP version)",
        || does(|talk| talk.say_forever([0; 1024])),
    ),
    row("endless empty lines", RETRIED, TOO_LONG, || {
        does(|talk| talk.say_forever("\r\n".repeat(512)))
    }),
    row("an endless status line", RETRIED, TOO_LONG, || {
        does(|talk| {
            talk.say("HTTP/1.1 200 ");
            talk.say_forever("O".repeat(1024));
        })
    }),
    row("an endless header", RETRIED, TOO_LONG, || {
        does(|talk| {
            talk.say("HTTP/1.1 200 OK\r\nX: ");
            talk.say_forever("x".repeat(1024));
        })
    }),
    row(
        "endless headers",
        RETRIED,
        "malformed HTTP response (http parse resulted in too many headers)",
        || {
            does(|talk| {
                talk.say("HTTP/1.1 200 OK\r\n");
                talk.say_forever("X: y\r\n".repeat(100));
            })
        },
    ),
    row(
        "a header with a zero in it",
        RETRIED,
        "malformed HTTP response (http parse fail: invalid header value)",
        || says("HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n"),
    ),
    row(
        "a header without a colon",
        RETRIED,
        "malformed HTTP response (http parse fail: invalid header name)",
        || says("HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 0\r\n\r\n"),
    ),
    row("half of the headers, then closes", RETRIED, "connection closed before response", || {
        says("HTTP/1.1 200 OK\r\nContent-")
    }),
    row(
        "half of the headers, then resets",
        RETRIED,
        "Connection reset by peer (os error 104)",
        || {
            does(|talk| {
                talk.say("HTTP/1.1 200 OK\r\nContent-");
                talk.reset();
            })
        },
    ),
    row("half of the headers, then no data", RETRIED, "request timed out after {send} s", || {
        does(|talk| {
            talk.say("HTTP/1.1 200 OK\r\nContent-");
            talk.hold();
        })
    }),
    row("one byte every half second", RETRIED, "request timed out after {send} s", || {
        does(|talk| talk.drip(OK))
    }),
    row("closes without a response", RETRIED, "connection closed before response", || does(|_| {})),
    row("resets without a response", RETRIED, "Connection reset by peer (os error 104)", || {
        does(Talk::reset)
    }),
    row("accepts, then sends nothing", RETRIED, "request timed out after {send} s", || {
        does(Talk::hold)
    }),
];
