//! Delivery into a folder.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use psmdb_telemetry::parameters::When::Startup;
use support::{UNREPORTED, UNREPORTED_BODY, World, names_in, status, stop};

#[test]
fn the_body_is_written_into_the_folder_under_time_and_instance() {
    let world = World::new();
    let outbox = tempfile::TempDir::new().unwrap();
    world.write_file(UNREPORTED);
    let telemetry = world.started(&format!("file://{}", outbox.path().display()));
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    let name = "1795348800-6aef422e-56a7-4530-af9d-94cc02198343.json";
    assert_eq!(names_in(outbox.path()), [name]);
    assert_eq!(fs::read_to_string(outbox.path().join(name)).unwrap(), UNREPORTED_BODY);
    let mode = fs::metadata(outbox.path().join(name)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "as private as the identity");
    assert_eq!(world.value("PRODUCT_FAMILY_PSMDB").as_deref(), Some("1"));
}

#[test]
fn a_folder_that_is_none_is_a_failure_that_names_it() {
    let world = World::new();
    let file = world.root.path().join("etc/os-release");
    for folder in ["/nowhere/outbox", file.to_str().unwrap()] {
        let world = World::new();
        let telemetry = world.started(&format!("file://{folder}"));
        let line = world.host.wait_for("Telemetry failed");
        assert!(line.contains(folder) && line.contains("must name an existing folder"), "{line}");
        assert_eq!(status(&telemetry)["state"], "failed");
        stop(&telemetry);
        assert_eq!(world.host.warnings().len(), 1);
        assert_eq!(world.value("PRODUCT_FAMILY_PSMDB"), None, "to be sent by a later start");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_a_failure_that_names_it() {
    let world = World::new();
    let telemetry = world.started("file:///proc");
    let line = world.host.wait_for("Telemetry failed");
    assert!(line.contains("/proc") && line.contains("must be writable"), "{line}");
    stop(&telemetry);
}

#[test]
fn what_a_crash_left_in_the_folder_is_replaced_and_what_is_not_ours_stays() {
    const NAME: &str = "1795348800-6aef422e-56a7-4530-af9d-94cc02198343.json";
    let outbox = tempfile::TempDir::new().unwrap();
    let temporary = outbox.path().join(format!(".{NAME}.tmp"));
    let url = format!("file://{}", outbox.path().display());
    let precious = outbox.path().join("precious");
    fs::write(&precious, "kept").unwrap();
    std::os::unix::fs::symlink(&precious, &temporary).unwrap();

    let world = World::new();
    world.write_file(UNREPORTED);
    let telemetry = world.started(&url);
    let line = world.host.wait_for("Telemetry failed");
    assert!(line.contains(".json.tmp exists but is not a file of ours"), "{line}");
    stop(&telemetry);
    assert_eq!(fs::read_to_string(&precious).unwrap(), "kept");

    fs::remove_file(&temporary).unwrap();
    fs::write(&temporary, "half a rep").unwrap();
    let telemetry = world.started(&url);
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    let mut names = names_in(outbox.path());
    names.retain(|name| name != "precious");
    assert_eq!(names.len(), 1, "{names:?}");
    assert_eq!(fs::read_to_string(outbox.path().join(&names[0])).unwrap(), UNREPORTED_BODY);
}

#[test]
fn a_url_that_is_none_is_refused_at_start_up() {
    let world = World::new();
    let telemetry = world.telemetry();
    for (url, words) in [
        ("", "is not https://"),
        ("no url", "is not https://"),
        ("ftp://x/", "is not https://"),
        ("http://example.com/", "use https, or http only to localhost"),
        ("file://x", "expected file:///folder"),
        ("file:///", "names the root folder"),
        ("file:///var/../", "names the root folder"),
        ("https://host:0/", "has no valid port"),
        ("https://a b/", "percent-encode"),
    ] {
        let error = telemetry.set("perconaTelemetryUrl", url, Startup).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    let default = "\"https://check.percona.com/v1/telemetry/GenericReport\"";
    assert_eq!(telemetry.get("perconaTelemetryUrl").unwrap(), default);
}
