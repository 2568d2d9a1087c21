//! Any bytes as `telemetry_uuid`: what the library reads in them, and what is left of them when it
//! writes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use psmdb_telemetry::environment::Text;
use psmdb_telemetry::instance::{FILE_NAME, LoadResult, Record, Store};
use psmdb_telemetry::report::{InstallationInfo, Report};
use psmdb_telemetry_fuzz::{
    check_body, foreign, instance_id, is_opted_out, is_reported, noon, report_of, values,
};
use tempfile::TempDir;

fuzz_target!(|file: &[u8]| {
    a_change_keeps_what_is_foreign(file);
    the_store_reads_what_it_wrote(&TempDir::new().expect("a temporary folder"), file);
});

fn a_change_keeps_what_is_foreign(file: &[u8]) {
    let mut record = Record::parse(file);
    let mut whole = file.to_vec();
    if !file.is_empty() && !file.ends_with(b"\n") {
        whole.push(b'\n');
    }
    assert_eq!(record.to_bytes(), whole, "unchanged, it is written as it was read");
    assert_eq!(record.instance_id().map(|id| id.to_string()), instance_id(file));
    assert_eq!(record.is_opted_out(), is_opted_out(file));
    assert_eq!(record.is_reported(), is_reported(file));
    if let Some(report) = Report::stored_in(&record) {
        check_body(&report.body(), &report.instance_id.to_string());
    }

    let kept = foreign(file);
    let check = |record: &Record, key: &str, times: usize| {
        let bytes = record.to_bytes();
        assert_eq!(foreign(&bytes), kept);
        assert_eq!(values(&bytes, key).len(), times, "{key}");
        assert_eq!(&Record::parse(&bytes), record, "what is written is read back");
    };
    let report = a_report();
    report.store_in(&mut record);
    check(&record, "instanceId", 1);
    assert_eq!((Report::stored_in(&record), record.is_reported()), (Some(report), false));
    let later = noon();
    record.set_next_attempt(later);
    check(&record, "nextAttempt", 1);
    assert_eq!(record.next_attempt(), Some(later));
    record.set_reported(later);
    check(&record, "nextAttempt", 0);
    assert_eq!((record.sent_at(), record.is_reported()), (Some(later), true));
    for (opted_out, times) in [(true, 1), (false, 0)] {
        record.set_opted_out(opted_out);
        check(&record, "optOut", times);
        assert_eq!(record.is_opted_out(), opted_out);
    }
}

fn a_report() -> Report {
    let text = |raw| Text::clean(raw).expect("text");
    report_of(InstallationInfo {
        deployment: text("PACKAGE"),
        pillar_version: text("4.4.26-25"),
        os: text("Name: with a colon"),
        hardware_arch: text("x86_64 x86_64"),
    })
}

fn the_store_reads_what_it_wrote(dbpath: &TempDir, file: &[u8]) {
    let store = Store::open(dbpath.path()).expect("the dbpath opens");
    std::fs::write(dbpath.path().join(FILE_NAME), file).expect("the file is written");
    let known = instance_id(file).is_some() || is_opted_out(file);
    let mut record = match store.load().expect("the file is read") {
        LoadResult::Record(record) if known => record,
        LoadResult::Corrupt(_) if !known => Record::default(),
        other => panic!("{other:?}"),
    };
    a_report().store_in(&mut record);
    store.save(&record).expect("the record is saved");
    match store.load().expect("the file is read") {
        LoadResult::Record(read) => assert_eq!(read, record),
        other => panic!("{other:?}"),
    }
}
