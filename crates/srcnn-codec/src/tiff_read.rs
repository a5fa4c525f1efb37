//! TIFF files, read: more kinds of samples than `image` takes, and everything that goes along.

use std::borrow::Cow;
use std::io::{Cursor, Read, Seek};

use image::metadata::Orientation;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;

use super::decode_error::{DecodeError, check_finite, check_pixels, too_large};
use super::decode_held::Raw;
use super::{cmyk, directory, exif};
use srcnn_image::Limits;
use srcnn_image::image::{Depth, Image, Metadata, Pixels, Samples};
use srcnn_image::quantize::to_u8;

const WHITE_IS_ZERO: u16 = 0;
pub(super) const BLACK_IS_ZERO: u16 = 1;
pub(super) const RGB: u16 = 2;
const PALETTE: u16 = 3;
const CMYK: u16 = 5;
const YCBCR: u16 = 6;
pub(super) const XMP: Tag = Tag::Unknown(700);
/// Alpha by which colors are multiplied (ExtraSamples).
const ASSOCIATED: u16 = 1;
/// Sample formats: floating point.
pub(super) const FLOAT: u16 = 3;
/// Planar configurations: samples of a pixel next to each other.
pub(super) const INTERLEAVED: u16 = 1;

/// What the directory says of the samples.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) photometric: u16,
    /// Samples a pixel.
    pub(super) samples: usize,
    pub(super) bits: u16,
    /// The kind of the first sample beyond the colors.
    pub(super) extra: Option<u16>,
}

impl Layout {
    /// Of the file's first picture, whose photometric interpretation may be known better.
    pub(super) fn of(decoder: &mut Decoder<impl Read + Seek>, photometric: Option<u16>) -> Result<Self, DecodeError> {
        let (width, height) = decoder.dimensions()?;
        let mut first = |tag| -> Result<Option<u16>, DecodeError> {
            Ok(decoder.find_tag_unsigned_vec::<u16>(tag)?.and_then(|values| values.first().copied()))
        };
        let (bits, extra) = (first(Tag::BitsPerSample)?.unwrap_or(1), first(Tag::ExtraSamples)?);
        let photometric = photometric.map_or_else(|| decoder.get_tag_unsigned(Tag::PhotometricInterpretation), Ok)?;
        let samples = decoder.find_tag_unsigned::<u16>(Tag::SamplesPerPixel)?.unwrap_or(1).into();
        Ok(Self { width, height, photometric, samples, bits, extra })
    }

    /// Channels of the picture: extra samples of unknown kind are none.
    pub(super) fn channels(&self) -> Result<usize, DecodeError> {
        let colors = self.colors()?;
        let has_alpha = self.samples > colors && self.extra.is_none_or(|kind| matches!(kind, 1 | 2));
        Ok(colors + usize::from(has_alpha))
    }

    /// Samples that are color.
    fn colors(&self) -> Result<usize, DecodeError> {
        let colors = match self.photometric {
            WHITE_IS_ZERO | BLACK_IS_ZERO | PALETTE => 1,
            RGB | YCBCR => 3,
            CMYK => 4,
            other => return Err(DecodeError::Samples(format!("TIFF photometric interpretation {other}"))),
        };
        if self.samples < colors {
            return Err(DecodeError::Samples(format!("TIFF with {} of {colors} samples a pixel", self.samples)));
        }
        Ok(colors)
    }
}

/// Interleaved samples.
pub(super) enum Values {
    Eight(Vec<u8>),
    Sixteen(Vec<u16>),
    Float(Vec<f32>),
}

/// The decoder's own limits.
pub(super) fn allowed(limits: Limits) -> tiff::decoder::Limits {
    let memory = usize::try_from(limits.memory).unwrap_or(usize::MAX);
    let mut allowed = tiff::decoder::Limits::default();
    allowed.decoding_buffer_size = memory;
    allowed.intermediate_buffer_size = memory;
    allowed.ifd_value_size = memory;
    allowed
}

