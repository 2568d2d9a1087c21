//! HTTPS, trusting whom the host trusts. `endpoints/` has the endpoints that are not to be trusted.

mod support;

use support::World;
use support::tls::Authority;

#[test]
fn a_query_without_a_path_is_sent_with_one() {
    let world = Authority::new().world("localhost");
    let port = world.endpoint.port;
    world.run_to(&format!("HTTPS://LocalHost:{port}?token=1")).delivers();
    let head = world.endpoint.request().head;
    assert!(head.starts_with("POST /?token=1 HTTP/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("host: localhost:{port}\r\n")), "{head}");
}

#[test]
fn a_host_without_certificates_sends_nothing_and_is_warned_once() {
    let world = World::new();
    let server = world.run_to(&world.endpoint.url.replace("http://127.0.0.1", "https://localhost"));
    server.logs("install the package ca-certificates");
    server.ends("failed");
    assert_eq!(world.host.warnings().len(), 1);
    assert!(world.endpoint.received().concat().is_empty());
}

#[test]
fn a_name_of_any_length_in_the_environment_leaves_the_status_short() {
    let world = World::new().with("SSL_CERT_FILE", &"/x\n".repeat(10_000));
    let url = world.endpoint.url.replace("http://127.0.0.1", "https://localhost");
    let status = world.run_to(&url).ends("failed");
    let error = status["lastError"].as_str().unwrap();
    assert!(error.starts_with("no CA certificates found") && error.len() < 600, "{error}");
    assert!(!error.contains('\n'), "{error}");
}
