//! A server that offers its own HTTP client. (All that the client is given: `cpp/host_client.cc`.)

mod support;

use std::sync::{Arc, Mutex, OnceLock, Weak};

use psmdb_telemetry::host::{HttpClient, HttpRequest, HttpResponse};
use support::{Server, UNREPORTED, World};

const URL: &str = "https://check.example/report";
const PLAIN: &str = "http://127.0.0.1:8080?report";

type Answer = Result<HttpResponse, String>;

struct Scripted {
    answers: Mutex<Vec<Answer>>,
    requests: Mutex<Vec<String>>,
}

impl HttpClient for Scripted {
    fn post(&self, request: &HttpRequest<'_>) -> Answer {
        self.requests.lock().unwrap().push(format!("{} {}", request.url, request.body));
        self.answers.lock().unwrap().remove(0)
    }
}

fn offer(world: &World, answers: Vec<Answer>) -> Arc<Scripted> {
    let (answers, requests) = (Mutex::new(answers), Mutex::default());
    let client = Arc::new(Scripted { answers, requests });
    world.host.offer(client.clone());
    client
}

fn answer(status: u16) -> HttpResponse {
    HttpResponse { status, retry_after: None }
}

#[test]
fn it_is_used_and_its_answers_are_understood() {
    let world = World::new();
    let busy = Ok(HttpResponse { status: 503, retry_after: Some("600".to_owned()) });
    let client = offer(&world, vec![Err("no route".to_owned()), busy, Ok(answer(204))]);
    world.run_to(URL).delivers();
    assert_eq!(world.clock.waits()[1].as_secs(), 825, "asked for, and jitter");
    assert!(world.host.wait_for("will retry").contains("no route"));
    let requests = client.requests.lock().unwrap();
    assert_eq!(requests.len(), 3);
    assert!(requests[0].starts_with("https://check.example/report {\"reports\":[{"));
    assert!(requests.iter().all(|request| *request == requests[0]));
}

#[test]
fn no_answer_without_a_reason_is_given_one() {
    let world = World::new();
    offer(&world, vec![Err(String::new()), Ok(answer(200))]);
    let server = world.run_to(URL);
    server.logs("will retry error=\"server's HTTP client got no response\"");
    server.delivers();
}

#[test]
fn what_it_reports_as_a_refusal_is_one_and_is_logged_also_after_a_failure() {
    let world = World::new();
    offer(&world, vec![Ok(answer(503)), Ok(answer(403))]);
    assert_eq!(world.run_to(URL).ends("gaveUp")["attempts"], 2);
    let lines = world.host.lines();
    assert!(lines.len() == 3 && lines[1].contains("will retry error"), "{lines:?}");
    assert!(lines[2].contains("refused, will retry after a restart"), "{lines:?}");
}

#[test]
fn what_it_delivers_while_it_is_switched_off_is_written_down() {
    /// Is switched off in the middle of a call that succeeds all the same.
    #[derive(Default)]
    struct Overtaken(OnceLock<Weak<Server>>);
    impl HttpClient for Overtaken {
        fn post(&self, _request: &HttpRequest<'_>) -> Answer {
            self.0.wait().upgrade().unwrap().switch(false);
            Ok(answer(200))
        }
    }
    let world = World::new();
    let client = Arc::new(Overtaken::default());
    world.host.offer(client.clone());
    let server = Arc::new(world.run_to(URL));
    client.0.set(Arc::downgrade(&server)).unwrap_or_else(|_| panic!("set once"));
    server.delivers();
    assert!(world.is_reported() && world.is_opted_out());
    assert_eq!(server.status()["state"], "off");
}

#[test]
fn a_certificate_that_it_refuses_is_reported_with_the_cas_that_it_knows() {
    const HINT: &str = "ignores SSL_CERT_FILE and SSL_CERT_DIR";
    let error_of = |world: &World, why: &str| {
        offer(world, vec![Err(why.to_owned())]);
        world.clock.hold();
        world.run_to(URL).ends("retrying")["lastError"].as_str().unwrap().to_owned()
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
        // Not every libcurl understands networks, or a list without commas.
        for list in ["", "127.0.0.0/8", "localhost 127.0.0.1"] {
            let world = World::new().with(variable, "http://proxy.example:3128");
            let world = world.with("no_proxy", list);
            let client = offer(&world, vec![Ok(answer(200))]);
            let error = world.run_to(PLAIN).ends("failed")["lastError"].to_string();
            assert!(error.contains("add the host to no_proxy"), "{error}");
            assert!(client.requests.lock().unwrap().is_empty());
            world.with("no_proxy", "localhost, 127.0.0.1").run_to(PLAIN).delivers();
        }
    }
}

#[test]
fn once_the_proxy_is_exempt_the_next_start_need_not_wait() {
    let world = World::new().with("http_proxy", "http://proxy.example:3128");
    let world = world.containing(UNREPORTED);
    offer(&world, vec![Ok(answer(200))]);
    world.run_to(PLAIN).ends("failed");
    assert_eq!(world.value("nextAttempt"), None);
    world.with("no_proxy", "127.0.0.1").run_to(PLAIN).delivers();
}

#[test]
fn a_query_in_the_url_is_shown_to_nobody() {
    const SECRET: &str = "https://check.example/path?token=secret";
    let world = World::new();
    offer(&world, vec![Err(format!("no route to {SECRET}")), Ok(answer(200))]);
    let server = world.run_to(SECRET);
    server.logs("no route to https://check.example/path?…");
    server.delivers();
    let url = server.telemetry.get(support::URL).unwrap();
    assert_eq!(url, "\"https://check.example/path?…\"");
    let status = server.telemetry.get("perconaTelemetryStatus").unwrap();
    let said = status + &world.host.lines().join("\n");
    assert!(said.contains("?…") && !said.contains("secret"), "{said}");
}
