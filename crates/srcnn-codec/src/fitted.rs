//! Samples in a depth and with the channels that a format holds.

use super::{EncodeError, FileFormat};
use srcnn_image::image::{Depth, Image, Metadata, Pixels, Samples};
use srcnn_image::quantize::to_u16;
use srcnn_image::rows::{Rows, RowsError, Shape};

/// Rows as a format holds them: in 16 or 8 bits, without an alpha that is opaque everywhere, in RGB, where the format has nothing
/// else.
pub(super) struct Fitted<R> {
    rows: R,
    depth: Depth,
    without_alpha: bool,
    grey_to_rgb: bool,
}

impl<R: Rows> Fitted<R> {
    pub(super) fn new(rows: R, format: FileFormat) -> Self {
        let shape = rows.shape();
        let grey_is_held = match format {
            FileFormat::Bmp => !shape.has_alpha(),
            FileFormat::Qoi => false,
            FileFormat::Png
            | FileFormat::Jpeg
            | FileFormat::Tiff
            | FileFormat::WebP
            | FileFormat::Gif
            | FileFormat::Pnm
            | FileFormat::Pam => true,
        };
        Self {
            rows,
            depth: format.nearest(shape.depth),
            without_alpha: shape.has_alpha() && !format.holds_alpha(),
            grey_to_rgb: shape.is_grey() && !grey_is_held,
        }
    }
}

impl<R: Rows> Rows for Fitted<R> {
    fn shape(&self) -> Shape {
        let shape = self.rows.shape();
        let channels = shape.channels + 2 * usize::from(self.grey_to_rgb) - usize::from(self.without_alpha);
        Shape { channels, depth: self.depth, ..shape }
    }

    fn metadata(&self) -> &Metadata {
        self.rows.metadata()
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let Some(mut image) = self.rows.read(rows)? else { return Ok(None) };
        if self.without_alpha {
            image = opaque(&image)?;
        }
        image = image.with_depth(self.depth);
        if self.grey_to_rgb {
            let samples = match image.samples() {
                Samples::U8(p) => Samples::U8(grey_to_rgb(p)),
                Samples::U16(p) => Samples::U16(grey_to_rgb(p)),
                Samples::F32(p) => Samples::F32(grey_to_rgb(p)),
            };
            image = Image::new(samples).expect("RGB, or RGB and alpha");
        }
        Ok(Some(image))
    }

    fn held_bytes(&self) -> u64 {
        self.rows.held_bytes()
    }
}

/// Rows without alpha, for a format that has none: told before anything is made of them that they cannot be written.
///
/// The first row that is not opaque is an [`EncodeError::Alpha`].
pub fn without_alpha<'a>(rows: impl Rows + 'a, format: FileFormat) -> Box<dyn Rows + 'a> {
    let shape = rows.shape();
    if !shape.has_alpha() || format.holds_alpha() {
        return Box::new(rows);
    }
    Box::new(Fitted { rows, depth: shape.depth, without_alpha: true, grey_to_rgb: false })
}

/// The color channels, if alpha is opaque everywhere.
fn opaque(image: &Image) -> Result<Image, EncodeError> {
    let samples = match image.samples() {
        Samples::U8(p) => colors(p, |a| a == u8::MAX).map(Samples::U8),
        Samples::U16(p) => colors(p, |a| a == u16::MAX).map(Samples::U16),
        // But for what rounding takes away.
        Samples::F32(p) => colors(p, |a| to_u16(a) == u16::MAX).map(Samples::F32),
    };
    Ok(Image::new(samples.ok_or(EncodeError::Alpha)?).expect("grey or RGB"))
}

fn colors<T: Copy + Default + Send + Sync>(pixels: &Pixels<T>, is_opaque: impl Fn(T) -> bool) -> Option<Pixels<T>> {
    let colors = pixels.channels() - 1;
    let all_opaque = pixels.as_slice().iter().skip(colors).step_by(colors + 1).all(|a| is_opaque(*a));
    all_opaque.then(|| pixels.map_pixels(colors, |from, to| to.copy_from_slice(&from[..colors])))
}

fn grey_to_rgb<T: Copy + Default + Send + Sync>(pixels: &Pixels<T>) -> Pixels<T> {
    pixels.map_pixels(pixels.channels() + 2, |from, to| {
        to.fill(from[0]);
        to[3..].copy_from_slice(&from[1..]);
    })
}
