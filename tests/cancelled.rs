//! An attempt that was cancelled before it began delivers nothing, whatever carries it.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use psmdb_telemetry::clock::Timestamp;
use psmdb_telemetry::delivery::{Cancel, Outcome, Timeouts, UploadRequest, transport};
use psmdb_telemetry::destination::Destination;
use psmdb_telemetry::host::{HttpClient, HttpRequest, HttpResponse};
use support::receiver::{OK, Receiver};
use support::{World, names_in};

fn delivered(url: &str, client: Option<Arc<dyn HttpClient>>) -> bool {
    let timeouts = Timeouts { connect: Duration::from_secs(5), send: Duration::from_secs(10) };
    let destination = Destination::parse(url).unwrap();
    let environment = World::new().environment();
    let transport = transport(&destination, client, &environment, timeouts).unwrap();
    let cancel = Cancel::default();
    cancel.cancel();
    let request = UploadRequest {
        body: "{}".to_owned(),
        instance_id: uuid::Uuid::max(),
        time: Timestamp::from_unix(0).unwrap(),
        attempt: 1,
    };
    transport.deliver(&request, &cancel) == Outcome::Delivered
}

#[test]
fn the_built_in_client_does_not_connect() {
    let receiver = Receiver::answering(&[OK]);
    assert!(!delivered(&receiver.url, None));
    assert!(receiver.is_quiet());
}

#[test]
fn a_folder_stays_empty() {
    let outbox = tempfile::TempDir::new().unwrap();
    assert!(!delivered(&format!("file://{}", outbox.path().display()), None));
    assert!(names_in(outbox.path()).is_empty());
}

#[test]
fn the_server_s_client_is_not_called() {
    #[derive(Default)]
    struct Noting(AtomicBool);
    impl HttpClient for Noting {
        fn post(&self, _request: &HttpRequest<'_>) -> Result<HttpResponse, String> {
            self.0.store(true, Ordering::Relaxed);
            Ok(HttpResponse { status: 200, retry_after: None })
        }
    }
    let client = Arc::new(Noting::default());
    assert!(!delivered("https://check.example/", Some(client.clone())));
    assert!(!client.0.load(Ordering::Relaxed));
}
