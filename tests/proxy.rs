//! The way out through a proxy.

mod support;

use std::io::copy;
use std::net::{Shutdown, TcpStream};

use support::World;
use support::endpoint::Endpoint;
use support::tls::Authority;

#[test]
fn https_goes_through_the_proxy_that_the_environment_names() {
    // The name is one that only the proxy knows: here, the endpoint.
    let world = Authority::new().world("check.example");
    let port = world.endpoint.port;
    let proxy = Endpoint::new(move |connection| {
        connection.read_request();
        connection.send("HTTP/1.1 200 Go\r\n\r\n");
        let client = connection.raw_stream();
        let endpoint = TcpStream::connect(("127.0.0.1", port)).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| copy(&mut &endpoint, &mut &client));
            let _ = copy(&mut &client, &mut &endpoint);
            let _ = endpoint.shutdown(Shutdown::Both);
        });
    });
    let world = world.with("https_proxy", &format!("http://127.0.0.1:{}", proxy.port));
    world.run_to("https://check.example/report").delivers();
    let connect = String::from_utf8(proxy.received().remove(0)).unwrap();
    assert!(connect.starts_with("CONNECT check.example:443 HTTP/1.1\r\n"), "{connect}");
    let head = world.endpoint.request().head;
    assert!(head.contains("\r\nhost: check.example\r\n"), "{head}");
}

#[test]
fn http_to_this_host_never_leaves_it_through_a_proxy() {
    let proxy = Endpoint::silent();
    let url = format!("http://127.0.0.1:{}", proxy.port);
    World::new().with("ALL_PROXY", &url).with("https_proxy", &url).run().delivers();
    assert!(proxy.is_quiet());
}

#[test]
fn the_proxy_gets_the_credentials_as_they_are_written() {
    let proxy = Endpoint::answering(&[""]);
    let url = format!("http://DOMAIN\\me:%C3%A9%2F@127.0.0.1:{}/", proxy.port);
    let world = Authority::new().world("check.example").with("https_proxy", &url);
    world.clock.hold();
    world.run_to("https://check.example/report").ends("retrying");
    let connect = String::from_utf8(proxy.received().remove(0)).unwrap();
    // DOMAIN\me:é/
    let expected = "\r\nProxy-Authorization: Basic RE9NQUlOXG1lOsOpLw==\r\n";
    assert!(connect.contains(expected), "{connect}");
}

#[test]
fn a_proxy_that_cannot_be_used_never_leads_to_a_connection_without_one() {
    for value in ["http://me:secret@127.0.0.1:99999", "gopher://me:secret@127.0.0.1:3128", " "] {
        let world = Authority::new().world("localhost").with("https_proxy", value);
        let status = world.run().ends("failed");
        let error = status["lastError"].as_str().unwrap();
        assert!(error.starts_with("https_proxy is not a usable proxy ("), "{value}: {error}");
        assert!(!error.contains("secret"), "{error}");
        assert!(world.endpoint.is_quiet());
    }
}
