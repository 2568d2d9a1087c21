//! Pictures as plain SVG: panels one above the other, on the same scales.

use std::fmt::Write;

const WIDTH: f64 = 860.0;
const PANEL: f64 = 170.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 56.0;
const GAP: f64 = 34.0;
const BOTTOM: f64 = 46.0;

pub struct Picture<'a> {
    pub title: &'a str,
    pub x: Axis,
    pub y: Axis,
    /// A time of trouble.
    pub shaded: Option<(f64, f64)>,
    /// A height to compare with, and what it is.
    pub mark: Option<(f64, &'a str)>,
    pub panels: Vec<(&'a str, Vec<(f64, f64)>)>,
}

pub struct Axis {
    pub name: &'static str,
    pub from: f64,
    pub to: f64,
    pub logarithmic: bool,
    /// Where a value is written, and how.
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// A place from 0 to 1.
    fn place(&self, value: f64) -> f64 {
        let scale = |value: f64| if self.logarithmic { value.ln() } else { value };
        let value = value.clamp(self.from, self.to);
        (scale(value) - scale(self.from)) / (scale(self.to) - scale(self.from))
    }
}

impl Picture<'_> {
    pub fn to_svg(&self) -> String {
        let height = TOP + self.panels.len() as f64 * (PANEL + GAP) - GAP + BOTTOM;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
             font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
             <text x=\"{LEFT}\" y=\"22\" font-size=\"15\">{}</text>\n",
            self.title
        );
        for (index, (name, points)) in self.panels.iter().enumerate() {
            self.panel(&mut svg, TOP + index as f64 * (PANEL + GAP), name, points);
        }
        let middle = LEFT + (WIDTH - LEFT - RIGHT) / 2.0;
        let bottom = height - 8.0;
        text(&mut svg, (middle, bottom), "middle", self.x.name);
        text(&mut svg, (LEFT, 40.0), "start", self.y.name);
        svg + "</svg>\n"
    }

    fn panel(&self, svg: &mut String, top: f64, name: &str, points: &[(f64, f64)]) {
        let bottom = top + PANEL;
        let right = WIDTH - RIGHT;
        let x = |value| LEFT + self.x.place(value) * (right - LEFT);
        let y = |value| bottom - self.y.place(value) * PANEL;
        if let Some((from, until)) = self.shaded {
            let (from, width) = (x(from), x(until) - x(from));
            put(
                svg,
                &format!(
                    "<rect x=\"{from:.1}\" y=\"{top}\" width=\"{width:.1}\" height=\"{PANEL}\" \
                 fill=\"#f3dcd2\"/>"
                ),
            );
        }
        for (value, label) in &self.y.ticks {
            line(svg, (LEFT, y(*value)), (right, y(*value)), "#ddd");
            text(svg, (LEFT - 6.0, y(*value) + 4.0), "end", label);
        }
        for (value, label) in &self.x.ticks {
            line(svg, (x(*value), bottom), (x(*value), bottom + 4.0), "#999");
            text(svg, (x(*value), bottom + 17.0), "middle", label);
        }
        let mut path = String::new();
        for (at, value) in points {
            let command = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{command}{:.1} {:.1}", x(*at), y(*value));
        }
        put(
            svg,
            &format!("<path d=\"{path}\" fill=\"none\" stroke=\"#1c5d99\" stroke-width=\"1.3\"/>"),
        );
        if let Some((value, label)) = self.mark {
            line(svg, (LEFT, y(value)), (right, y(value)), "#c0392b");
            text(svg, (right - 4.0, y(value) - 4.0), "end", label);
        }
        line(svg, (LEFT, bottom), (right, bottom), "#999");
        put(
            svg,
            &format!(
                "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" font-weight=\"bold\">{name}</text>",
                right - 4.0,
                top + 14.0
            ),
        );
    }
}

fn put(svg: &mut String, element: &str) {
    svg.push_str(element);
    svg.push('\n');
}

fn line(svg: &mut String, (x1, y1): (f64, f64), (x2, y2): (f64, f64), colour: &str) {
    put(
        svg,
        &format!(
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{colour}\"/>"
        ),
    );
}

fn text(svg: &mut String, (x, y): (f64, f64), anchor: &str, words: &str) {
    put(svg, &format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>"));
}
