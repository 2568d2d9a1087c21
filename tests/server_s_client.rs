//! A server that offers its own HTTP client.

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use psmdb_telemetry::Telemetry;
use psmdb_telemetry::host::{HttpClient, HttpRequest, HttpResponse};
use psmdb_telemetry::parameters::When;
use support::{World, status, stop, wait_for};

type Answer = Result<HttpResponse, String>;

/// A client that answers from a list and notes what it was asked.
struct Scripted {
    answers: Mutex<Vec<Answer>>,
    requests: Mutex<Vec<String>>,
}

impl HttpClient for Scripted {
    fn post(&self, request: &HttpRequest<'_>) -> Answer {
        assert_eq!(request.connect_timeout, Duration::from_secs(5));
        assert_eq!(request.timeout, Duration::from_secs(10));
        assert_eq!(request.content_type, "application/json");
        let agent = concat!("psmdb-telemetry/", env!("CARGO_PKG_VERSION"));
        assert_eq!(request.user_agent, agent);
        self.requests.lock().unwrap().push(format!("{} {}", request.url, request.body));
        self.answers.lock().unwrap().remove(0)
    }
}

fn offer(world: &World, answers: Vec<Answer>) -> Arc<Scripted> {
    let client = Scripted { answers: Mutex::new(answers), requests: Mutex::default() };
    let client = Arc::new(client);
    *world.host.client.lock().unwrap() = Some(client.clone());
    client
}

fn answer(status: u16, retry_after: Option<&str>) -> HttpResponse {
    HttpResponse { status, retry_after: retry_after.map(str::to_owned) }
}

#[test]
fn it_is_used_and_its_answers_are_understood() {
    let world = World::new();
    let answers =
        vec![Err("no route".to_owned()), Ok(answer(503, Some("600"))), Ok(answer(204, None))];
    let client = offer(&world, answers);
    let telemetry = world.started("https://check.example/report");
    world.host.wait_for("Telemetry report delivered");
    assert_eq!(world.clock.waits()[1].as_secs(), 825, "asked for, and jitter");
    assert!(world.host.wait_for("will retry").contains("no route"));
    stop(&telemetry);
    let requests = client.requests.lock().unwrap();
    assert_eq!(requests.len(), 3);
    assert!(requests[0].starts_with("https://check.example/report {\"reports\":[{"));
    assert!(requests.iter().all(|request| *request == requests[0]));
}

#[test]
fn no_answer_without_a_reason_is_told_in_words_of_ours() {
    let world = World::new();
    offer(&world, vec![Err(String::new()), Ok(answer(200, None))]);
    let telemetry = world.started("https://check.example/report");
    world.host.wait_for("will retry error=\"server's HTTP client got no response\"");
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
}

#[test]
fn what_it_reports_as_a_refusal_is_one() {
    let world = World::new();
    offer(&world, vec![Ok(answer(403, None))]);
    let telemetry = world.started("https://check.example/report");
    assert_eq!(wait_for(&telemetry, "gaveUp")["attempts"], 1);
    stop(&telemetry);
}

#[test]
fn what_it_delivers_while_it_is_switched_off_is_written_down() {
    /// Is switched off in the middle of a call that succeeds all the same.
    struct Overtaken(Mutex<Option<std::sync::Weak<Telemetry>>>);
    impl HttpClient for Overtaken {
        fn post(&self, _request: &HttpRequest<'_>) -> Answer {
            let telemetry = self.0.lock().unwrap().take().unwrap().upgrade().unwrap();
            telemetry.set("perconaTelemetry", "false", When::Runtime).unwrap();
            Ok(answer(200, None))
        }
    }
    let world = World::new();
    let client = Arc::new(Overtaken(Mutex::default()));
    *world.host.client.lock().unwrap() = Some(client.clone());
    let telemetry = Arc::new(world.reporting_to("https://check.example/report"));
    *client.0.lock().unwrap() = Some(Arc::downgrade(&telemetry));
    world.start(&telemetry);
    world.host.wait_for("Telemetry report delivered");
    stop(&telemetry);
    assert_eq!(world.value("PRODUCT_FAMILY_PSMDB").as_deref(), Some("1"));
    assert_eq!(world.value("optOut").as_deref(), Some("1"));
    assert_eq!(status(&telemetry)["state"], "off");
}

