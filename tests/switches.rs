//! Off means off: for each switch and each value of it. (Of several values: `cpp/named_twice.cc`.)

mod support;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use psmdb_telemetry::consent::{DecisionSource, HOST_FILE, external_opt_out};
use support::process::Threads;
use support::{World, skipped};

/// Values that leave telemetry on, for `PERCONA_TELEMETRY_DISABLE`.
const ON: [&str; 10] = ["", "0", "false", "False", "FALSE", "no", "NO", "off", "OFF", "oFF"];

/// Values that switch it off: also those that nobody can understand.
const OFF: [&str; 14] = [
    "1", "true", "TRUE", "yes", "on", "enabled", "08", "00", " ", "0 ", " 0", "maybe", "-1",
    "\u{fffd}",
];

/// Starts and expects silence: no thread, no socket, no file; and the status names the switch and shows
/// what would be sent.
fn is_off(world: &World, switch: &str) {
    is_off_with(world, &[], switch);
}

fn is_off_with(world: &World, parameters: &[(&str, &str)], switch: &str) {
    let server = world.reporting();
    let server = parameters.iter().fold(server, |server, (name, value)| server.with(name, value));
    let threads = Threads::now();
    let server = server.start();
    assert_eq!(threads.newer(), 0, "no thread was started");
    assert_eq!(world.host.lines(), [format!("Telemetry disabled decidedBy=\"{switch}\"")]);
    let status = server.status();
    assert_eq!((&status["enabled"], &status["state"]), (&false.into(), &"off".into()));
    assert_eq!(status["decidedBy"], switch);
    assert_eq!(server.telemetry.get("perconaTelemetry").unwrap(), "false");
    let report = &status["report"];
    assert_eq!(report["metrics"][2]["value"], "Oracle Linux Server 8.8");
    let ids = [&report["id"], &report["instanceId"], &report["createTime"], &status["instanceId"]];
    assert!(ids.iter().all(|id| id.is_null()), "{status}");
    server.stop();
    world.expect_silence();
}

fn is_on(world: &World) {
    let server = world.run();
    server.logs("Telemetry enabled decidedBy=\"default\"");
    server.delivers();
}

#[test]
fn percona_telemetry_disable() {
    for value in OFF {
        let world = World::new().with("PERCONA_TELEMETRY_DISABLE", value);
        is_off(&world, "PERCONA_TELEMETRY_DISABLE");
    }
    for value in ON {
        is_on(&World::new().with("PERCONA_TELEMETRY_DISABLE", value));
    }
}

#[test]
fn do_not_track() {
    for value in ["1", "true", "yes", "no", "off", "00", " "] {
        is_off(&World::new().with("DO_NOT_TRACK", value), "DO_NOT_TRACK");
    }
    for value in ["", "0", "false", "FALSE"] {
        is_on(&World::new().with("DO_NOT_TRACK", value));
    }
}

#[test]
fn the_host_s_file() {
    let world = World::new();
    world.put("etc/percona/telemetry-disable", "");
    is_off(&world, "/etc/percona/telemetry-disable");

    let world = World::new();
    std::fs::create_dir_all(world.root.path().join("etc/percona")).unwrap();
    std::os::unix::fs::symlink("/gone", world.root.path().join("etc/percona/telemetry-disable"))
        .unwrap();
    is_off(&world, "/etc/percona/telemetry-disable");
}

#[test]
fn a_host_s_file_that_cannot_be_looked_for_may_be_there() {
    const UNCHECKED: &str = "/etc/percona/telemetry-disable (cannot be checked)";
    let world = World::new();
    std::os::unix::fs::symlink("percona", world.root.path().join("etc/percona")).unwrap();
    is_off(&world, UNCHECKED);
    let error = world.server().try_switch(true).unwrap_err();
    assert!(error.to_string().contains(UNCHECKED), "{error}");
}

#[test]
fn a_folder_that_the_server_s_user_may_not_look_into_counts_as_off() {
    let world = World::new();
    let folder = world.root.path().join("etc/percona");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, Permissions::from_mode(0o0)).unwrap();
    let environment = world.environment();
    let as_nobody = std::thread::spawn(move || {
        // SAFETY: it touches no memory, and is for this thread alone.
        unsafe { libc::setfsuid(65534) };
        (environment.exists(HOST_FILE), external_opt_out(&environment))
    });
    let (seen, switch) = as_nobody.join().unwrap();
    std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    if seen.is_ok() {
        return skipped("no permission is missing to this user, nor can it be dropped");
    }
    assert_eq!(switch, Some(DecisionSource::UncheckedHostFile));
    assert_eq!(external_opt_out(&world.environment()), None);
}

#[test]
fn the_server_parameter_at_start_up() {
    for value in ["false", "0"] {
        is_off_with(&World::new(), &[("perconaTelemetry", value)], "perconaTelemetry");
    }
}

#[test]
fn the_switches_are_named_in_their_order_when_several_say_off() {
    let world = World::new().with("DO_NOT_TRACK", "1").with("PERCONA_TELEMETRY_DISABLE", "1");
    world.put("etc/percona/telemetry-disable", "");
    is_off(&world, "PERCONA_TELEMETRY_DISABLE");
}

#[test]
fn true_at_start_up_does_not_overrule_the_environment_and_does_not_stop_the_server() {
    let world = World::new().with("DO_NOT_TRACK", "1");
    is_off_with(&world, &[("perconaTelemetry", "true")], "DO_NOT_TRACK");
}

#[test]
fn true_at_run_time_is_an_error_that_names_the_switch() {
    let world = World::new();
    world.put("etc/percona/telemetry-disable", "");
    let server = world.reporting().start();
    let error = server.try_switch(true).unwrap_err().to_string();
    assert_eq!(error, "/etc/percona/telemetry-disable disables telemetry; remove it first");
    assert_eq!(server.status()["state"], "off");
    server.stop();
    world.expect_silence();
}
