//! A canvas for pictures, frames, rectangles, lines and text, white at first.
//!
//! Fractional positions are measured from the top left corner: pixel (0, 0) covers 0.0 to 1.0 in both directions.

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use srcnn::image::{Image, Pixels};

/// DejaVu Sans, a subset of Latin letters (`fonts/LICENCE-DejaVu.txt`).
const FONT: &[u8] = include_bytes!("../../fonts/DejaVuSans-latin.ttf");
const TEXT_SIZE: f32 = 16.0;
const BLACK: Color = [0; 3];

/// Red, green, blue.
pub(super) type Color = [u8; 3];

/// Distance of two lines of text in pixels.
pub(super) fn line_height() -> usize {
    (TEXT_SIZE * 1.35) as usize
}

/// Width of a line of text in pixels; `size` is that of an em in pixels, as in SVG.
pub(super) fn text_width(size: f32, text: &str) -> f64 {
    let font = font();
    let scaled = font.as_scaled(em_scale(&font, size));
    text.chars().map(|c| f64::from(scaled.h_advance(scaled.glyph_id(c)))).sum()
}

fn font() -> FontRef<'static> {
    FontRef::try_from_slice(FONT).expect("the embedded font is whole")
}

/// The scale at which an em has `size` pixels. `ab_glyph` measures a scale from ascent to descent.
fn em_scale(font: &FontRef, size: f32) -> PxScale {
    PxScale::from(size * font.height_unscaled() / font.units_per_em().expect("the embedded font has an em"))
}

/// 8-bit RGB pixels to draw on.
pub(super) struct Canvas {
    width: usize,
    height: usize,
    data: Vec<u8>,
}

