//! What will be sent can be read before it is sent, and is what is sent.

mod support;

use std::time::Duration;

use psmdb_telemetry::clock::Clock;
use support::{GRACE_PERIOD, World};

#[test]
fn the_report_in_the_status_is_the_report_that_is_sent_byte_for_byte() {
    let world = World::new();
    world.clock.hold();
    let server = world.reporting().with(GRACE_PERIOD, "3600").start();
    assert_eq!(world.clock.wait_for_wait().as_secs(), 3600);

    let now = server.status();
    assert_eq!((&now["state"], &now["attempts"]), (&"waiting".into(), &0.into()));
    assert_eq!(now["nextAttempt"], "2026-11-22T13:00:00Z");
    let text = server.telemetry.get("perconaTelemetryStatus").unwrap();
    assert!(world.endpoint.is_quiet());
    server.stop();
    assert_eq!(server.status()["state"], "stopped");

    world.run().delivers();
    let body = world.endpoint.request().body;
    let report = body.strip_prefix(r#"{"reports":["#).unwrap().strip_suffix("]}").unwrap();
    assert!(text.contains(&format!(r#""report":{report},"attempts""#)), "{text}\n{body}");
}

#[test]
fn the_grace_period_counts_from_the_start_of_the_server() {
    let world = World::new().containing("optOut:1\n");
    let server = world.reporting().with(GRACE_PERIOD, "100").start();
    server.logs("Telemetry disabled");
    // Forty seconds pass before somebody switches it on.
    world.clock.park(Duration::from_secs(40));
    server.switch(true);
    server.delivers();
    assert_eq!(world.clock.waits(), [40, 60].map(Duration::from_secs));
}

#[test]
fn the_status_has_the_documented_fields_in_their_order() {
    let server = World::new().with("DO_NOT_TRACK", "1").server().start();
    let text = server.telemetry.get("perconaTelemetryStatus").unwrap();
    let fields = "enabled decidedBy state instanceId destination report attempts lastAttempt \
                  lastError nextAttempt sentAt optOutStored";
    let fields: Vec<_> = fields.split_whitespace().collect();
    let places: Vec<_> = fields.iter().map(|f| text.find(&format!("\"{f}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{text}");
    assert_eq!(server.status().as_object().unwrap().len(), fields.len());
    server.stop();
}
