//! Which pictures are made.

use crate::model::scenarios::Scenario;
use crate::model::time::{DAY, HOUR, MINUTE, Millis, SECOND};
use crate::picture::{Axis, Picture};
use crate::table::{count, duration};

/// Requests per second over time, for each policy.
pub fn over_time(scenario: &Scenario, loads: &[(&str, Vec<u32>)]) -> Option<String> {
    let (from, until) = scenario.shown?;
    let span = until - from;
    let step = match span {
        _ if span <= HOUR => 5 * SECOND,
        _ if span <= DAY => 15 * SECOND,
        _ if span <= 3 * DAY => 3 * MINUTE,
        _ => 15 * MINUTE,
    };
    let panels: Vec<_> =
        loads.iter().map(|(name, seconds)| (*name, rates(seconds, (from, until), step))).collect();
    let peak = panels.iter().flat_map(|(_, points)| points).fold(0.0, |a: f64, (_, b)| a.max(*b));
    let trouble = scenario.endpoint.trouble;
    Some(
        Picture {
            title: scenario.title,
            x: time_axis((from, until)),
            y: rate_axis(peak),
            shaded: trouble.map(|t| (t.from as f64, t.until as f64)),
            mark: None,
            panels,
        }
        .to_svg(),
    )
}

fn rates(seconds: &[u32], (from, until): (Millis, Millis), step: Millis) -> Vec<(f64, f64)> {
    let seconds = &seconds[(from / SECOND) as usize..(until / SECOND) as usize];
    let steps = seconds.chunks((step / SECOND) as usize).enumerate();
    steps
        .map(|(index, seconds)| {
            let middle = from + step * index as Millis + step / 2;
            let requests: u32 = seconds.iter().sum();
            (middle as f64, f64::from(requests) / seconds.len() as f64)
        })
        .collect()
}

/// In hours, or in minutes where that is enough.
fn time_axis((from, until): (Millis, Millis)) -> Axis {
    let (unit, name, steps) = if until - from <= 3 * HOUR {
        (MINUTE, "minutes", [5, 15, 30, 60])
    } else {
        (HOUR, "hours", [1, 3, 6, 24])
    };
    let (first, last) = (from / unit, until / unit);
    let step = steps.into_iter().find(|step| (last - first) / step <= 13).unwrap_or(24);
    let ticks = (first.next_multiple_of(step)..=last).step_by(step as usize);
    let ticks = ticks.map(|value| ((value * unit) as f64, value.to_string())).collect();
    Axis { name, from: from as f64, to: until as f64, logarithmic: false, ticks }
}

/// Logarithmic where a rush would flatten all else.
fn rate_axis(peak: f64) -> Axis {
    let name = "requests per second";
    if peak > 200.0 {
        let ticks =
            [1_u32, 10, 100, 1000, 10_000, 100_000].into_iter().filter(|n| f64::from(*n) < peak);
        let ticks = ticks.map(|n| (f64::from(n), count(n.into()))).collect();
        return Axis { name, from: 0.3, to: peak * 1.5, logarithmic: true, ticks };
    }
    let step = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0].into_iter().find(|step| peak / step <= 6.0);
    let step = step.unwrap_or(100.0);
    let ticks = (0..).map(|n| f64::from(n) * step).take_while(|value| *value <= peak);
    let ticks = ticks.map(|value| (value, value.to_string())).collect();
    Axis { name, from: 0.0, to: peak * 1.15, logarithmic: false, ticks }
}

/// The peak of a recovery over its mean, by the length of the outage.
pub fn over_lengths(panels: Vec<(&str, Vec<(f64, f64)>)>) -> String {
    let lengths = [5, 15, 60, 240, 720, 1440, 4320_u64];
    let ticks = lengths.map(|m| (m as f64, duration(m * MINUTE).replace(".0", "")));
    let highest =
        panels.iter().flat_map(|(_, points)| points).fold(0.0, |a: f64, (_, b)| a.max(*b));
    Picture {
        title: "After an outage: the busiest minute, compared with the mean of the recovery",
        x: Axis {
            name: "length of the outage",
            from: 5.0,
            to: 4320.0,
            logarithmic: true,
            ticks: ticks.into(),
        },
        y: Axis {
            name: "peak over mean",
            from: 0.0,
            to: highest * 1.15,
            logarithmic: false,
            ticks: (0..7).map(f64::from).map(|n| (n, n.to_string())).collect(),
        },
        shaded: None,
        mark: Some((3.0, "the limit")),
        panels,
    }
    .to_svg()
}