#[test]
fn a_panic_in_it_switches_telemetry_off() {
    let world = World::new();
    offer(&world, vec![]);
    let telemetry = world.started("https://check.example/report");
    let line = world.host.wait_for("Telemetry disabled after an internal error");
    assert!(line.contains("removal index"), "{line}");
    let status = status(&telemetry);
    assert_eq!((&status["enabled"], &status["state"]), (&false.into(), &"failed".into()));
    stop(&telemetry);
    assert_eq!(world.host.warnings().len(), 1);
}

#[test]
fn a_certificate_that_it_refuses_is_told_with_the_cas_that_it_knows() {
    const HINT: &str = "ignores SSL_CERT_FILE and SSL_CERT_DIR";
    let error_of = |world: &World, why: &str| {
        offer(world, vec![Err(why.to_owned())]);
        world.clock.hold();
        let telemetry = world.started("https://check.example/report");
        let error = wait_for(&telemetry, "retrying")["lastError"].as_str().unwrap().to_owned();
        stop(&telemetry);
        error
    };
    let refused = "SSL peer certificate or SSH remote key was not OK";
    for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        let error = error_of(&World::new().with(variable, "/own/ca"), refused);
        assert!(error.starts_with(refused) && error.ends_with(HINT), "{error}");
    }
    assert_eq!(error_of(&World::new(), refused), refused);
    let elsewhere = World::new().with("SSL_CERT_FILE", "/own/ca");
    assert_eq!(error_of(&elsewhere, "Couldn't connect to server"), "Couldn't connect to server");
}

#[test]
fn plain_http_is_not_handed_to_a_client_that_would_use_a_proxy() {
    for variable in ["http_proxy", "all_proxy", "ALL_PROXY"] {
        let world = World::new().with(variable, "http://proxy.example:3128");
        let client = offer(&world, vec![Ok(answer(200, None))]);
        let telemetry = world.started("http://127.0.0.1:8080/report");
        let status = wait_for(&telemetry, "failed");
        assert!(status["lastError"].as_str().unwrap().contains("add the host to no_proxy"));
        stop(&telemetry);
        assert!(client.requests.lock().unwrap().is_empty());

        let world = World::new()
            .with(variable, "http://proxy.example:3128")
            .with("no_proxy", "localhost 127.0.0.0/8");
        offer(&world, vec![Ok(answer(200, None))]);
        let telemetry = world.started("http://127.0.0.1:8080/report");
        wait_for(&telemetry, "sent");
        stop(&telemetry);
    }
}

#[test]
fn a_query_in_the_url_is_shown_to_nobody() {
    const URL: &str = "https://check.example/path?token=secret";
    let world = World::new();
    offer(&world, vec![Err(format!("no route to {URL}")), Ok(answer(200, None))]);
    let telemetry = world.started(URL);
    world.host.wait_for("no route to https://check.example/path?…");
    wait_for(&telemetry, "sent");
    let url = telemetry.get("perconaTelemetryUrl").unwrap();
    assert_eq!(url, "\"https://check.example/path?…\"");
    let said = telemetry.get("perconaTelemetryStatus").unwrap() + &world.host.lines().join("\n");
    assert!(said.contains("?…") && !said.contains("secret"), "{said}");
    stop(&telemetry);
}

#[test]
fn a_refusal_is_logged_also_after_a_failure() {
    let world = World::new();
    offer(&world, vec![Ok(answer(503, None)), Ok(answer(400, None))]);
    let telemetry = world.started("https://check.example/");
    wait_for(&telemetry, "gaveUp");
    stop(&telemetry);
    let lines = world.host.lines();
    assert!(lines.len() == 3 && lines[1].contains("will retry error"), "{lines:?}");
    assert!(lines[2].contains("refused, will retry after a restart"), "{lines:?}");
}
