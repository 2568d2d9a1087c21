//! A host of several addresses, not all of which are of use.

#[allow(dead_code, missing_docs)]
#[path = "endpoints/interposed.rs"]
mod interposed;
mod support;

use std::net::TcpListener;

use interposed::{FIFTH, FORBIDDEN, SECOND};
use support::receiver::FullHouse;
use support::tls::{Authority, SecureReceiver};
use support::{World, status, stop};

/// The endpoint listens on 127.0.0.1, the last address of the name.
fn endpoint_for(name: &'static str) -> (World, SecureReceiver, String, Authority) {
    let authority = Authority::new();
    let endpoint = authority.endpoint_for(name);
    let world = World::new()
        .with("SSL_CERT_FILE", authority.file().to_str().unwrap())
        .with("PERCONA_CONNECT_TIMEOUT", "3");
    let url = format!("https://{name}:{}/", endpoint.port);
    (world, endpoint, url, authority)
}

/// How many attempts it takes to deliver.
fn attempts(world: &World, url: &str) -> u64 {
    let telemetry = world.started(url);
    world.host.wait_for("Telemetry report delivered");
    let attempts = status(&telemetry)["attempts"].as_u64().unwrap();
    stop(&telemetry);
    attempts
}

#[test]
fn an_address_that_the_host_forbids_is_passed_over() {
    let (world, endpoint, url, _authority) = endpoint_for(FORBIDDEN);
    assert_eq!(attempts(&world, &url), 1);
    endpoint.request();
}

#[test]
fn dead_addresses_leave_time_to_the_one_after_them() {
    let (world, endpoint, url, _authority) = endpoint_for(FIFTH);
    let _dead = [2, 3, 4, 5].map(|last| FullHouse::at(([127, 0, 0, last], endpoint.port).into()));
    assert_eq!(attempts(&world, &url), 1);
    endpoint.request();
}

#[test]
fn an_address_that_accepts_and_says_nothing_is_not_the_first_again() {
    let (world, endpoint, url, _authority) = endpoint_for(SECOND);
    let _mute = TcpListener::bind(("127.0.0.2", endpoint.port)).unwrap();
    assert_eq!(attempts(&world, &url), 2);
    endpoint.request();
}
