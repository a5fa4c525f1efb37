//! Line charts: PSNR over the steps of a training, as in the paper's first figure.
//!
//! A [`Chart`] is laid out as graphical elements on [`WIDTH`] x [`HEIGHT`] pixels, which are written as SVG or painted as
//! pixels. Both pictures are the same except for the font, which an SVG viewer chooses.

mod axis;
mod data;
mod layout;
mod shape;
mod svg;

use srcnn::image::Image;

use super::canvas::{Canvas, text_width};
use layout::shapes;
use shape::{Anchor, Shape};

pub use data::{Chart, Curve, Level};
pub use shape::{HEIGHT, WIDTH};

impl Chart {
    /// The chart as an SVG document; texts are `<text>` elements.
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

/// Paints an element.
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
