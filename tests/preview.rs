//! What will be sent can be read before it is sent, and is what is sent.

mod support;

use psmdb_telemetry::parameters::When::Startup;
use support::receiver::{OK, Receiver};
use support::{World, status, stop, wait_until};

#[test]
fn the_report_in_the_status_is_the_report_that_is_sent_byte_for_byte() {
    let world = World::new();
    world.clock.hold();
    let receiver = Receiver::answering(&[OK]);
    let telemetry = world.reporting_to(&receiver.url);
    telemetry.set("perconaTelemetryGracePeriod", "3600", Startup).unwrap();
    world.start(&telemetry);
    assert_eq!(world.clock.wait_for_wait().as_secs(), 3600);

    let now = status(&telemetry);
    assert_eq!((&now["state"], &now["attempts"]), (&"waiting".into(), &0.into()));
    assert_eq!(now["nextAttempt"], "2026-11-22T13:00:00Z");
    let text = telemetry.get("perconaTelemetryStatus").unwrap();
    assert!(receiver.is_quiet());
    stop(&telemetry);
    assert_eq!(status(&telemetry)["state"], "stopped");

    let telemetry = world.started(&receiver.url);
    let body = receiver.request().body;
    let report = body.strip_prefix(r#"{"reports":["#).unwrap().strip_suffix("]}").unwrap();
    assert!(text.contains(&format!(r#""report":{report},"attempts""#)), "{text}\n{body}");
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
}

#[test]
fn the_grace_period_counts_from_the_start_of_the_server() {
    use psmdb_telemetry::parameters::When::Runtime;
    let world = World::new();
    let receiver = Receiver::answering(&[OK]);
    world.write_file("optOut:1\n");
    let telemetry = world.reporting_to(&receiver.url);
    telemetry.set("perconaTelemetryGracePeriod", "100", Startup).unwrap();
    world.start(&telemetry);
    world.host.wait_for("Telemetry disabled");
    // Forty seconds pass before somebody switches it on.
    psmdb_telemetry::clock::Clock::park(&*world.clock, std::time::Duration::from_secs(40));
    telemetry.set("perconaTelemetry", "true", Runtime).unwrap();
    world.host.wait_for("Telemetry report delivered");
    let waits: Vec<_> = world.clock.waits().iter().map(std::time::Duration::as_secs).collect();
    assert_eq!(waits, [40, 60]);
    stop(&telemetry);
}

#[test]
fn the_status_has_the_documented_fields_in_their_order() {
    let world = World::new().with("DO_NOT_TRACK", "1");
    let telemetry = world.telemetry();
    world.start(&telemetry);
    wait_until("off", || status(&telemetry)["state"] == "off");
    let text = telemetry.get("perconaTelemetryStatus").unwrap();
    let fields = [
        "enabled",
        "decidedBy",
        "state",
        "instanceId",
        "destination",
        "report",
        "attempts",
        "lastAttempt",
        "lastError",
        "nextAttempt",
        "sentAt",
        "optOutStored",
    ];
    let positions: Vec<_> =
        fields.iter().map(|f| text.find(&format!("\"{f}\":")).expect("a field")).collect();
    assert!(positions.is_sorted(), "{text}");
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&text).unwrap().as_object().unwrap().len(),
        fields.len()
    );
    stop(&telemetry);
}
