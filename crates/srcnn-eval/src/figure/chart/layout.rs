//! Layout of a chart: title and vertical label above the plot, horizontal axis and legend below it.

use super::axis::{Axis, Range, Step, Tick, is_drawable};
use super::data::{Chart, Curve};
use super::shape::{Anchor, HEIGHT, Shape, WIDTH};
use crate::figure::canvas::{Color, text_width};

/// Colors of curves: Okabe and Ito, "Color Universal Design" (2008), without yellow, which is faint on white.
const COLORS: [Color; 7] = [
    [0, 114, 178],   // blue
    [213, 94, 0],    // vermilion
    [0, 158, 115],   // bluish green
    [204, 121, 167], // reddish purple
    [230, 159, 0],   // orange
    [86, 180, 233],  // sky blue
    [0, 0, 0],       // black
];
const INK: Color = [34, 34, 34];
const MUTED: Color = [90, 90, 90];
const AXIS: Color = [120, 120, 120];
const GRID: Color = [229, 229, 229];

const TITLE_SIZE: f32 = 18.0;
const TEXT_SIZE: f32 = 13.0;

/// Space above the title.
const MARGIN: f64 = 24.0;
const TITLE_ROW: f64 = 34.0;
const LABEL_ROW: f64 = 22.0;
const TOP_GAP: f64 = 8.0;
const TICK_ROW: f64 = 30.0;
const LEGEND_GAP: f64 = 16.0;
/// Space below the legend.
const FOOT: f64 = 20.0;
/// Left edge of the plot, unless tick labels are wider.
const LEFT: f64 = 72.0;
const RIGHT: f64 = WIDTH as f64 - 28.0;
/// Distance of tick labels from their axis.
const LABEL_GAP: f64 = 8.0;
/// The smallest distance of two tick labels of the horizontal axis.
const LABEL_SPACE: f64 = 24.0;
const X_PARTS: f64 = 8.0;
const Y_PARTS: f64 = 8.0;

const LINE: f64 = 2.0;
const DOT: f64 = 7.0;
const DASH: (f64, f64) = (8.0, 5.0);

const SAMPLE: f64 = 30.0;
const SAMPLE_GAP: f64 = 8.0;
const ENTRY_GAP: f64 = 28.0;
const ROW: f64 = 24.0;
const MOST_ROWS: usize = 5;
/// The largest width of a name in the legend, which has at least two columns.
const MOST_NAME: f64 = (RIGHT - LEFT - ENTRY_GAP) / 2.0 - SAMPLE - SAMPLE_GAP;
const CUT: &str = "...";

/// The elements of a chart, from bottom to top.
pub(super) fn shapes(chart: &Chart) -> Vec<Shape> {
    let legend = legend_rows(chart);
    let title = MARGIN + heading(&chart.title, TITLE_ROW);
    let top = title + heading(&chart.y_label, LABEL_ROW) + TOP_GAP;
    let under_axis = TICK_ROW + heading(&chart.x_label, LABEL_ROW);
    let under_labels = if legend.is_empty() { 0.0 } else { LEGEND_GAP + ROW * legend.len() as f64 };
    let bottom = HEIGHT as f64 - FOOT - under_labels - under_axis;
    let y = vertical(chart, top, bottom);
    let x = horizontal(chart, LEFT.max(MARGIN + widest(&y.ticks) + LABEL_GAP).ceil());

    let mut shapes = grid(&x, &y);
    shapes.extend(lines(chart, &x, &y));
    let mut caption = |text: &str, at: (f64, f64), anchor: Anchor, size: f32, room: f64| {
        let text = fitted(text, size, room);
        shapes.push(Shape::Text { at, anchor, size, color: INK, text });
    };
    caption(&chart.title, (x.start, title - 14.0), Anchor::Start, TITLE_SIZE, RIGHT - x.start);
    caption(&chart.y_label, (x.start, top - 14.0), Anchor::Start, TEXT_SIZE, RIGHT - x.start);
    let middle = (x.start + x.end) / 2.0;
    caption(&chart.x_label, (middle, bottom + under_axis - 5.0), Anchor::Middle, TEXT_SIZE, x.end - x.start);
    let first_row = bottom + under_axis + LEGEND_GAP + ROW / 2.0;
    shapes.extend(legend.into_iter().enumerate().flat_map(|(i, row)| legend_row(row, first_row + ROW * i as f64)));
    shapes.retain(|shape| !matches!(shape, Shape::Text { text, .. } if text.is_empty()));
    shapes
}

