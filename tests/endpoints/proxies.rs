//! What names and proxies may do.

use crate::interposed::{FAILING, HANGING, Hanging, MISSING, STRAYED};
use crate::support::endpoint::{Connection, Endpoint};
use crate::support::ports::ClosedPort;
use crate::support::tls::Authority;
use crate::table::{Outcome::Retried, Row, Scene, TIMED_OUT, rows};

fn trusting_some_authority(scene: Scene) -> Scene {
    scene.with(|world| world.trusting(&Authority::new().pem()))
}

/// An https URL that only a proxy leads to, and the proxy.
fn proxied(scheme: &str, behaviour: impl Fn(&mut Connection) + Send + Sync + 'static) -> Scene {
    let mut scene = trusting_some_authority(Scene::http(behaviour));
    let proxy = format!("{scheme}://127.0.0.1:{}", scene.world.endpoint.port);
    scene.url = format!("https://{MISSING}/report");
    scene.with(|world| world.with("https_proxy", &proxy))
}

fn named(name: &str) -> Scene {
    trusting_some_authority(Scene::unreached(format!("https://{name}/")))
}

fn behind(proxy: &str) -> Scene {
    named("localhost").with(|world| world.with("https_proxy", proxy))
}

fn behind_a_closed_port() -> Scene {
    let closed = ClosedPort::new();
    behind(&format!("http://127.0.0.1:{}", closed.port)).keeping(closed)
}

/// A name of this host that is another's address.
fn strayed() -> Scene {
    let mut scene = Scene::http(|_| {});
    scene.url = scene.url.replace("127.0.0.1", STRAYED);
    scene
}

/// A proxy for CONNECT that sends this, and does that.
fn sends_and(answer: &'static str, then: fn(&mut Connection)) -> Scene {
    proxied("http", move |connection| {
        connection.read_request();
        connection.send(answer);
        then(connection);
    })
}

fn sends(answer: &'static str) -> Scene {
    sends_and(answer, |_| ())
}

/// A proxy for CONNECT that gives the address of an endpoint which must get no connection.
fn redirects() -> Scene {
    let elsewhere = Endpoint::new(|_| {});
    let location = format!("https://127.0.0.1:{}/", elsewhere.port);
    let mut scene = proxied("http", move |connection| {
        connection.read_request();
        connection.send(format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\n\r\n"));
    });
    scene.elsewhere = Some(elsewhere);
    scene
}

/// A SOCKS proxy that sends this, one part after each thing that it receives.
fn socks(parts: &'static [&'static [u8]]) -> Scene {
    proxied("socks5h", move |connection| {
        for part in parts {
            connection.read_some();
            connection.send(part);
        }
    })
}

fn silent_socks() -> Scene {
    proxied("socks5h", |connection| {
        connection.read_some();
        connection.hold();
    })
}

const NO_CONNECTION: &str = "via proxy: connect timed out after {connect} s";

pub const PROXIES: &[Row] = rows! {
    Nothing {
        "the name does not resolve" =>
            Retried("failed to lookup address information: Name or service not known"),
            named(MISSING);
        "the name servers fail" =>
            Retried("failed to lookup address information: Temporary failure in name resolution"),
            named(FAILING);
        "the resolver never answers" => Retried("previous attempt still running"),
            named(HANGING).keeping(Hanging::new());
        "localhost resolves to another host" =>
            Retried("localhost is 192.0.2.1, which is not a loopback address"), strayed();
        "the proxy refuses the connection" =>
            Retried("via proxy: Connection refused (os error 111)"), behind_a_closed_port();
        "the proxy's name does not resolve" =>
            Retried("via proxy: failed to lookup address information: Name or service not known"),
            behind(&format!("http://{MISSING}:3128"));
    }
    Connect {
        "the proxy sends nothing" => Retried(NO_CONNECTION), sends_and("", Connection::hold);
        "the proxy sends one byte every half second" => Retried(TIMED_OUT),
            sends_and("", |connection| connection.send_slowly("HTTP/1.1 200 OK\r\n\r\n"));
        "the proxy closes" => Retried("via proxy: proxy server did not respond"), sends("");
        "the proxy resets" => Retried("via proxy: Connection reset by peer (os error 104)"),
            sends_and("", Connection::reset);
        "the proxy answers 407" => Retried("via proxy: proxy server responded 407"),
            sends("HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n");
        "the proxy answers 502" => Retried("via proxy: proxy server responded 502"),
            sends("HTTP/1.1 502 Bad Gateway\r\n\r\n");
        "the proxy repeats 100 endlessly" => Retried("via proxy: proxy server responded 100"),
            sends_and("", |connection| connection.send_forever("HTTP/1.1 100 Continue\r\n\r\n"));
        "the proxy redirects" => Retried("via proxy: proxy server responded 302"), redirects();
        "the proxy does not speak HTTP" => Retried(
            "via proxy: malformed HTTP response (http parse fail: invalid HTTP version)"),
            sends("220 mail.example ESMTP\r\n");
        "the proxy's response is endless" => Retried("via proxy: proxy server did not respond"),
            sends_and("HTTP/1.1 200 OK\r\nX: ", |connection| connection.send_forever([b'x'; 1024]));
        "the endpoint behind the proxy sends nothing" => Retried(NO_CONNECTION),
            sends_and("HTTP/1.1 200 OK\r\n\r\n", Connection::hold);
        "the endpoint behind the proxy sends plain HTTP" =>
            Retried("via proxy: TLS handshake failed: response is not TLS"),
            sends("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
    }
    Socks {
        "the SOCKS proxy sends nothing" => Retried(NO_CONNECTION), silent_socks();
        "the SOCKS proxy requires a password" => Retried("via proxy: unknown auth method"),
            socks(&[b"\x05\x02"]);
        "the SOCKS proxy accepts no method" => Retried("via proxy: no acceptable auth methods"),
            socks(&[b"\x05\xff"]);
        "the SOCKS proxy denies the connection" => Retried("via proxy: connection not allowed by ruleset"),
            socks(&[b"\x05\x00", b"\x05\x02\x00\x01\0\0\0\0\0\0"]);
        "the SOCKS proxy speaks HTTP" => Retried("via proxy: invalid response version"),
            socks(&[b"HTTP/1.1 400 Bad Request\r\n\r\n"]);
        "the SOCKS proxy closes" => Retried("via proxy: connection closed before response"),
            socks(&[]);
    }
};
