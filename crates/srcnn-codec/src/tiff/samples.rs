//! Samples as a TIFF file stores them, to those of a picture.

use srcnn_image::image::{Image, Metadata, Pixels, Samples};
use srcnn_image::quantize::to_u8;

use super::layout::{ASSOCIATED, CMYK, Layout, PALETTE, WHITE_IS_ZERO, YCBCR};
use crate::decode_error::DecodeError;
use crate::limits::check_finite;
use crate::samples::alpha::unmultiply;
use crate::samples::cmyk;
use crate::unsupported::UnsupportedSamples;

/// Interleaved samples.
pub(super) enum Values {
    Eight(Vec<u8>),
    Sixteen(Vec<u16>),
    Float(Vec<f32>),
}

/// Colors as RGB or grey whose zero is black, alpha not multiplied into them.
pub(super) fn picture(
    layout: &Layout,
    values: Values,
    palette: Option<Vec<u16>>,
    metadata: &mut Metadata,
) -> Result<Image, DecodeError> {
    let channels = layout.channels()?;
    let has_alpha = channels > layout.colors()?;
    let pixels = layout.width as usize * layout.height as usize;
    if let (PALETTE, Values::Eight(indices)) = (layout.photometric, &values) {
        let palette = palette.ok_or_else(|| DecodeError::Samples(UnsupportedSamples::TiffPalette))?;
        return image(layout, 3, Values::Eight(resolved(indices, &palette)));
    }
    let mut values = match values {
        Values::Eight(v) => Values::Eight(first_of(v, pixels, channels)?),
        Values::Sixteen(v) => Values::Sixteen(first_of(v, pixels, channels)?),
        Values::Float(v) => Values::Float(first_of(v, pixels, channels)?),
    };
    let white_is_zero = layout.photometric == WHITE_IS_ZERO && layout.samples > 1;
    let multiplied = has_alpha && layout.extra == Some(ASSOCIATED);
    match &mut values {
        Values::Eight(v) => {
            if white_is_zero {
                v.chunks_exact_mut(channels).for_each(|p| p[0] = 255 - p[0]);
            }
            if multiplied {
                unmultiply(v, channels);
            }
        }
        Values::Sixteen(v) => {
            if white_is_zero {
                v.chunks_exact_mut(channels).for_each(|p| p[0] = 65535 - p[0]);
            }
            if multiplied {
                unmultiply(v, channels);
            }
        }
        Values::Float(v) => {
            if white_is_zero {
                v.chunks_exact_mut(channels).for_each(|p| p[0] = 1.0 - p[0]);
            }
            if multiplied {
                unmultiply(v, channels);
            }
            check_finite(v)?;
        }
    }
    match layout.photometric {
        CMYK => {
            let ink: Vec<u8> = match values {
                Values::Eight(v) => v,
                Values::Sixteen(v) => v.into_iter().map(|v| ((u32::from(v) + 128) / 257) as u8).collect(),
                Values::Float(v) => v.into_iter().map(to_u8).collect(),
            };
            let ink = first_of(ink, pixels, 4)?;
            let (rgb, change) = cmyk::to_rgb(&ink, metadata.icc.as_deref());
            metadata.changes.push(change);
            image(layout, 3, Values::Eight(rgb))
        }
        YCBCR => {
            let Values::Eight(mut v) = values else {
                return Err(DecodeError::Samples(UnsupportedSamples::TiffYcbcr));
            };
            for p in v.chunks_exact_mut(channels) {
                let [y, cb, cr] = [f32::from(p[0]), f32::from(p[1]) - 128.0, f32::from(p[2]) - 128.0];
                let rgb = [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb];
                p.iter_mut().zip(rgb).for_each(|(p, v)| *p = v.round().clamp(0.0, 255.0) as u8);
            }
            image(layout, channels, Values::Eight(v))
        }
        _ => image(layout, channels, values),
    }
}

/// Indices as colors. The palette has its reds first, then greens, then blues, of 16 bits each; some writers give 8.
fn resolved(indices: &[u8], palette: &[u16]) -> Vec<u8> {
    let size = palette.len() / 3;
    let shift = if palette.iter().all(|v| *v < 256) { 0 } else { 8 };
    let color = |index: &u8| {
        let of = |c: usize| palette.get(c * size + usize::from(*index)).filter(|_| usize::from(*index) < size);
        [0, 1, 2].map(|c| of(c).map_or(0, |v| (v >> shift) as u8))
    };
    indices.iter().flat_map(color).collect()
}

/// The first `channels` samples of each pixel.
fn first_of<T: Copy>(values: Vec<T>, pixels: usize, channels: usize) -> Result<Vec<T>, DecodeError> {
    let there = values.len() / pixels.max(1);
    match there {
        _ if there < channels || !values.len().is_multiple_of(pixels.max(1)) => Err(DecodeError::Truncated),
        _ if there == channels => Ok(values),
        _ => Ok(values.chunks_exact(there).flat_map(|p| p[..channels].iter().copied()).collect()),
    }
}

fn image(layout: &Layout, channels: usize, values: Values) -> Result<Image, DecodeError> {
    let (w, h) = (layout.width as usize, layout.height as usize);
    let samples = match values {
        Values::Eight(v) => Pixels::new(w, h, channels, v).map(Samples::U8),
        Values::Sixteen(v) => Pixels::new(w, h, channels, v).map(Samples::U16),
        Values::Float(v) => Pixels::new(w, h, channels, v).map(Samples::F32),
    };
    Image::new(samples.map_err(|_| DecodeError::Truncated)?).map_err(|_| DecodeError::Truncated)
}
