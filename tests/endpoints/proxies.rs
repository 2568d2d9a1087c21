//! What names and proxies may do.

use crate::endpoint::{Endpoint, Talk};
use crate::interposed::{FAILING, HANGING, Hanging, MISSING, STRAYED};
use crate::support::receiver::ClosedPort;
use crate::support::tls::Authority;
use crate::table::{Hears, RETRIED, Row, Scene};

/// An https URL that only a proxy leads to, and the proxy.
fn proxied(scheme: &str, behaviour: impl Fn(&mut Talk) + Send + Sync + 'static) -> Scene {
    let mut scene = Scene::http(behaviour);
    let proxy = format!("{scheme}://127.0.0.1:{}", scene.endpoint.port);
    scene = to(scene, &format!("https://{MISSING}/report")).with("https_proxy", proxy);
    scene
}

/// The same endpoint, which is to have no part in it: the URL leads elsewhere.
fn to(mut scene: Scene, url: &str) -> Scene {
    let authority = Authority::new();
    url.clone_into(&mut scene.url);
    scene.with("SSL_CERT_FILE", authority.file().display().to_string()).keeping(authority)
}

/// A proxy for CONNECT that gives this answer.
fn answers(answer: &'static str) -> Scene {
    proxied("http", move |talk| {
        talk.hear_request();
        talk.say(answer);
    })
}

/// A SOCKS proxy that says this, one part after each thing that it hears.
fn socks(parts: &'static [&'static [u8]]) -> Scene {
    proxied("socks5h", move |talk| {
        for part in parts {
            talk.hear_something();
            talk.say(part);
        }
    })
}

const fn row(behaviour: &'static str, says: &'static str, scene: fn() -> Scene) -> Row {
    Row { behaviour, scene, outcome: RETRIED, says, hears: Hears::Connect }
}

const fn socks_row(behaviour: &'static str, says: &'static str, scene: fn() -> Scene) -> Row {
    Row { behaviour, scene, outcome: RETRIED, says, hears: Hears::Socks }
}

const fn unreached(behaviour: &'static str, says: &'static str, scene: fn() -> Scene) -> Row {
    Row { behaviour, scene, outcome: RETRIED, says, hears: Hears::Nothing }
}

pub const PROXIES: &[Row] = &[
    unreached(
        "the name does not resolve",
        "failed to lookup address information: Name or service not known",
        || to(Scene::http(|_| {}), &format!("https://{MISSING}/")),
    ),
    unreached(
        "the name servers fail",
        "failed to lookup address information: Temporary failure in name resolution",
        || to(Scene::http(|_| {}), &format!("https://{FAILING}/")),
    ),
    unreached("the resolver never answers", "previous attempt still running", || {
        to(Scene::http(|_| {}), &format!("https://{HANGING}/")).keeping(Hanging::new())
    }),
    unreached(
        "localhost resolves to another host",
        "localhost is 192.0.2.1, which is not a loopback address",
        || {
            let mut scene = Scene::http(|_| {});
            scene.url = format!("http://{STRAYED}:{}/", scene.endpoint.port);
            scene
        },
    ),
    unreached(
        "the proxy refuses the connection",
        "via proxy: Connection refused (os error 111)",
        || {
            let closed = ClosedPort::new();
            let proxy = format!("http://127.0.0.1:{}", closed.port);
            let scene = to(Scene::http(|_| {}), "https://localhost/").with("https_proxy", proxy);
            scene.keeping(closed)
        },
    ),
    unreached(
        "the proxy's name does not resolve",
        "via proxy: failed to lookup address information: Name or service not known",
        || {
            let proxy = format!("http://{MISSING}:3128");
            to(Scene::http(|_| {}), "https://localhost/").with("https_proxy", proxy)
        },
    ),
    row("the proxy sends nothing", "via proxy: connect timed out after {connect} s", || {
        proxied("http", |talk| {
            talk.hear_request();
            talk.hold();
        })
    }),
    row("the proxy sends one byte every half second", "request timed out after {send} s", || {
        proxied("http", |talk| {
            talk.hear_request();
            talk.drip("HTTP/1.1 200 OK\r\n\r\n");
        })
    }),
    row("the proxy closes", "via proxy: proxy server did not respond", || answers("")),
    row("the proxy resets", "via proxy: Connection reset by peer (os error 104)", || {
        proxied("http", |talk| {
            talk.hear_request();
            talk.reset();
        })
    }),
    row("the proxy answers 407", "via proxy: proxy server responded 407", || {
        answers("HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n")
    }),
    row("the proxy answers 502", "via proxy: proxy server responded 502", || {
        answers("HTTP/1.1 502 Bad Gateway\r\n\r\n")
    }),
    row("the proxy repeats 100 endlessly", "via proxy: proxy server responded 100", || {
        proxied("http", |talk| {
            talk.hear_request();
            talk.say_forever("HTTP/1.1 100 Continue\r\n\r\n");
        })
    }),
    row("the proxy redirects", "via proxy: proxy server responded 302", || {
        let elsewhere = Endpoint::new(Talk::hear_request);
        let location = format!("https://127.0.0.1:{}/", elsewhere.port);
        let answer = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\n\r\n");
        let mut scene = proxied("http", move |talk| {
            talk.hear_request();
            talk.say(&answer);
        });
        scene.elsewhere = Some(elsewhere);
        scene
    }),
    row(
        "the proxy does not speak HTTP",
        "via proxy: malformed HTTP response (http parse fail: invalid HTTP version)",
        || answers("220 mail.example ESMTP\r\n"),
    ),
    row("the proxy's response is endless", "via proxy: proxy server did not respond", || {
        proxied("http", |talk| {
            talk.hear_request();
            talk.say("HTTP/1.1 200 OK\r\nX: ");
            talk.say_forever("x".repeat(1024));
        })
    }),
    row(
        "the endpoint behind the proxy sends nothing",
        "via proxy: connect timed out after {connect} s",
        || {
            proxied("http", |talk| {
                talk.hear_request();
                talk.say("HTTP/1.1 200 OK\r\n\r\n");
                talk.hold();
            })
        },
    ),
    row(
        "the endpoint behind the proxy sends plain HTTP",
        "via proxy: TLS handshake failed: response is not TLS",
        || answers("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
    ),
    socks_row(
        "the SOCKS proxy sends nothing",
        "via proxy: connect timed out after {connect} s",
        || {
            proxied("socks5h", |talk| {
                talk.hear_something();
                talk.hold();
            })
        },
    ),
    socks_row("the SOCKS proxy requires a password", "via proxy: unknown auth method", || {
        socks(&[b"\x05\x02"])
    }),
    socks_row("the SOCKS proxy accepts no method", "via proxy: no acceptable auth methods", || {
        socks(&[b"\x05\xff"])
    }),
    socks_row(
        "the SOCKS proxy denies the connection",
        "via proxy: connection not allowed by ruleset",
        || socks(&[b"\x05\x00", b"\x05\x02\x00\x01\0\0\0\0\0\0"]),
    ),
    socks_row("the SOCKS proxy speaks HTTP", "via proxy: invalid response version", || {
        socks(&[b"HTTP/1.1 400 Bad Request\r\n\r\n"])
    }),
    socks_row("the SOCKS proxy closes", "via proxy: connection closed before response", || {
        socks(&[])
    }),
];
