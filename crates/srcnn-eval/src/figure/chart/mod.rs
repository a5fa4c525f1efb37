//! Line charts: a figure of merit over the course of a training, as in the paper's first figure.
//!
//! [`Chart`] says what is shown. It is laid out as shapes at fixed places of a sheet of [`WIDTH`] x [`HEIGHT`]; these
//! are written as SVG or drawn as pixels, and both pictures agree but for the font that the SVG's reader has.

mod axis;
mod layout;
mod svg;

use srcnn::image::Image;

use super::canvas::{Canvas, text_width};
use layout::{Anchor, Shape, shapes};

pub use layout::{HEIGHT, WIDTH};

/// A line chart. What is empty takes no room; a text that is too long for its place is cut.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// Above the plot.
    pub title: String,
    /// What the horizontal axis counts.
    pub x_label: String,
    /// What the vertical axis measures, with its unit.
    pub y_label: String,
    /// The curves, which the legend names in this order. Colors can be told apart by color-blind readers; they repeat
    /// after the seventh curve or level.
    pub curves: Vec<Curve>,
    /// Dashed horizontal lines, named after the curves.
    pub levels: Vec<Level>,
}

/// Points joined by a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Its name in the legend.
    pub name: String,
    /// (x, y), joined in this order; one point alone is shown as a dot. Points with a value that is not a number, not
    /// finite or beyond 1e300 are left out.
    pub points: Vec<(f64, f64)>,
}

/// A value to compare the curves with, such as that of bicubic interpolation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Level {
    /// Its name in the legend.
    pub name: String,
    /// Its height on the vertical axis; no line is drawn where a curve's point would be left out.
    pub value: f64,
}

impl Chart {
    /// The chart as an SVG document of its own, text as `<text>`.
    pub fn to_svg(&self) -> String {
        svg::document(&self.title, &shapes(self))
    }

    /// The chart as pixels: 8-bit RGB, [`WIDTH`] x [`HEIGHT`].
    pub fn to_image(&self) -> Image {
        let mut canvas = Canvas::new(WIDTH, HEIGHT);
        for shape in shapes(self) {
            paint(&mut canvas, &shape);
        }
        canvas.into_image()
    }
}

fn paint(canvas: &mut Canvas, shape: &Shape) {
    match shape {
        Shape::Rule { from, to, width, dash, color } => {
            let length = (to.0 - from.0) + (to.1 - from.1);
            let (right, down) = ((to.0 - from.0) / length, (to.1 - from.1) / length);
            let (on, off) = dash.unwrap_or((length, 0.0));
            let corner =
                |along: f64, aside: f64| (from.0 + along * right + aside * down, from.1 + along * down + aside * right);
            for start in (0..).map(|i| f64::from(i) * (on + off)).take_while(|&start| start < length) {
                let end = length.min(start + on);
                canvas.rectangle(corner(start, -width / 2.0), corner(end, width / 2.0), *color);
            }
        }
        Shape::Polyline { points, width, color } => canvas.polyline(points, *width, *color),
        Shape::Dot { centre, diameter, color } => canvas.polyline(&[*centre], *diameter, *color),
        Shape::Text { at, anchor, size, color, text } => {
            let before = match anchor {
                Anchor::Start => 0.0,
                Anchor::Middle => 0.5,
                Anchor::End => 1.0,
            };
            canvas.label((at.0 - before * text_width(*size, text), at.1), *size, *color, text);
        }
    }
}

#[cfg(test)]
mod tests;
