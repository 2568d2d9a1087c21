//! Any bytes as `telemetry_uuid`: what becomes of them from one start of the server to the next.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use psmdb_telemetry::instance::{CORRUPT_NAME, FILE_NAME, Record};
use psmdb_telemetry::report::Report;
use psmdb_telemetry_fuzz::{
    Server, check_body, foreign, instance_id, is_opted_out, is_reported, without_torn_mark,
};

fuzz_target!(|file: &[u8]| {
    let server = Server::default();
    std::fs::write(server.path(FILE_NAME), file).expect("the file is written");
    the_first_start_does_what_the_file_says(&server, file);
    an_opt_out_lasts_and_an_opt_in_ends_it(&server);
    assert!(server.waited() <= 2 * DAY, "deferred for {:?}", server.waited());
});

const DAY: Duration = Duration::from_hours(24);

fn the_first_start_does_what_the_file_says(server: &Server, file: &[u8]) {
    let status = server.run(None);
    let now = server.file(FILE_NAME).expect("the file is there");
    let sent = server.sent.take();
    if is_opted_out(file) {
        assert_eq!((status["state"].as_str(), sent.len()), (Some("off"), 0));
        assert_eq!(now, file, "off leaves the file alone");
        return;
    }
    assert_eq!(status["state"], "sent", "{status}");
    match instance_id(file) {
        None => assert_eq!(server.file(CORRUPT_NAME).as_deref(), Some(file)),
        Some(id) => {
            assert_eq!(status["instanceId"], id);
            let is_left_over =
                Report::stored_in(&Record::parse(file)).is_some() && !is_reported(file);
            let kept = if is_left_over { without_torn_mark(file) } else { file };
            assert_eq!(foreign(&now), foreign(kept));
            if is_reported(file) {
                assert_eq!((now.as_slice(), sent.len()), (file, 0), "nothing is left to do");
                return;
            }
        }
    }
    let [body] = sent.as_slice() else { panic!("{} reports", sent.len()) };
    check_body(body, &instance_id(&now).expect("an id"));
    let stored = Report::stored_in(&Record::parse(file)).map(|report| report.body());
    assert!(stored.is_none_or(|stored| stored == *body), "the stored report is sent");
    assert!(is_reported(&now));
}

fn an_opt_out_lasts_and_an_opt_in_ends_it(server: &Server) {
    let now = || server.file(FILE_NAME).expect("the file is there");
    let before = now();
    server.run(Some(false));
    let opted_out = now();
    assert!(is_opted_out(&opted_out) && instance_id(&opted_out) == instance_id(&before));
    assert_eq!(foreign(&opted_out), foreign(&before));

    assert_eq!(server.run(None)["decidedBy"], "optOut in telemetry_uuid");
    assert_eq!((now(), server.sent.take().len()), (opted_out, 0));

    server.run(Some(true));
    assert!(!is_opted_out(&now()) && is_reported(&now()));
    assert_eq!(foreign(&now()), foreign(&before));
    let due = !is_reported(&before) || instance_id(&before).is_none();
    assert_eq!(server.sent.take().len(), usize::from(due));
}
