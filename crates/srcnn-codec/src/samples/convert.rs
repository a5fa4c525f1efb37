//! Rows converted to the depth and the channels that a format holds.

use srcnn_image::image::{Depth, Image, Metadata, Pixels, Samples};
use srcnn_image::quantize::to_u16;
use srcnn_image::rows::{Rows, RowsError, Shape};

use crate::encode_error::EncodeError;
use crate::format_traits::{FormatTraits, Grey};

/// Rows in the depth that a format holds, without an alpha that is opaque everywhere where it holds none, in RGB where it holds
/// no grey.
///
/// For a format without alpha, the first row that is not opaque is an [`EncodeError::Alpha`].
pub(crate) struct Converted<R> {
    rows: R,
    depth: Depth,
    without_alpha: bool,
    grey_to_rgb: bool,
}

impl<R: Rows> Converted<R> {
    pub(crate) fn new(rows: R, traits: &FormatTraits) -> Self {
        let shape = rows.shape();
        let holds_grey = match traits.grey {
            Grey::Always => true,
            Grey::WithoutAlpha => !shape.has_alpha(),
            Grey::Never => false,
        };
        Self {
            rows,
            depth: traits.nearest(shape.depth),
            without_alpha: shape.has_alpha() && !traits.alpha,
            grey_to_rgb: shape.is_grey() && !holds_grey,
        }
    }

    /// Only without alpha.
    pub(crate) fn without_alpha(rows: R) -> Self {
        let shape = rows.shape();
        Self { rows, depth: shape.depth, without_alpha: shape.has_alpha(), grey_to_rgb: false }
    }
}

impl<R: Rows> Rows for Converted<R> {
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

    fn is_in_memory(&self) -> bool {
        self.rows.is_in_memory()
    }
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
    if !all_opaque {
        return None;
    }
    let samples = match pixels.as_slice().as_chunks::<4>() {
        (rgba, _) if colors == 3 => {
            let mut rgb = vec![T::default(); 3 * rgba.len()];
            rgb.as_chunks_mut().0.iter_mut().zip(rgba).for_each(|(to, [r, g, b, _])| *to = [*r, *g, *b]);
            rgb
        }
        _ => pixels.as_slice().as_chunks::<2>().0.iter().map(|[grey, _]| *grey).collect(),
    };
    Some(Pixels::new(pixels.width(), pixels.height(), colors, samples).expect("the colors of every pixel"))
}

fn grey_to_rgb<T: Copy + Default + Send + Sync>(pixels: &Pixels<T>) -> Pixels<T> {
    let channels = pixels.channels() + 2;
    let mut samples = vec![T::default(); pixels.width() * pixels.height() * channels];
    if channels == 3 {
        let greys = pixels.as_slice();
        samples.as_chunks_mut().0.iter_mut().zip(greys).for_each(|(to, grey)| *to = [*grey; 3]);
    } else {
        let greys = pixels.as_slice().as_chunks::<2>().0;
        samples.as_chunks_mut().0.iter_mut().zip(greys).for_each(|(to, [grey, a])| *to = [*grey, *grey, *grey, *a]);
    }
    Pixels::new(pixels.width(), pixels.height(), channels, samples).expect("filled")
}
