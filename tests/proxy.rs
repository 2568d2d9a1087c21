//! The way out through a proxy.

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;

use support::receiver::{OK, Receiver, read_request};
use support::tls::Authority;
use support::{World, stop};

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
fn a_proxy_that_is_none_is_told_without_its_password() {
    let world = World::new().with("https_proxy", "http://me:secret@:bad:port");
    let telemetry = world.started("https://localhost:1/");
    let line = world.host.wait_for("Telemetry failed");
    stop(&telemetry);
    assert!(
        line.contains("https_proxy names no usable proxy") && !line.contains("secret"),
        "{line}"
    );
}
