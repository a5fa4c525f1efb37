//! The graphical elements of a chart.

use crate::figure::canvas::Color;

/// Width of a chart in pixels.
pub const WIDTH: usize = 900;
/// Height of a chart in pixels.
pub const HEIGHT: usize = 560;

/// A graphical element. Positions and sizes are in pixels from the top left corner of the chart.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// A horizontal line to the right, or a vertical one down.
    Rule { from: (f64, f64), to: (f64, f64), width: f64, dash: Option<(f64, f64)>, color: Color },
    /// Two or more points, joined by straight lines.
    Polyline { points: Vec<(f64, f64)>, width: f64, color: Color },
    /// A disc.
    Dot { centre: (f64, f64), diameter: f64, color: Color },
    /// A line of text; `at` lies on its baseline.
    Text { at: (f64, f64), anchor: Anchor, size: f32, color: Color, text: String },
}

/// The part of a text that is at its position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}