/// The height of a text's row: zero without a text.
fn heading(text: &str, height: f64) -> f64 {
    if text.is_empty() { 0.0 } else { height }
}

/// The vertical axis, with ticks at round values.
fn vertical(chart: &Chart, top: f64, bottom: f64) -> Axis {
    let points = drawable_points(chart).map(|p| p.1);
    let range = Range::of(points.chain(chart.levels.iter().map(|l| l.value))).padded(0.05);
    Axis { range, start: bottom, end: top, ticks: Step::dividing(range, Y_PARTS).ticks(range) }
}

/// The horizontal axis, with as many ticks as there is space for their labels.
fn horizontal(chart: &Chart, left: f64) -> Axis {
    let range = Range::of(drawable_points(chart).map(|p| p.0)).with_near_zero();
    let mut step = Step::dividing(range, X_PARTS);
    loop {
        let ticks = step.ticks(range);
        let widest = widest(&ticks);
        let axis = Axis { range, start: left, end: RIGHT.min(WIDTH as f64 - widest / 2.0 - LABEL_GAP).floor(), ticks };
        let crowded = axis.ticks.windows(2).any(|pair| {
            let apart = axis.position(pair[1].value) - axis.position(pair[0].value);
            apart < widest + LABEL_SPACE
        });
        if !crowded {
            return axis;
        }
        step = step.next();
    }
}

/// The points of all curves that are drawn.
fn drawable_points(chart: &Chart) -> impl Iterator<Item = (f64, f64)> {
    chart.curves.iter().flat_map(Curve::drawable)
}

impl Curve {
    /// The points that are drawn.
    fn drawable(&self) -> impl Iterator<Item = (f64, f64)> {
        self.points.iter().copied().filter(|&(x, y)| is_drawable(x) && is_drawable(y))
    }
}

/// The width of the widest label.
fn widest(ticks: &[Tick]) -> f64 {
    ticks.iter().map(|t| text_width(TEXT_SIZE, &t.label)).fold(0.0, f64::max)
}

/// Grid lines, axes, and tick labels.
fn grid(x: &Axis, y: &Axis) -> Vec<Shape> {
    // A line of one pixel is sharp only if it is centered on pixels.
    let sharp = |position: f64| position.floor() + 0.5;
    let rule = |from, to, color| Shape::Rule { from, to, width: 1.0, dash: None, color };
    let across = |at: f64, color| rule((x.start, sharp(at)), (x.end, sharp(at)), color);
    let down = |at: f64, color| rule((sharp(at), y.end), (sharp(at), y.start), color);
    let label = |at, anchor, tick: &Tick| {
        let text = tick.label.clone();
        Shape::Text { at, anchor, size: TEXT_SIZE, color: MUTED, text }
    };
    let mut shapes: Vec<Shape> = y.ticks.iter().map(|t| across(y.position(t.value), GRID)).collect();
    shapes.extend(x.ticks.iter().map(|t| down(x.position(t.value), GRID)));
    shapes.extend([across(y.start, AXIS), down(x.start, AXIS)]);
    let beside = |t: &Tick| label((x.start - LABEL_GAP, centred(y.position(t.value))), Anchor::End, t);
    let below = |t: &Tick| label((x.position(t.value), centred(y.start + LABEL_GAP + 8.0)), Anchor::Middle, t);
    shapes.extend(y.ticks.iter().map(beside));
    shapes.extend(x.ticks.iter().map(below));
    shapes
}

/// The baseline of a text whose digits are vertically centered at `y`.
fn centred(y: f64) -> f64 {
    (y + f64::from(TEXT_SIZE) * 0.365).round()
}

/// The color of a curve or level.
fn color(index: usize) -> Color {
    COLORS[index % COLORS.len()]
}

