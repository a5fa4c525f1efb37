//! Samples as a TIFF file stores them, to those of a picture.

use srcnn_image::image::{Image, Metadata, Pixels, Samples};
use srcnn_image::quantize::to_u8;

use super::layout::{ASSOCIATED, CMYK, Layout, PALETTE, YCBCR};
use super::ycc::Ycc;
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

impl Values {
    /// Those of a picture.
    pub(super) fn of(image: Image) -> Self {
        match image.samples() {
            Samples::U8(p) => Self::Eight(p.as_slice().to_vec()),
            Samples::U16(p) => Self::Sixteen(p.as_slice().to_vec()),
            Samples::F32(p) => Self::Float(p.as_slice().to_vec()),
        }
    }

    /// Zeros of the same kind, so many times as many.
    pub(super) fn zeros(&self, times: usize) -> Self {
        match self {
            Self::Eight(v) => Self::Eight(vec![0; v.len() * times]),
            Self::Sixteen(v) => Self::Sixteen(vec![0; v.len() * times]),
            Self::Float(v) => Self::Float(vec![0.0; v.len() * times]),
        }
    }
}

/// What samples are resolved by, beside their layout.
pub(super) struct Colors {
    pub(super) palette: Option<Vec<u16>>,
    /// Whether zero is white in the values, which are grey.
    pub(super) inverted: bool,
    pub(super) ycc: Ycc,
}

/// Colors as RGB or grey whose zero is black, alpha not multiplied into them.
pub(super) fn picture(
    layout: &Layout,
    values: Values,
    colors: &Colors,
    metadata: &mut Metadata,
) -> Result<Image, DecodeError> {
    let channels = layout.channels()?;
    let has_alpha = channels > layout.colors()?;
    let pixels = layout.width as usize * layout.height as usize;
    let (values, channels) = match layout.photometric {
        PALETTE => {
            let none = || DecodeError::Samples(UnsupportedSamples::TiffPalette);
            let resolved = resolved(layout, values, channels, colors.palette.as_ref().ok_or_else(none)?)?;
            (Values::Eight(resolved), channels + 2)
        }
        _ => (values, channels),
    };
    let mut values = match values {
        Values::Eight(v) => Values::Eight(first_of(v, pixels, channels)?),
        Values::Sixteen(v) => Values::Sixteen(first_of(v, pixels, channels)?),
        Values::Float(v) => Values::Float(first_of(v, pixels, channels)?),
    };
    let white_is_zero = colors.inverted;
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
                let rgb = colors.ycc.rgb([p[0], p[1], p[2]]);
                p[..3].copy_from_slice(&rgb);
            }
            image(layout, channels, Values::Eight(v))
        }
        _ => image(layout, channels, values),
    }
}

/// Indices as colors of 8 bits, with alpha if there is any. The palette has its reds first, then greens, then blues, of 16 bits each;
/// some writers give 8. Indices beyond it are black.
fn resolved(layout: &Layout, values: Values, channels: usize, palette: &[u16]) -> Result<Vec<u8>, DecodeError> {
    let size = palette.len() / 3;
    let shift = if palette.iter().all(|v| *v < 256) { 0 } else { 8 };
    let color = |index: u16| {
        let of = |c: usize| palette.get(c * size + usize::from(index)).filter(|_| usize::from(index) < size);
        [0, 1, 2].map(|c| of(c).map_or(0, |v| (v >> shift) as u8))
    };
    let pixels = layout.width as usize * layout.height as usize;
    let has_alpha = channels > 1;
    let mut out = Vec::with_capacity(pixels * (channels + 2));
    match values {
        Values::Eight(v) => {
            // Alpha of fewer bits was left as it is stored, since indices are.
            let opaque = if layout.bits < 8 { (1_u16 << layout.bits) - 1 } else { 255 };
            for pixel in first_of(v, pixels, channels)?.chunks_exact(channels) {
                out.extend(color(pixel[0].into()));
                let alpha = has_alpha.then(|| (u16::from(pixel[1]) * 255 + opaque / 2) / opaque);
                out.extend(alpha.map(|v| v as u8));
            }
        }
        Values::Sixteen(v) if layout.bits <= 16 => {
            let opaque = (1_u32 << layout.bits) - 1;
            for pixel in first_of(v, pixels, channels)?.chunks_exact(channels) {
                out.extend(color(pixel[0]));
                let alpha = has_alpha.then(|| (u32::from(pixel[1]) * 255 + opaque / 2) / opaque);
                out.extend(alpha.map(|v| v as u8));
            }
        }
        Values::Sixteen(_) | Values::Float(_) => {
            let (samples, bits) = (layout.samples, layout.bits);
            return Err(DecodeError::Samples(UnsupportedSamples::TiffBits { samples, bits }));
        }
    }
    Ok(out)
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
