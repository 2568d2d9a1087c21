//! A server that is not an installation says so when it starts telemetry.

mod support;

use psmdb_telemetry::StartOptions;
use psmdb_telemetry::parameters::When;
use support::process::thread_count;
use support::receiver::{OK, Receiver};
use support::{World, status, stop};

#[test]
fn telemetry_is_off_by_what_the_server_says_and_leaves_no_trace() {
    let world = World::new();
    let receiver = Receiver::answering(&[OK]);
    let telemetry = world.reporting_to(&receiver.url);
    let threads = thread_count();
    telemetry.start(&StartOptions {
        dbpath: world.dbpath.path(),
        version: "4.4.26-25",
        suppressed_by: "enableTestCommands",
    });
    assert_eq!(thread_count(), threads);
    let now = status(&telemetry);
    assert_eq!((&now["state"], &now["enabled"]), (&"off".into(), &false.into()));
    assert_eq!(now["decidedBy"], "enableTestCommands");
    assert_eq!(world.host.lines(), [r#"Telemetry disabled decidedBy="enableTestCommands""#]);

    let refused = telemetry.set("perconaTelemetry", "true", When::Runtime).unwrap_err();
    assert_eq!(refused.to_string(), "enableTestCommands disables telemetry; remove it first");
    stop(&telemetry);
    assert!(world.names().is_empty() && receiver.is_quiet());
}