/// Levels, and above them the curves.
fn lines(chart: &Chart, x: &Axis, y: &Axis) -> Vec<Shape> {
    let levels = chart.levels.iter().enumerate().filter(|(_, level)| is_drawable(level.value));
    let levels = levels.map(|(i, level)| {
        let height = y.position(level.value);
        let color = color(chart.curves.len() + i);
        Shape::Rule { from: (x.start, height), to: (x.end, height), width: LINE, dash: Some(DASH), color }
    });
    let curves = chart.curves.iter().enumerate().filter_map(|(i, curve)| {
        let points: Vec<_> = curve.drawable().map(|(a, b)| (x.position(a), y.position(b))).collect();
        match *points {
            [] => None,
            [centre] => Some(Shape::Dot { centre, diameter: DOT, color: color(i) }),
            [..] => Some(Shape::Polyline { points, width: LINE, color: color(i) }),
        }
    });
    levels.chain(curves).collect()
}

/// An entry of the legend: name, position, and a sample of the line.
struct Entry {
    name: String,
    left: f64,
    sample: Option<(Sample, Color)>,
}

#[derive(Clone, Copy)]
enum Sample {
    Solid,
    Dashed,
    Dot,
}

/// The entries of the legend in rows and aligned columns. The last place tells how many entries do not fit in [`MOST_ROWS`].
fn legend_rows(chart: &Chart) -> Vec<Vec<Entry>> {
    let curves = chart.curves.iter().map(|curve| {
        let single = curve.drawable().take(2).count() == 1;
        (curve.name.as_str(), if single { Sample::Dot } else { Sample::Solid })
    });
    let levels = chart.levels.iter().map(|level| (level.name.as_str(), Sample::Dashed));
    let mut entries: Vec<Entry> = curves
        .chain(levels)
        .enumerate()
        .map(|(i, (name, sample))| Entry {
            name: fitted(name, TEXT_SIZE, MOST_NAME),
            left: 0.0,
            sample: Some((sample, color(i))),
        })
        .collect();
    if entries.is_empty() {
        return Vec::new();
    }
    let widest = entries.iter().map(|e| text_width(TEXT_SIZE, &e.name)).fold(0.0, f64::max);
    let pitch = SAMPLE + SAMPLE_GAP + widest + ENTRY_GAP;
    let most_columns = (((RIGHT - LEFT + ENTRY_GAP) / pitch) as usize).max(1);
    let places = most_columns * MOST_ROWS;
    if entries.len() > places {
        let name = format!("and {} more", entries.len() + 1 - places);
        entries.truncate(places - 1);
        entries.push(Entry { name, left: 0.0, sample: None });
    }
    let rows = entries.len().div_ceil(most_columns);
    let columns = entries.len().div_ceil(rows);
    let mut legend: Vec<Vec<Entry>> = (0..rows).map(|_| Vec::new()).collect();
    for (i, entry) in entries.into_iter().enumerate() {
        legend[i / columns].push(Entry { left: LEFT + pitch * (i % columns) as f64, ..entry });
    }
    legend
}

/// The elements of a row of the legend, vertically centered at `middle`.
fn legend_row(row: Vec<Entry>, middle: f64) -> Vec<Shape> {
    let text = |name: String, left: f64| {
        let at = (left, centred(middle));
        Shape::Text { at, anchor: Anchor::Start, size: TEXT_SIZE, color: INK, text: name }
    };
    let entry = |Entry { name, left, sample }| {
        let Some((sample, color)) = sample else { return vec![text(name, left)] };
        let (from, to) = ((left, middle), (left + SAMPLE, middle));
        let rule = |dash| Shape::Rule { from, to, width: LINE, dash, color };
        let sample = match sample {
            Sample::Solid => rule(None),
            Sample::Dashed => rule(Some(DASH)),
            Sample::Dot => Shape::Dot { centre: (left + SAMPLE / 2.0, middle), diameter: DOT, color },
        };
        vec![sample, text(name, left + SAMPLE + SAMPLE_GAP)]
    };
    row.into_iter().flat_map(entry).collect()
}

/// The text in one line, truncated to a width of `room`.
fn fitted(text: &str, size: f32, room: f64) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text_width(size, &line) <= room {
        return line;
    }
    let mut width = text_width(size, CUT);
    let widths = line.chars().map(|c| text_width(size, c.encode_utf8(&mut [0; 4])));
    let kept = widths.take_while(|w| {
        width += w;
        width <= room
    });
    let kept = kept.count();
    line.chars().take(kept).chain(CUT.chars()).collect()
}
