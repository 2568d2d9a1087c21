//! What a million servers send: the library's retry policy on a virtual clock.
//!
//!     cargo run --release --example fleet -- [--svg DIR] [--delays SECONDS,…] [--seed N]
//!
//! prints the tables of `docs/fleet.md`. `--svg` draws its pictures into a folder; `--delays` tries
//! other numbers than the library's.

#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)]

mod model;
mod pictures;
mod table;

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use model::endpoint::Answer;
use model::policy::{FirstDesign, Policy};
use model::scenarios;
use model::time::MINUTE;
use psmdb_telemetry::delivery::retry::Schedule;

struct Options {
    pictures: Option<PathBuf>,
    schedule: Schedule,
    seed: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    println!("seed {}; delays now up to {:?}\n", options.seed, options.schedule.delays);
    let policies: [(&str, &dyn Policy); 2] =
        [("first design", &FirstDesign), ("now", &options.schedule)];

    for scenario in scenarios::all() {
        let (mut loads, mut columns) = (Vec::new(), Vec::new());
        for (name, policy) in policies {
            let (history, figures) = scenario.run(policy, options.seed);
            loads.push((name, history.seconds));
            columns.push((name, figures));
        }
        println!("{}", table::table(scenario.title, &scenario.endpoint, &columns));
        let svg = pictures::over_time(&scenario, &loads);
        if let (Some(folder), Some(svg)) = (&options.pictures, svg) {
            std::fs::write(folder.join(format!("{}.svg", scenario.name)), svg)?;
        }
    }
    print_by_length(&policies, options.seed);
    Ok(())
}

/// Prints how steep the recovery from outages of many lengths is.
fn print_by_length(policies: &[(&str, &dyn Policy)], seed: u64) {
    let names: Vec<_> = policies.iter().map(|(name, _)| *name).collect();
    println!("| length of the outage | {} |", names.join(" | "));
    println!("| --- |{}", " ---: |".repeat(names.len()));
    for minutes in [5, 10, 15, 30, 60, 120, 180, 240, 300, 360, 480, 720, 1440, 2880, 4320] {
        let scenario = scenarios::trouble_of(minutes * MINUTE, Answer::Silence);
        let cells = policies.iter().map(|(_, policy)| {
            let (_, figures) = scenario.run(*policy, seed);
            let ratio = figures.after.map_or(f64::NAN, |after| after.recovery.peak_over_mean());
            format!("{ratio:.2}")
        });
        let cells = cells.collect::<Vec<_>>().join(" | ");
        println!("| {} | {cells} |", table::duration(minutes * MINUTE));
    }
}

fn options() -> Result<Options, Box<dyn Error>> {
    let mut options = Options { pictures: None, schedule: Schedule::default(), seed: 4426 };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} takes a value"))?;
        match name.as_str() {
            "--svg" => options.pictures = Some(value.into()),
            "--seed" => options.seed = value.parse()?,
            "--delays" => {
                let seconds = value.split(',').map(str::parse);
                let delays: Vec<_> =
                    seconds.map(|s| s.map(Duration::from_secs)).collect::<Result<_, _>>()?;
                options.schedule = Schedule { delays: delays.leak() };
            }
            _ => return Err(format!("{name} is none of --svg, --delays, --seed").into()),
        }
    }
    Ok(options)
}
