//! The contents of a chart.

/// A line chart. Empty texts take no space; texts that do not fit are truncated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// Title above the plot.
    pub title: String,
    /// Label of the horizontal axis.
    pub x_label: String,
    /// Label of the vertical axis, with its unit.
    pub y_label: String,
    /// The curves, in the order of the legend. Curves and levels have seven colors, which color-blind readers can
    /// distinguish; then they repeat.
    pub curves: Vec<Curve>,
    /// Dashed horizontal lines; they follow the curves in the legend.
    pub levels: Vec<Level>,
}

/// A curve: points joined by straight lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Its name in the legend.
    pub name: String,
    /// The points (x, y) in drawing order; a single one is drawn as a dot. Points with a NaN, an infinity or a magnitude above
    /// 1e300 are left out.
    pub points: Vec<(f64, f64)>,
}

/// A horizontal line for comparison, such as the PSNR of bicubic interpolation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Level {
    /// Its name in the legend.
    pub name: String,
    /// Position on the vertical axis; left out under the same conditions as a curve's point.
    pub value: f64,
}
