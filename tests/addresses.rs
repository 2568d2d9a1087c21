//! A host of several addresses, not all of which respond. (Those that refuse: `endpoints/tls.rs`.)

#[allow(dead_code, missing_docs)]
#[path = "endpoints/interposed.rs"]
mod interposed;
mod support;

use std::net::TcpListener;

use interposed::{ENDPOINT, FIFTH};
use support::World;
use support::ports::FullBacklog;
use support::tls::Authority;

/// An endpoint that listens on 127.0.0.1, the last address of the name.
fn endpoint_for(name: &'static str) -> World {
    Authority::new().world(name).with("PERCONA_CONNECT_TIMEOUT", "3")
}

fn delivers_in_attempts(world: &World, attempts: u64) {
    let server = world.run();
    server.delivers();
    assert_eq!(server.status()["attempts"], attempts);
    world.endpoint.request();
}

#[test]
fn dead_addresses_leave_time_to_the_one_after_them() {
    let world = endpoint_for(FIFTH);
    let port = world.endpoint.port;
    let _dead = [2, 3, 4, 5].map(|last| FullBacklog::at(([127, 0, 0, last], port).into()));
    delivers_in_attempts(&world, 1);
}

#[test]
fn an_address_that_accepts_and_says_nothing_is_not_the_first_again() {
    let world = endpoint_for(ENDPOINT);
    let _silent = TcpListener::bind(("127.0.0.2", world.endpoint.port)).unwrap();
    delivers_in_attempts(&world, 2);
}
