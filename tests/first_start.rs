//! The main job: an empty dbpath, an endpoint that answers.

mod support;

use std::os::unix::fs::PermissionsExt;

use support::receiver::{OK, Receiver};
use support::{World, status, stop};

#[test]
fn the_first_start_stores_an_identity_and_delivers_one_report() {
    let world = World::new();
    let receiver = Receiver::answering(&[OK]);
    let telemetry = world.started(&receiver.url);
    let request = receiver.request();
    world.host.wait_for("Telemetry report delivered");

    let arch = std::env::consts::ARCH;
    let (instance, report) =
        ("01010101-0101-4101-8101-010101010101", "02020202-0202-4202-8202-020202020202");
    let body = format!(
        r#"{{"reports":[{{"id":"{report}","product_family":"PRODUCT_FAMILY_PSMDB","instanceId":"{instance}","createTime":"2026-11-22T12:00:00Z","metrics":[{{"key":"deployment","value":"PACKAGE"}},{{"key":"pillar_version","value":"4.4.26-25"}},{{"key":"OS","value":"Oracle Linux Server 8.8"}},{{"key":"hardware_arch","value":"{arch} {arch}"}}]}}]}}"#
    );
    // The whole request: not a byte that is not listed here has left the host.
    let authority = receiver.url.split('/').nth(2).unwrap();
    let head = format!(
        "POST /v1/telemetry/GenericReport HTTP/1.1\r\ncontent-length: {}\r\nuser-agent: \
         psmdb-telemetry/{}\r\nhost: {authority}\r\ncontent-type: application/json\r\n\r\n",
        body.len(),
        env!("CARGO_PKG_VERSION"),
    );
    assert_eq!(request.body, body);
    assert_eq!(request.head, head);

    assert_eq!(
        world.file(),
        format!(
            "instanceId:{instance}\nreportId:{report}\ncreateTime:2026-11-22T12:00:00Z\n\
             deployment:PACKAGE\npillar_version:4.4.26-25\nOS:Oracle Linux Server 8.8\n\
             hardware_arch:{arch} {arch}\nsentAt:2026-11-22T12:00:00Z\nPRODUCT_FAMILY_PSMDB:1\n"
        )
    );
    let mode = world.path("telemetry_uuid").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    assert_eq!(world.names(), ["telemetry_uuid"]);

    let status = status(&telemetry);
    assert_eq!(status["state"], "sent");
    assert_eq!(status["attempts"], 1);
    assert_eq!(status["sentAt"], "2026-11-22T12:00:00Z");
    assert_eq!(status["lastError"], serde_json::Value::Null);
    stop(&telemetry);
    assert!(receiver.is_quiet());
    assert_eq!(world.host.lines().len(), 2, "on, and delivered: {:?}", world.host.lines());
    assert!(world.host.warnings().is_empty());
}