pub(super) fn read(bytes: &[u8], limits: Limits) -> Result<Raw, DecodeError> {
    let (bytes, photometric) = readable(bytes);
    let mut decoder = Decoder::new(Cursor::new(&*bytes))?.with_limits(allowed(limits));
    let (width, height) = decoder.dimensions()?;
    check_pixels(width as usize, height as usize, limits)?;
    let layout = Layout::of(&mut decoder, photometric)?;
    let turned = decoder.find_tag_unsigned::<u8>(Tag::Orientation).ok().flatten().and_then(Orientation::from_exif);
    let turned = turned.unwrap_or(Orientation::NoTransforms);
    let planar = decoder.find_tag_unsigned::<u16>(Tag::PlanarConfiguration)?.is_some_and(|kind| kind != INTERLEAVED);
    let float = decoder.find_tag_unsigned_vec::<u16>(Tag::SampleFormat)?.is_some_and(|kinds| kinds.contains(&FLOAT));
    let needed = needed(&layout, float, planar || turned != Orientation::NoTransforms);
    if needed > limits.memory {
        return Err(too_large(width, height, needed, limits));
    }
    let skeleton = directory::skeleton(&mut Cursor::new(&*bytes))?;
    let block = skeleton.as_deref().and_then(exif::Block::new);
    let mut metadata = Metadata {
        icc: decoder.get_tag_u8_vec(Tag::IccProfile).ok(),
        xmp: decoder.get_tag(XMP).ok().and_then(|v| v.into_u8_vec().ok()),
        exif: skeleton.as_deref().and_then(directory::of_tiff),
        density: block.and_then(|block| block.density()),
        color_chunks: Vec::new(),
        changes: Vec::new(),
    };
    let palette = decoder.find_tag_unsigned_vec::<u16>(Tag::ColorMap)?;
    let values = samples(&mut decoder, &layout)?;
    let picture = picture(&layout, values, palette, &mut metadata)?;
    Ok(Raw { picture, metadata, orientation: turned })
}

/// Bytes of all samples: as they are stored and as they are kept, where these differ, and both before and after they are put in
/// another order.
fn needed(layout: &Layout, float: bool, reordered: bool) -> u64 {
    let samples = (u64::from(layout.width) * u64::from(layout.height)).saturating_mul(layout.samples as u64);
    let stored = samples.saturating_mul(u64::from(layout.bits)).div_ceil(8);
    let kept = match (float, layout.bits) {
        (true, _) => Depth::Float,
        (false, ..=8) => Depth::Eight,
        (false, _) => Depth::Sixteen,
    };
    let kept = samples.saturating_mul(kept.bytes());
    let read = if stored == kept { stored } else { stored.saturating_add(kept) };
    if reordered { read.max(kept.saturating_mul(2)) } else { read }
}

/// The file as the decoder takes it, and the photometric interpretation that it really has: indices of palettes pass for
/// grey, and so does what has samples beyond the colors that are no alpha, all of which are given then: the decoder would
/// leave them out before it undoes predictors.
fn readable(bytes: &[u8]) -> (Cow<'_, [u8]>, Option<u16>) {
    let misread = || {
        let block = exif::Block::new(bytes)?;
        let entries = block.first()?;
        let of = |tag: Tag| entries.iter().find(|e| e.tag == tag.to_u16());
        let photometric = of(Tag::PhotometricInterpretation)?;
        let kind = block.number(photometric)? as u16;
        let samples = of(Tag::SamplesPerPixel).and_then(|e| block.number(e)).unwrap_or(1);
        let extra = of(Tag::ExtraSamples).and_then(|e| block.number(e));
        let colors = match kind {
            RGB => 3,
            CMYK => 4,
            _ => u32::MAX,
        };
        let more = samples > colors && (samples > colors + 1 || !matches!(extra, None | Some(1 | 2)));
        let misread = kind == PALETTE || kind == WHITE_IS_ZERO && samples > 1 || more;
        misread.then(|| (Cow::Owned(block.with_short(photometric, BLACK_IS_ZERO)), Some(kind)))
    };
    misread().unwrap_or((Cow::Borrowed(bytes), None))
}

