//! TIFF files whose samples are read all at once.

use std::io::{Read, Seek};

use image::metadata::Orientation;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;

use srcnn_image::image::{Depth, Image, Metadata};
use srcnn_image::{Limits, Size};

use super::error::refused;
use super::layout::{FLOAT, INTERLEAVED, Layout, PALETTE};
use super::samples::{Values, picture};
use crate::decode_error::DecodeError;
use crate::held::decoded::Decoded;
use crate::limits::check_memory;
use crate::unsupported::UnsupportedSamples;

/// Decodes the picture of a decoder.
pub(super) fn decode(
    mut decoder: Decoder<impl Read + Seek>,
    layout: &Layout,
    mut metadata: Metadata,
    limits: Limits,
) -> Result<Image, DecodeError> {
    let orientation = decoder.find_tag_unsigned::<u8>(Tag::Orientation).ok().flatten().and_then(Orientation::from_exif);
    let orientation = orientation.unwrap_or(Orientation::NoTransforms);
    let planar = decoder.find_tag_unsigned::<u16>(Tag::PlanarConfiguration).map_err(refused)?;
    let planar = planar.is_some_and(|kind| kind != INTERLEAVED);
    let kinds = decoder.find_tag_unsigned_vec::<u16>(Tag::SampleFormat).map_err(refused)?;
    let float = kinds.is_some_and(|kinds| kinds.contains(&FLOAT));
    let needed = needed(layout, float, planar || orientation != Orientation::NoTransforms);
    check_memory(Size::new(layout.width as usize, layout.height as usize), needed, limits)?;
    let palette = decoder.find_tag_unsigned_vec::<u16>(Tag::ColorMap).map_err(refused)?;
    let values = samples(&mut decoder, layout)?;
    let picture = picture(layout, values, palette, &mut metadata)?;
    Ok(Decoded { picture, metadata, orientation }.upright())
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

/// All samples, interleaved, in one of the depths; indices of palettes as they are.
fn samples(decoder: &mut Decoder<impl Read + Seek>, layout: &Layout) -> Result<Values, DecodeError> {
    let mut result = DecodingResult::U8(Vec::new());
    let read = decoder.read_image_to_buffer(&mut result).map_err(refused)?;
    let values = match result {
        DecodingResult::U8(v) if layout.bits < 8 => Values::Eight(unpacked(&v, layout)?),
        DecodingResult::U8(v) => Values::Eight(v),
        DecodingResult::U16(v) => Values::Sixteen(v),
        DecodingResult::U32(v) => Values::Sixteen(v.into_iter().map(|v| (v >> 16) as u16).collect()),
        DecodingResult::F16(v) => Values::Float(v.into_iter().map(|v| v.to_f32()).collect()),
        DecodingResult::F32(v) => Values::Float(v),
        DecodingResult::F64(v) => Values::Float(v.into_iter().map(|v| v as f32).collect()),
        _ => return Err(DecodeError::Samples(UnsupportedSamples::TiffIntegers)),
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
        bits => {
            let samples = layout.samples;
            return Err(DecodeError::Samples(UnsupportedSamples::TiffBits { samples, bits }));
        }
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