impl Canvas {
    /// A white canvas.
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self { width, height, data: vec![255; width * height * 3] }
    }

    /// The canvas as an image.
    pub(super) fn into_image(self) -> Image {
        let pixels = Pixels::new(self.width, self.height, 3, self.data).expect("three samples a pixel");
        Image::from_u8(pixels).expect("three channels")
    }

    /// The samples of a pixel, if it is on the canvas.
    fn pixel(&mut self, x: usize, y: usize) -> Option<&mut [u8]> {
        let inside = x < self.width && y < self.height;
        inside.then(|| &mut self.data[(y * self.width + x) * 3..][..3])
    }

    /// Blends a color over a pixel, if it is on the canvas; a coverage of 1.0 or more is opaque.
    fn blend(&mut self, x: usize, y: usize, color: Color, coverage: f32) {
        let Some(pixel) = self.pixel(x, y) else { return };
        for (under, over) in pixel.iter_mut().zip(color) {
            let (from, to) = (f32::from(*under), f32::from(over));
            *under = (from + (to - from) * coverage.clamp(0.0, 1.0)).round() as u8;
        }
    }

    /// Draws an RGB picture, each pixel as a square of `zoom` x `zoom`.
    pub(super) fn picture(&mut self, left: usize, top: usize, pixels: &Pixels<u8>, zoom: usize) {
        for y in 0..pixels.height() * zoom {
            for (x, color) in pixels.row(y / zoom).chunks_exact(3).enumerate() {
                for dx in 0..zoom {
                    if let Some(pixel) = self.pixel(left + x * zoom + dx, top + y) {
                        pixel.copy_from_slice(color);
                    }
                }
            }
        }
    }

    /// Draws the outline of a rectangle, one pixel wide, outside of its edges.
    pub(super) fn frame(&mut self, left: usize, top: usize, width: usize, height: usize, color: Color) {
        let (left, top) = (left.saturating_sub(1), top.saturating_sub(1));
        let (right, bottom) = (left + width + 1, top + height + 1);
        let horizontal = (left..=right).flat_map(|x| [(x, top), (x, bottom)]);
        let vertical = (top..=bottom).flat_map(|y| [(left, y), (right, y)]);
        for (x, y) in horizontal.chain(vertical) {
            if let Some(pixel) = self.pixel(x, y) {
                pixel.copy_from_slice(&color);
            }
        }
    }

    /// Fills the rectangle between its top left and its bottom right corner; partly covered pixels are blended.
    pub(super) fn rectangle(&mut self, (left, top): (f64, f64), (right, bottom): (f64, f64), color: Color) {
        let covered = |at: usize, from: f64, to: f64| (to.min(at as f64 + 1.0) - from.max(at as f64)).max(0.0);
        for y in touched(top, bottom, self.height) {
            for x in touched(left, right, self.width) {
                self.blend(x, y, color, (covered(x, left, right) * covered(y, top, bottom)) as f32);
            }
        }
    }

    /// Draws an antialiased line through points, with round ends and corners; a single point gives a disc.
    pub(super) fn polyline(&mut self, points: &[(f64, f64)], width: f64, color: Color) {
        let mut coverage = vec![0.0; self.width * self.height];
        let single = points.first().filter(|_| points.len() == 1).map(|&p| (p, p));
        for (from, to) in single.into_iter().chain(points.windows(2).map(|p| (p[0], p[1]))) {
            self.cover_segment(&mut coverage, from, to, width / 2.0);
        }
        for (i, &part) in coverage.iter().enumerate().filter(|&(_, &part)| part > 0.0) {
            self.blend(i % self.width, i / self.width, color, part);
        }
    }

    /// Raises `coverage`, a value for each pixel of the canvas, to that of a line segment.
    ///
    /// Walks along the longer direction of the segment, so that the cost grows with its length, not with its bounding box.
    fn cover_segment(&self, coverage: &mut [f32], from: (f64, f64), to: (f64, f64), radius: f64) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx * dx + dy * dy;
        let steep = dy.abs() > dx.abs();
        let swapped = |(a, b): (f64, f64)| if steep { (b, a) } else { (a, b) };
        let ((long, short), (d_long, d_short)) = (swapped(from), swapped((dx, dy)));
        let (long_side, short_side) = if steep { (self.height, self.width) } else { (self.width, self.height) };
        let edge = radius + 0.5;
        let (first, last) = (long.min(long + d_long) - edge, long.max(long + d_long) + edge);
        for i in touched(first, last, long_side) {
            let part = if d_long == 0.0 { 0.0 } else { (i as f64 + 0.5 - long) / d_long };
            let middle = short + part.clamp(0.0, 1.0) * d_short;
            // The slope is at most 45 degrees, so nothing farther away than twice the radius is covered.
            for j in touched(middle - 2.0 * edge, middle + 2.0 * edge, short_side) {
                let (x, y) = if steep { (j, i) } else { (i, j) };
                let (px, py) = (x as f64 + 0.5 - from.0, y as f64 + 0.5 - from.1);
                let along = if length == 0.0 { 0.0 } else { ((px * dx + py * dy) / length).clamp(0.0, 1.0) };
                let distance = (px - along * dx).hypot(py - along * dy);
                let covered = &mut coverage[y * self.width + x];
                *covered = covered.max((edge - distance).clamp(0.0, 1.0) as f32);
            }
        }
    }

    /// Writes a line of black text at a top left corner, truncated to a width of `room` pixels.
    pub(super) fn text(&mut self, left: usize, top: usize, room: usize, text: &str) {
        let font = font();
        let scaled = font.as_scaled(PxScale::from(TEXT_SIZE));
        let mut end = left as f32;
        let fits = text.char_indices().find(|&(_, c)| {
            end += scaled.h_advance(scaled.glyph_id(c));
            end > (left + room) as f32
        });
        let shown = &text[..fits.map_or(text.len(), |(i, _)| i)];
        self.glyphs((left as f32, top as f32 + scaled.ascent()), scaled.scale(), BLACK, shown);
    }

    /// Writes a line of text; `start` is the left end of its baseline, `size` that of an em in pixels, as in SVG.
    pub(super) fn label(&mut self, start: (f64, f64), size: f32, color: Color, text: &str) {
        self.glyphs((start.0 as f32, start.1 as f32), em_scale(&font(), size), color, text);
    }

    fn glyphs(&mut self, (mut x, baseline): (f32, f32), scale: PxScale, color: Color, text: &str) {
        let font = font();
        let scaled = font.as_scaled(scale);
        for character in text.chars() {
            let id = scaled.glyph_id(character);
            let glyph = id.with_scale_and_position(scale, point(x, baseline));
            x += scaled.h_advance(id);
            let Some(outline) = font.outline_glyph(glyph) else { continue };
            let bounds = outline.px_bounds();
            outline.draw(|dx, dy, coverage| {
                let at = (bounds.min.x + dx as f32, bounds.min.y + dy as f32);
                self.blend(at.0.max(0.0) as usize, at.1.max(0.0) as usize, color, coverage);
            });
        }
    }
}

