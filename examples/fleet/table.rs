//! Figures as Markdown.

use crate::model::endpoint::Endpoint;
use crate::model::figures::{Aftermath, Figures};
use crate::model::time::{DAY, HOUR, MINUTE, Millis, SECOND};

/// One scenario under several policies, side by side.
pub fn table(title: &str, endpoint: &Endpoint, columns: &[(&str, Figures)]) -> String {
    let mut rows = vec![row("", columns, |(name, _)| (*name).to_owned())];
    rows.push(format!("| --- |{}", " ---: |".repeat(columns.len())));
    let mut add = |name: &str, cell: &dyn Fn(&Figures) -> String| {
        rows.push(row(name, columns, |(_, figures)| cell(figures)));
    };
    add("reports received", &|f| count(f.reports as u64));
    add("requests", &|f| count(f.requests));
    add("requests per report; the most of one instance", &|f| {
        let average = f.requests_per_report();
        let average = if average.is_finite() { format!("{average:.2}") } else { "–".to_owned() };
        format!("{average}; {}", count(f.most_requests.into()))
    });
    add("duplicates by `id`; answers lost", &|f| {
        format!("{}; {}", count(f.duplicates), count(f.lost_answers))
    });
    add("busiest second; busiest minute, per second", &|f| {
        format!("{}; {}", count(f.busiest_second.into()), rate(f.rate.peak))
    });
    add("peak over mean", &|f| format!("{:.2}", f.rate.peak_over_mean()));
    add("99.9 % have reported, after their first start", &|f| within(f.reported_within));
    if columns.iter().any(|(_, f)| f.after.is_some()) {
        let after = |cell: fn(&Aftermath) -> String| {
            move |f: &Figures| f.after.as_ref().map_or_else(String::new, cell)
        };
        add("waiting when it ends", &after(|a| count(a.waiting as u64)));
        add("99.9 % of them have reported, after its end", &after(|a| within(a.reported_within)));
        if endpoint.trouble.is_some() {
            add(
                "recovery: busiest minute; mean, per second",
                &after(|a| format!("{}; {}", rate(a.recovery.peak), rate(a.recovery.mean))),
            );
            add(
                "recovery: peak over mean",
                &after(|a| format!("**{:.2}**", a.recovery.peak_over_mean())),
            );
        } else {
            add("busiest minute after the first, per second", &after(|a| rate(a.recovery.peak)));
        }
    }
    add("thrown away before they could report", &|f| count(f.thrown_away as u64));
    add("forgotten until a restart", &|f| format!("**{}**", count(f.forgotten as u64)));
    format!("### {title}\n\n{}\n", rows.join("\n"))
}

fn row<T>(name: &str, columns: &[T], cell: impl Fn(&T) -> String) -> String {
    let cells: Vec<_> = columns.iter().map(cell).collect();
    format!("| {name} | {} |", cells.join(" | "))
}

/// 1,234,567.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub fn rate(per_second: f64) -> String {
    if per_second < 100.0 { format!("{per_second:.2}") } else { count(per_second.round() as u64) }
}

fn within(time: Option<Millis>) -> String {
    time.map_or_else(|| "not in this run".to_owned(), duration)
}

pub fn duration(time: Millis) -> String {
    let in_units = |unit: Millis, name| format!("{:.1} {name}", time as f64 / unit as f64);
    match time {
        0..SECOND => "at once".to_owned(),
        SECOND..MINUTE => in_units(SECOND, "s"),
        MINUTE..HOUR => in_units(MINUTE, "min"),
        HOUR..=DAY => in_units(HOUR, "h"),
        _ => in_units(DAY, "days"),
    }
}
