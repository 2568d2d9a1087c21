//! The main job: an empty dbpath, an endpoint that answers.

mod support;

use std::os::unix::fs::PermissionsExt;

use support::{UNREPORTED, UNREPORTED_BODY, World, whole_head};

#[test]
fn the_first_start_stores_an_identity_and_delivers_one_report() {
    let world = World::new();
    let server = world.run();
    let request = world.endpoint.request();
    server.logs("Telemetry report delivered");
    let enabled = server.logs("Telemetry enabled");
    assert!(enabled.contains(&format!("destination=\"{}\"", world.endpoint.url)), "{enabled}");

    let arch = std::env::consts::ARCH;
    let of_now = |documented: &str| {
        documented
            .replace(support::ID, "01010101-0101-4101-8101-010101010101")
            .replace("c416c3ee-48cd-471c-9733-37c2886f8231", "02020202-0202-4202-8202-020202020202")
            .replace("2023-11-01T10:46:23Z", "2026-11-22T12:00:00Z")
            .replace("x86_64 x86_64", &format!("{arch} {arch}"))
    };
    // The whole request: not a byte that is not listed here has left the host.
    assert_eq!(request.body, of_now(UNREPORTED_BODY));
    assert_eq!(request.head, whole_head(&world.endpoint.url, &request.body));

    let sent = "sentAt:2026-11-22T12:00:00Z\nPRODUCT_FAMILY_PSMDB:1\n";
    assert_eq!(world.file(), of_now(UNREPORTED) + sent);
    let mode = world.path("telemetry_uuid").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    assert_eq!(world.names(), ["telemetry_uuid"]);

    let status = server.status();
    assert_eq!((&status["state"], &status["attempts"]), (&"sent".into(), &1.into()));
    assert_eq!(status["sentAt"], "2026-11-22T12:00:00Z");
    assert!(status["lastError"].is_null());
    assert_eq!(status["destination"], world.endpoint.url.as_str());
    server.stop();
    assert!(world.endpoint.is_quiet());
    assert_eq!(world.host.lines().len(), 2, "on, and delivered: {:?}", world.host.lines());
    assert!(world.host.warnings().is_empty());
}
