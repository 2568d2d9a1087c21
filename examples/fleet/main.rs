//! What a million servers send: the library's retry policy on a virtual clock.
//!
//!     cargo run --release --example fleet -- [SECONDS,…]
//!
//! prints the table of `docs/fleet.md`; with seconds, for a schedule of these delays.

mod model;

use std::time::Duration;

use model::scenarios;
use model::time::words;
use psmdb_telemetry::delivery::retry::Schedule;

fn main() -> Result<(), String> {
    let schedule = schedule()?;
    println!("delays up to {:?}\n", schedule.delays);
    println!(
        "| scenario | requests per instance; the most | duplicates | recovery: busiest minute, per second; \
         over its mean | 99.9 % have reported within |\n| --- | ---: | ---: | ---: | ---: |"
    );
    for scenario in scenarios::all() {
        let figures = scenario.run(&schedule);
        let recovery =
            figures.recovery.map(|r| format!("{:.1}; {:.2}", r.peak, r.peak_over_mean()));
        println!(
            "| {} | {:.2}; {} | {} | {} | {} |",
            scenario.title,
            figures.requests_per_instance,
            figures.most_requests,
            figures.duplicates,
            recovery.unwrap_or_default(),
            figures.reported_within.map(words).unwrap_or_default(),
        );
    }
    Ok(())
}

fn schedule() -> Result<Schedule, String> {
    let Some(list) = std::env::args().nth(1) else { return Ok(Schedule::default()) };
    let delays = list.split(',').map(|seconds| seconds.parse().map(Duration::from_secs));
    let delays = delays.collect::<Result<Vec<_>, _>>();
    let delays = delays.map_err(|e| format!("{list}: {e}; expected seconds: 300,14400,86400"))?;
    Ok(Schedule { delays: delays.leak() })
}
