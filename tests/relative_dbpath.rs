//! A dbpath that is relative is so to the working directory of the start. Its own program, since it
//! changes that.

mod support;

use std::path::Path;

use psmdb_telemetry::parameters::When;
use support::receiver::{OK, Receiver};
use support::{World, names_in, start_at, stop, wait_for};
use tempfile::TempDir;

#[test]
fn it_stays_the_same_folder_when_the_server_changes_its_directory() {
    let world = World::new();
    let elsewhere = TempDir::new().unwrap();
    let receiver = Receiver::answering(&[OK]);
    let telemetry = world.reporting_to(&receiver.url);
    telemetry.set("perconaTelemetry", "false", When::Startup).unwrap();
    std::env::set_current_dir(world.dbpath.path()).unwrap();
    start_at(&telemetry, Path::new("."), "4.4.26-25");
    std::env::set_current_dir(elsewhere.path()).unwrap();
    // Only now is the dbpath touched.
    telemetry.set("perconaTelemetry", "true", When::Runtime).unwrap();
    receiver.request();
    wait_for(&telemetry, "sent");
    stop(&telemetry);
    assert_eq!(world.names(), ["telemetry_uuid"]);
    assert!(names_in(elsewhere.path()).is_empty());
}
