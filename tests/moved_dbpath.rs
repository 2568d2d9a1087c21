//! The dbpath is moved or removed while the server runs: the instance is the folder that the server
//! was started on, not what has taken its path.

mod support;

use std::fs;
use std::path::PathBuf;

use psmdb_telemetry::Telemetry;
use psmdb_telemetry::parameters::When::{Runtime, Startup};
use support::receiver::{OK, Receiver};
use support::{World, names_in, start_at, status, stop, wait_for};
use tempfile::TempDir;

/// A server whose report waits for its time, on a dbpath in a folder of its own.
struct Scene {
    world: World,
    receiver: Receiver,
    telemetry: Telemetry,
    parent: TempDir,
}

impl Scene {
    fn new() -> Self {
        let (world, receiver) = (World::new(), Receiver::answering(&[OK]));
        let parent = TempDir::new().unwrap();
        world.clock.hold();
        let telemetry = world.reporting_to(&receiver.url);
        telemetry.set("perconaTelemetryGracePeriod", "3600", Startup).unwrap();
        let scene = Self { world, receiver, telemetry, parent };
        fs::create_dir(scene.dbpath()).unwrap();
        start_at(&scene.telemetry, &scene.dbpath(), "4.4.26-25");
        scene.world.clock.wait_for_wait();
        scene
    }

    fn dbpath(&self) -> PathBuf {
        self.parent.path().join("db")
    }

    fn moved(&self) -> PathBuf {
        self.parent.path().join("moved")
    }

    /// Lets the time for the report come, and expects that it fails because of the dbpath.
    fn expect_removed(&self) {
        self.world.clock.release();
        let line = self.world.host.wait_for("Telemetry failed");
        assert!(line.contains("/db\\\" was removed while the server runs"), "{line}");
        assert_eq!(status(&self.telemetry)["state"], "failed");
        stop(&self.telemetry);
        assert!(self.receiver.is_quiet());
    }
}

#[test]
fn a_dbpath_that_is_moved_and_made_anew_keeps_its_identity() {
    let scene = Scene::new();
    let stored = fs::read_to_string(scene.dbpath().join("telemetry_uuid")).unwrap();
    fs::rename(scene.dbpath(), scene.moved()).unwrap();
    fs::create_dir(scene.dbpath()).unwrap();
    scene.world.clock.release();
    scene.world.host.wait_for("Telemetry report delivered");
    stop(&scene.telemetry);

    assert!(names_in(&scene.dbpath()).is_empty(), "nothing enters the new folder");
    assert_eq!(names_in(&scene.moved()), ["telemetry_uuid"]);
    let now = fs::read_to_string(scene.moved().join("telemetry_uuid")).unwrap();
    assert!(now.starts_with(&stored) && now.ends_with("PRODUCT_FAMILY_PSMDB:1\n"), "{now}");
    scene.receiver.request();
    assert!(scene.receiver.is_quiet());
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
    wait_for(&scene.telemetry, "sent");
    fs::rename(scene.dbpath(), scene.moved()).unwrap();
    fs::create_dir(scene.dbpath()).unwrap();
    scene.telemetry.set("perconaTelemetry", "false", Runtime).unwrap();
    stop(&scene.telemetry);
    assert!(names_in(&scene.dbpath()).is_empty(), "nothing enters the new folder");
    let now = fs::read_to_string(scene.moved().join("telemetry_uuid")).unwrap();
    assert!(now.ends_with("optOut:1\n"), "{now}");
}
