//! The way out through a proxy.

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;

use support::receiver::{ClosedPort, OK, Receiver, read_request};
use support::tls::Authority;
use support::{World, stop, wait_for};

#[test]
fn https_goes_through_the_proxy_that_the_environment_names() {
    let authority = Authority::new();
    let endpoint = authority.endpoint_for("check.example");
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let world = World::new()
        .with("SSL_CERT_FILE", authority.file().to_str().unwrap())
        .with("https_proxy", &format!("http://{}", proxy.local_addr().unwrap()));

    // The name is one that only the proxy knows: here, the endpoint.
    let telemetry = world.started("https://check.example/report");
    let (mut client, _) = proxy.accept().unwrap();
    let connect = read_request(&mut client).unwrap();
    assert!(connect.head.starts_with("CONNECT check.example:443 HTTP/1.1\r\n"), "{connect:?}");
    client.write_all(b"HTTP/1.1 200 Go\r\n\r\n").unwrap();
    let server = std::net::TcpStream::connect(("127.0.0.1", endpoint.port)).unwrap();
    let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let back = std::thread::spawn(move || std::io::copy(&mut from, &mut to));
    let mut server = server;
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = client.read(&mut buffer) {
            server.write_all(&buffer[..count]).unwrap();
        }
        let _ = server.shutdown(std::net::Shutdown::Both);
    });

    let request = endpoint.request();
    assert!(request.head.contains("\r\nhost: check.example\r\n"), "{request:?}");
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    drop(back);
}

#[test]
fn http_to_this_host_never_leaves_it_through_a_proxy() {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let world = World::new().with("ALL_PROXY", &url).with("https_proxy", &url);
    let receiver = Receiver::answering(&[OK]);
    let telemetry = world.started(&receiver.url);
    receiver.request();
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    proxy.set_nonblocking(true).unwrap();
    assert!(proxy.accept().is_err());
}

#[test]
fn the_proxy_gets_the_credentials_as_they_are_written() {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = Authority::new();
    let address = proxy.local_addr().unwrap();
    let world = World::new()
        .with("SSL_CERT_FILE", authority.file().to_str().unwrap())
        .with("https_proxy", &format!("http://DOMAIN\\me:%C3%A9%2F@{address}/"));
    world.clock.hold();
    let telemetry = world.started("https://check.example/report");
    let (mut client, _) = proxy.accept().unwrap();
    let connect = read_request(&mut client).unwrap();
    drop(client);
    stop(&telemetry);
    // DOMAIN\me:é/
    let expected = "\r\nProxy-Authorization: Basic RE9NQUlOXG1lOsOpLw==\r\n";
    assert!(connect.head.contains(expected), "{}", connect.head);
}

#[test]
fn a_proxy_that_cannot_be_used_never_leads_to_a_connection_without_one() {
    let authority = Authority::new();
    let endpoint = authority.endpoint_for("localhost");
    for value in [
        "http://me:secret@127.0.0.1:99999",
        "http://me:secret@127.0.0.1:0",
        "http://me:secret@127.0.0.1:/",
        "http://me:secret@:bad:port",
        "http://me:sec/secret@127.0.0.1:3128",
        "http://me:secret%e9@127.0.0.1:3128",
        "gopher://me:secret@127.0.0.1:3128",
        " ",
    ] {
        let world = World::new()
            .with("SSL_CERT_FILE", authority.file().to_str().unwrap())
            .with("https_proxy", value);
        let telemetry = world.started(&format!("https://localhost:{}/", endpoint.port));
        let status = wait_for(&telemetry, "failed");
        stop(&telemetry);
        let error = status["lastError"].as_str().unwrap();
        assert!(error.starts_with("https_proxy is not a usable proxy ("), "{value}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
    assert!(endpoint.is_quiet());
}

#[test]
fn a_host_that_no_proxy_names_is_reached_without_one() {
    let authority = Authority::new();
    let endpoint = authority.endpoint_for("localhost");
    let closed = ClosedPort::new();
    let world = World::new()
        .with("SSL_CERT_FILE", authority.file().to_str().unwrap())
        .with("https_proxy", &format!("http://127.0.0.1:{}", closed.port))
        .with("NO_PROXY", "example.com .LocalHost");
    let telemetry = world.started(&format!("https://localhost:{}/", endpoint.port));
    endpoint.request();
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
}
