//! A connection that takes its time cannot be called off; but when it is made after all, nothing is
//! sent on it.

mod support;

use support::ports::FullBacklog;
use support::process::Threads;
use support::{DEADLINE, Server, World, wait_until};

/// Ends an attempt that is still connecting, and then lets it connect.
fn nothing_is_sent_after(end: impl Fn(&Server)) -> Server {
    let (world, backlog) = (World::new(), FullBacklog::new());
    let threads = Threads::now();
    let server = world.run_to(&format!("http://127.0.0.1:{}/", backlog.port));
    backlog.wait_for_client();
    end(&server);
    assert_eq!(backlog.accept_client(), b"");
    wait_until("the end of the attempt", || threads.newer() == 0);
    server
}

#[test]
fn nothing_is_sent_on_a_connection_that_is_made_after_the_stop() {
    nothing_is_sent_after(|server| {
        assert!(!server.telemetry.stop(DEADLINE), "its thread is still connecting");
    });
}

#[test]
fn nothing_is_sent_on_a_connection_that_is_made_after_the_opt_out() {
    nothing_is_sent_after(|server| server.switch(false)).stop();
}