/// The pixels of a side of `side` pixels that an interval overlaps.
fn touched(from: f64, to: f64, side: usize) -> std::ops::Range<usize> {
    let end = (to.ceil().max(0.0) as usize).min(side);
    (from.floor().max(0.0) as usize).min(end)..end
}

#[cfg(test)]
mod tests {
    use super::*;

    const INK: Color = [0, 114, 178];

    fn at(canvas: &Canvas, x: usize, y: usize) -> [u8; 3] {
        let start = (y * canvas.width + x) * 3;
        canvas.data[start..start + 3].try_into().expect("three samples")
    }

    #[test]
    fn a_line_covers_its_width_and_nothing_else() {
        let mut canvas = Canvas::new(20, 20);
        canvas.polyline(&[(4.0, 10.0), (16.0, 10.0)], 2.0, INK);
        for y in 0..20 {
            let expected = if (9..11).contains(&y) { INK } else { [255; 3] };
            assert_eq!(at(&canvas, 10, y), expected, "row {y}");
        }
        assert_eq!(at(&canvas, 1, 10), [255; 3]);
        assert_eq!(at(&canvas, 18, 10), [255; 3]);
    }

    #[test]
    fn a_line_is_the_same_in_all_eight_directions() {
        let drawn = |dx: f64, dy: f64| {
            let mut canvas = Canvas::new(41, 41);
            canvas.polyline(&[(20.5, 20.5), (20.5 + dx, 20.5 + dy)], 3.0, INK);
            canvas
        };
        let first = drawn(15.0, 6.0);
        for case in 0..8 {
            let (left, up, steep) = (case & 1 > 0, case & 2 > 0, case & 4 > 0);
            let (dx, dy) = (if left { -15.0 } else { 15.0 }, if up { -6.0 } else { 6.0 });
            let other = if steep { drawn(dy, dx) } else { drawn(dx, dy) };
            for (x, y) in (0..41).flat_map(|y| (0..41).map(move |x| (x, y))) {
                let (column, row) = (if left { 40 - x } else { x }, if up { 40 - y } else { y });
                let (column_there, row_there) = if steep { (y, x) } else { (x, y) };
                let (found, expected) = (at(&other, column_there, row_there), at(&first, column, row));
                assert_eq!(found, expected, "left {left}, up {up}, steep {steep}: ({x}, {y})");
            }
        }
    }

    #[test]
    fn a_rectangle_mixes_the_pixels_it_covers_in_part() {
        let mut canvas = Canvas::new(6, 6);
        canvas.rectangle((1.0, 1.5), (4.0, 3.0), BLACK);
        assert_eq!([1, 2, 3].map(|y| at(&canvas, 2, y)[0]), [128, 0, 255]);
        assert_eq!([0, 1, 3, 4].map(|x| at(&canvas, x, 2)[0]), [255, 0, 0, 255]);
    }

    #[test]
    fn what_lies_beyond_the_sheet_is_left_out() {
        let mut canvas = Canvas::new(8, 8);
        canvas.polyline(&[(-50.0, -50.0), (70.0, 70.0)], 2.0, INK);
        canvas.rectangle((-5.0, -5.0), (50.0, 0.0), INK);
        canvas.rectangle((20.0, 20.0), (50.0, 50.0), INK);
        assert!(canvas.data.chunks(3).any(|p| p == INK));
    }
}
