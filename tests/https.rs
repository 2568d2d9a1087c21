//! HTTPS, trusting whom the host trusts.

mod support;

use support::tls::Authority;
use support::{World, status, stop, wait_for};

#[test]
fn a_report_is_delivered_to_an_endpoint_that_the_host_trusts() {
    let authority = Authority::new();
    let endpoint = authority.endpoint_for("localhost");
    let world = World::new().with("SSL_CERT_FILE", authority.file().to_str().unwrap());
    let telemetry = world.started(&format!("https://localhost:{}/report", endpoint.port));
    let request = endpoint.request();
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    assert_eq!(
        request.head,
        format!(
            "POST /report HTTP/1.1\r\ncontent-length: {}\r\nuser-agent: psmdb-telemetry/{}\r\n\
             host: localhost:{}\r\ncontent-type: application/json\r\n\r\n",
            request.body.len(),
            env!("CARGO_PKG_VERSION"),
            endpoint.port
        )
    );
    support::schema::check(&serde_json::from_str(&request.body).unwrap());
}

#[test]
fn a_query_without_a_path_is_sent_with_one() {
    let authority = Authority::new();
    let endpoint = authority.endpoint_for("localhost");
    let world = World::new().with("SSL_CERT_FILE", authority.file().to_str().unwrap());
    let telemetry = world.started(&format!("HTTPS://LocalHost:{}?token=1", endpoint.port));
    let request = endpoint.request();
    world.host.wait_for("is delivered");
    stop(&telemetry);
    assert!(request.head.starts_with("POST /?token=1 HTTP/1.1\r\n"), "{}", request.head);
    assert!(request.head.contains(&format!("host: localhost:{}\r\n", endpoint.port)));
}

/// Nothing is delivered, and the status says why.
fn is_refused(world: &World, port: u16, why: &str) {
    world.clock.hold();
    let telemetry = world.started(&format!("https://localhost:{port}/"));
    let status = wait_for(&telemetry, "retrying");
    assert!(status["lastError"].as_str().unwrap().contains(why), "{status}");
    stop(&telemetry);
}

#[test]
fn an_endpoint_of_an_unknown_authority_gets_nothing() {
    let (trusted, unknown) = (Authority::new(), Authority::new());
    let endpoint = unknown.endpoint_for("localhost");
    let world = World::new().with("SSL_CERT_FILE", trusted.file().to_str().unwrap());
    is_refused(&world, endpoint.port, "not issued by a CA that this host trusts");
    assert!(endpoint.is_quiet());
}

#[test]
fn an_endpoint_with_another_name_in_its_certificate_gets_nothing() {
    let authority = Authority::new();
    let endpoint = authority.endpoint_for("check.percona.com");
    let world = World::new().with("SSL_CERT_FILE", authority.file().to_str().unwrap());
    is_refused(&world, endpoint.port, "does not match host name");
    assert!(endpoint.is_quiet());
}

#[test]
fn a_name_of_any_length_in_the_environment_leaves_the_status_short() {
    let endpoint = Authority::new().endpoint_for("localhost");
    let world = World::new().with("SSL_CERT_FILE", &"/x\n".repeat(10_000));
    let telemetry = world.started(&format!("https://localhost:{}/", endpoint.port));
    let status = wait_for(&telemetry, "failed");
    stop(&telemetry);
    let error = status["lastError"].as_str().unwrap();
    assert!(error.starts_with("no CA certificates found") && error.len() < 600, "{error}");
    assert!(!error.contains('\n'), "{error}");
}

#[test]
fn a_host_without_certificates_is_told_what_to_install() {
    let endpoint = Authority::new().endpoint_for("localhost");
    let world = World::new();
    let telemetry = world.started(&format!("https://localhost:{}/", endpoint.port));
    world.host.wait_for("install the package ca-certificates");
    assert_eq!(status(&telemetry)["state"], "failed");
    stop(&telemetry);
    assert_eq!(world.host.warnings().len(), 1);
    assert!(endpoint.is_quiet());
}
