//! A dbpath that is relative is so to the working directory of the start. Its own program, since it
//! changes that.

mod support;

use std::path::Path;

use support::{World, names_in};
use tempfile::TempDir;

#[test]
fn it_stays_the_same_folder_when_the_server_changes_its_directory() {
    let (world, elsewhere) = (World::new(), TempDir::new().unwrap());
    let server = world.reporting().with("perconaTelemetry", "false");
    std::env::set_current_dir(world.dbpath.path()).unwrap();
    let server = server.start_at(Path::new("."), "4.4.26-25");
    std::env::set_current_dir(elsewhere.path()).unwrap();
    // Only now is the dbpath touched.
    server.switch(true);
    server.delivers();
    assert_eq!(world.names(), ["telemetry_uuid"]);
    assert!(names_in(elsewhere.path()).is_empty());
}
