//! An attempt that was cancelled before it began delivers nothing, whatever carries it.

mod support;

use std::sync::Arc;
use std::time::Duration;

use psmdb_telemetry::clock::Timestamp;
use psmdb_telemetry::delivery::{Cancel, Outcome, Timeouts, UploadRequest, transport};
use psmdb_telemetry::destination::Destination;
use psmdb_telemetry::host::{HttpClient, HttpRequest, HttpResponse};
use support::{World, names_in};

fn is_not_delivered(world: &World, url: &str, client: Option<Arc<dyn HttpClient>>) {
    let timeouts = Timeouts { connect: Duration::from_secs(5), send: Duration::from_secs(10) };
    let destination = Destination::parse(url).unwrap();
    let transport = transport(&destination, client, &world.environment(), timeouts).unwrap();
    let cancel = Cancel::default();
    cancel.cancel();
    let request = UploadRequest {
        body: "{}".to_owned(),
        instance_id: uuid::Uuid::max(),
        time: Timestamp::from_unix(0).unwrap(),
        attempt: 1,
    };
    assert_ne!(transport.deliver(&request, &cancel), Outcome::Delivered);
}

#[test]
fn the_built_in_client_does_not_connect() {
    let world = World::new();
    is_not_delivered(&world, &world.endpoint.url, None);
    assert!(world.endpoint.is_quiet());
}

#[test]
fn a_folder_stays_empty() {
    let outbox = tempfile::TempDir::new().unwrap();
    is_not_delivered(&World::new(), &format!("file://{}", outbox.path().display()), None);
    assert!(names_in(outbox.path()).is_empty());
}

#[test]
fn the_server_s_client_is_not_called() {
    struct Uncalled;
    impl HttpClient for Uncalled {
        fn post(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, String> {
            panic!("called for {}", request.url);
        }
    }
    is_not_delivered(&World::new(), "https://check.example/", Some(Arc::new(Uncalled)));
}