/// All samples, interleaved, in one of the depths; indices of palettes as they are.
fn samples(decoder: &mut Decoder<Cursor<&[u8]>>, layout: &Layout) -> Result<Values, DecodeError> {
    let mut result = DecodingResult::U8(Vec::new());
    let read = decoder.read_image_to_buffer(&mut result)?;
    let values = match result {
        DecodingResult::U8(v) if layout.bits < 8 => Values::Eight(unpacked(&v, layout)?),
        DecodingResult::U8(v) => Values::Eight(v),
        DecodingResult::U16(v) => Values::Sixteen(v),
        DecodingResult::U32(v) => Values::Sixteen(v.into_iter().map(|v| (v >> 16) as u16).collect()),
        DecodingResult::F16(v) => Values::Float(v.into_iter().map(|v| v.to_f32()).collect()),
        DecodingResult::F32(v) => Values::Float(v),
        DecodingResult::F64(v) => Values::Float(v.into_iter().map(|v| v as f32).collect()),
        _ => return Err(DecodeError::Samples("TIFF with signed or 64-bit integers".to_owned())),
    };
    if read.planes < 2 {
        return Ok(values);
    }
    Ok(match values {
        Values::Eight(v) => Values::Eight(interleaved(&v, read.planes)),
        Values::Sixteen(v) => Values::Sixteen(interleaved(&v, read.planes)),
        Values::Float(v) => Values::Float(interleaved(&v, read.planes)),
    })
}

/// Samples of 1, 2 or 4 bits, whose rows begin at whole bytes: one a byte. They are spread over 0 to 255 unless they are
/// indices.
fn unpacked(packed: &[u8], layout: &Layout) -> Result<Vec<u8>, DecodeError> {
    let bits = match layout.bits {
        bits @ (1 | 2 | 4) if layout.samples == 1 => usize::from(bits),
        bits => return Err(DecodeError::Samples(format!("TIFF with {} samples of {bits} bits", layout.samples))),
    };
    let (width, largest) = (layout.width as usize, (1u8 << bits) - 1);
    let spread = if layout.photometric == PALETTE { 1 } else { 255 / largest };
    let rows = packed.chunks_exact((width * bits).div_ceil(8));
    Ok(rows
        .flat_map(|row| (0..width).map(move |x| (row[x * bits / 8] >> (8 - bits - x * bits % 8) & largest) * spread))
        .collect())
}

fn interleaved<T: Copy>(values: &[T], planes: usize) -> Vec<T> {
    let size = values.len() / planes;
    (0..size).flat_map(|i| (0..planes).map(move |plane| values[plane * size + i])).collect()
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
        let palette = palette.ok_or_else(|| DecodeError::Samples("a TIFF palette without colors".to_owned()))?;
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
                v.chunks_exact_mut(channels).for_each(|p| divided(p, |v| f64::from(*v), 255.0, |v| v.round() as u8));
            }
        }
        Values::Sixteen(v) => {
            if white_is_zero {
                v.chunks_exact_mut(channels).for_each(|p| p[0] = 65535 - p[0]);
            }
            if multiplied {
                v.chunks_exact_mut(channels).for_each(|p| divided(p, |v| f64::from(*v), 65535.0, |v| v.round() as u16));
            }
        }
        Values::Float(v) => {
            if white_is_zero {
                v.chunks_exact_mut(channels).for_each(|p| p[0] = 1.0 - p[0]);
            }
            if multiplied {
                v.chunks_exact_mut(channels).for_each(|p| divided(p, |v| f64::from(*v), 1.0, |v| v as f32));
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
                return Err(DecodeError::Samples("TIFF with YCbCr of more than 8 bits".to_owned()));
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

/// Divides colors by alpha, the last of the samples, whose largest value is given.
pub(super) fn divided<T>(pixel: &mut [T], to: impl Fn(&T) -> f64, largest: f64, from: impl Fn(f64) -> T) {
    let Some((alpha, colors)) = pixel.split_last_mut() else { return };
    let alpha = to(alpha) / largest;
    if alpha > 0.0 {
        colors.iter_mut().for_each(|v| *v = from(to(v) / alpha));
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
