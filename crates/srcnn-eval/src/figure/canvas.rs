//! A white sheet that takes pictures, frames and lines of text.

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use srcnn::image::{Image, Pixels};

/// DejaVu Sans, reduced to Latin letters (`fonts/LICENCE-DejaVu.txt`).
const FONT: &[u8] = include_bytes!("../../fonts/DejaVuSans-latin.ttf");
const TEXT_SIZE: f32 = 16.0;

/// Distance of the tops of two lines of text.
pub(super) fn line_height() -> usize {
    (TEXT_SIZE * 1.35) as usize
}

pub(super) struct Canvas {
    width: usize,
    height: usize,
    data: Vec<u8>,
}

impl Canvas {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self { width, height, data: vec![255; width * height * 3] }
    }

    pub(super) fn into_image(self) -> Image {
        let pixels = Pixels::new(self.width, self.height, 3, self.data).expect("three samples a pixel");
        Image::from_u8(pixels).expect("three channels")
    }

    /// The pixel, if it lies on the sheet.
    fn pixel(&mut self, x: usize, y: usize) -> Option<&mut [u8]> {
        let inside = x < self.width && y < self.height;
        inside.then(|| &mut self.data[(y * self.width + x) * 3..][..3])
    }

    /// Draws an RGB picture, each pixel as a square of `zoom`.
    pub(super) fn picture(&mut self, left: usize, top: usize, pixels: &Pixels<u8>, zoom: usize) {
        for y in 0..pixels.height() * zoom {
            for (x, colour) in pixels.row(y / zoom).chunks_exact(3).enumerate() {
                for dx in 0..zoom {
                    if let Some(pixel) = self.pixel(left + x * zoom + dx, top + y) {
                        pixel.copy_from_slice(colour);
                    }
                }
            }
        }
    }

    /// Draws the outline of a rectangle, one pixel wide, just outside of it.
    pub(super) fn frame(&mut self, left: usize, top: usize, width: usize, height: usize, colour: [u8; 3]) {
        let (left, top) = (left.saturating_sub(1), top.saturating_sub(1));
        let (right, bottom) = (left + width + 1, top + height + 1);
        let horizontal = (left..=right).flat_map(|x| [(x, top), (x, bottom)]);
        let vertical = (top..=bottom).flat_map(|y| [(left, y), (right, y)]);
        for (x, y) in horizontal.chain(vertical) {
            if let Some(pixel) = self.pixel(x, y) {
                pixel.copy_from_slice(&colour);
            }
        }
    }

    /// Writes one line, black, its top left corner given; what does not fit into `room` is left out.
    pub(super) fn text(&mut self, left: usize, top: usize, room: usize, text: &str) {
        let font = FontRef::try_from_slice(FONT).expect("the embedded font is whole");
        let scaled = font.as_scaled(PxScale::from(TEXT_SIZE));
        let (mut x, baseline) = (left as f32, top as f32 + scaled.ascent());
        for character in text.chars() {
            let id = scaled.glyph_id(character);
            if x + scaled.h_advance(id) > (left + room) as f32 {
                break;
            }
            let glyph = id.with_scale_and_position(PxScale::from(TEXT_SIZE), point(x, baseline));
            x += scaled.h_advance(id);
            let Some(outline) = font.outline_glyph(glyph) else { continue };
            let bounds = outline.px_bounds();
            outline.draw(|dx, dy, coverage| {
                let at = (bounds.min.x + dx as f32, bounds.min.y + dy as f32);
                if let Some(pixel) = self.pixel(at.0.max(0.0) as usize, at.1.max(0.0) as usize) {
                    pixel.iter_mut().for_each(|v| *v = (f32::from(*v) * (1.0 - coverage.min(1.0))) as u8);
                }
            });
        }
    }
}
