//! The dbpath is moved or removed while the server runs: the instance is the folder that the server
//! was started on, not what has taken its path.

mod support;

use std::fs;
use std::path::PathBuf;

use support::{GRACE_PERIOD, Server, World, names_in};
use tempfile::TempDir;

/// A server whose report waits for its time, on a dbpath in a folder of its own.
struct Scene {
    world: World,
    server: Server,
    parent: TempDir,
}

impl Scene {
    fn new() -> Self {
        let (world, parent) = (World::new(), TempDir::new().unwrap());
        world.clock.hold();
        let dbpath = parent.path().join("db");
        fs::create_dir(&dbpath).unwrap();
        let server = world.reporting().with(GRACE_PERIOD, "3600").start_at(&dbpath, "4.4.26-25");
        world.clock.wait_for_wait();
        Self { world, server, parent }
    }

    fn dbpath(&self) -> PathBuf {
        self.parent.path().join("db")
    }

    fn replace_dbpath(&self) {
        fs::rename(self.dbpath(), self.parent.path().join("moved")).unwrap();
        fs::create_dir(self.dbpath()).unwrap();
    }

    fn moved_identity(&self) -> String {
        assert!(names_in(&self.dbpath()).is_empty(), "nothing enters the new folder");
        let moved = self.parent.path().join("moved");
        assert_eq!(names_in(&moved), ["telemetry_uuid"]);
        fs::read_to_string(moved.join("telemetry_uuid")).unwrap()
    }

    /// Lets the time for the report come, and expects that it fails because of the dbpath.
    fn expect_removed(&self) {
        self.world.clock.release();
        let line = self.server.logs_and_stops("Telemetry failed");
        assert!(line.contains("/db\\\" was removed while the server runs"), "{line}");
        assert_eq!(self.server.status()["state"], "failed");
        assert!(self.world.endpoint.is_quiet());
    }
}

#[test]
fn a_dbpath_that_is_moved_and_made_anew_keeps_its_identity() {
    let scene = Scene::new();
    let stored = fs::read_to_string(scene.dbpath().join("telemetry_uuid")).unwrap();
    scene.replace_dbpath();
    scene.world.clock.release();
    scene.server.delivers();
    let now = scene.moved_identity();
    assert!(now.starts_with(&stored) && now.ends_with("PRODUCT_FAMILY_PSMDB:1\n"), "{now}");
    scene.world.endpoint.request();
    assert!(scene.world.endpoint.is_quiet());
}

#[test]
fn a_dbpath_that_is_removed_is_no_first_start() {
    let scene = Scene::new();
    fs::remove_dir_all(scene.dbpath()).unwrap();
    scene.expect_removed();
    assert!(!scene.dbpath().exists());
}

#[test]
fn a_folder_in_the_place_of_a_removed_dbpath_gets_no_identity() {
    let scene = Scene::new();
    fs::remove_dir_all(scene.dbpath()).unwrap();
    fs::create_dir(scene.dbpath()).unwrap();
    scene.expect_removed();
    assert!(names_in(&scene.dbpath()).is_empty());
}

#[test]
fn an_opt_out_after_the_move_is_stored_where_the_instance_is() {
    let scene = Scene::new();
    scene.world.clock.release();
    scene.server.reaches("sent");
    scene.replace_dbpath();
    scene.server.switch(false);
    scene.server.stop();
    let now = scene.moved_identity();
    assert!(now.ends_with("optOut:1\n"), "{now}");
}
