//! Pictures as plain SVG: requests per second over time, a panel for each policy, on the same scales.

use std::fmt::Write;

use crate::model::scenarios::Scenario;
use crate::model::time::{HOUR, MINUTE, Millis, SECOND};
use crate::table::count;

const WIDTH: f64 = 860.0;
const PANEL: f64 = 170.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 840.0;
const TOP: f64 = 56.0;
const GAP: f64 = 34.0;
/// Points of a line.
const POINTS: Millis = 720;
/// The lowest rate that is drawn; the scale is logarithmic.
const LOWEST: f64 = 0.3;

/// None for a scenario that has no picture.
pub fn over_time(scenario: &Scenario, loads: &[(&str, Vec<u32>)]) -> Option<String> {
    let shown = scenario.shown?;
    let panels: Vec<_> =
        loads.iter().map(|(name, seconds)| (*name, rates(seconds, shown))).collect();
    let peak = panels.iter().flat_map(|(_, points)| points).fold(0.0, |a: f64, (_, b)| a.max(*b));
    let bottom = TOP + panels.len() as f64 * (PANEL + GAP);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {}\" \
         font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"22\" font-size=\"15\">{}</text>\n",
        bottom + 12.0,
        scenario.title
    );
    let (unit, name, steps) = if shown.1 - shown.0 <= 3 * HOUR {
        (MINUTE, "minutes", [5, 15, 30, 60])
    } else {
        (HOUR, "hours", [1, 3, 6, 24])
    };
    text(&mut svg, (LEFT, 40.0), "start", "requests per second");
    text(&mut svg, (f64::midpoint(LEFT, RIGHT), bottom + 4.0), "middle", name);

    let x =
        |time: Millis| LEFT + (time - shown.0) as f64 / (shown.1 - shown.0) as f64 * (RIGHT - LEFT);
    let up = |rate: f64| (rate.max(LOWEST) / LOWEST).ln() / (peak * 1.5 / LOWEST).ln() * PANEL;
    let span = (shown.1 - shown.0) / unit;
    let step = steps.into_iter().find(|step| span / step <= 13).unwrap_or(24);
    for (index, (name, points)) in panels.iter().enumerate() {
        let top = TOP + index as f64 * (PANEL + GAP);
        let bottom = top + PANEL;
        if let Some(trouble) = scenario.endpoint.trouble {
            let (from, width) = (x(trouble.from), x(trouble.until) - x(trouble.from));
            let _ = writeln!(
                svg,
                "<rect x=\"{from:.1}\" y=\"{top}\" width=\"{width:.1}\" height=\"{PANEL}\" \
                 fill=\"#f3dcd2\"/>"
            );
        }
        for rate in [1_u32, 10, 100, 1000, 10_000, 100_000] {
            let y = bottom - up(rate.into());
            if y > top {
                line(&mut svg, &format!("M{LEFT} {y:.1}H{RIGHT}"), "#ddd");
                text(&mut svg, (LEFT - 6.0, y + 4.0), "end", &count(rate.into()));
            }
        }
        line(&mut svg, &format!("M{LEFT} {bottom}H{RIGHT}"), "#999");
        for tick in (shown.0 / unit..=shown.1 / unit).filter(|tick| tick % step == 0) {
            let at = x((tick * unit).max(shown.0));
            line(&mut svg, &format!("M{at:.1} {bottom}v4"), "#999");
            text(&mut svg, (at, bottom + 17.0), "middle", &tick.to_string());
        }
        let line_to =
            |(time, rate): &(Millis, f64)| format!("{:.1} {:.1}", x(*time), bottom - up(*rate));
        let path: Vec<_> = points.iter().map(line_to).collect();
        line(&mut svg, &format!("M{}", path.join("L")), "#1c5d99");
        text(&mut svg, (RIGHT - 4.0, top + 14.0), "end", name);
    }
    Some(svg + "</svg>\n")
}

/// The mean of each step, at its middle.
fn rates(seconds: &[u32], (from, until): (Millis, Millis)) -> Vec<(Millis, f64)> {
    let step = ((until - from) / POINTS / SECOND).max(1);
    let seconds = &seconds[(from / SECOND) as usize..(until / SECOND) as usize];
    let steps = (0..).zip(seconds.chunks(step as usize));
    steps
        .map(|(index, seconds)| {
            let requests: u32 = seconds.iter().sum();
            let middle = from + (2 * index + 1) * step * SECOND / 2;
            (middle.min(until), f64::from(requests) / seconds.len() as f64)
        })
        .collect()
}

fn line(svg: &mut String, path: &str, colour: &str) {
    let _ = writeln!(svg, "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\"/>");
}

fn text(svg: &mut String, (x, y): (f64, f64), anchor: &str, words: &str) {
    let _ =
        writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>");
}
