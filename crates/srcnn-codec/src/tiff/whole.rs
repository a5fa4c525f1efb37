//! TIFF files whose samples are read all at once.

use std::io::{Read, Seek, SeekFrom};

use image::metadata::Orientation;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;

use srcnn_image::image::{Depth, Image, Metadata};
use srcnn_image::rows::collect;
use srcnn_image::{Limits, Size};

use super::error::refused;
use super::layout::{FLOAT, Layout};
use super::limits::decoder_limits;
use super::packed::{is_whole, unpacked};
use super::patched::Patched;
use super::rewritten::Rewritten;
use super::rows::{Chunks, TiffRows};
use super::samples::{Colors, Values, picture};
use super::view::View;
use crate::decode_error::DecodeError;
use crate::held::decoded::Decoded;
use crate::limits::check_memory;
use crate::unsupported::UnsupportedSamples;

/// A picture that is to be decoded as a whole.
pub(super) struct Stored {
    pub(super) layout: Layout,
    /// How the decoder is shown it; none if it reads it as it is.
    pub(super) view: Option<View>,
    /// The first directory.
    pub(super) directory: Rewritten,
    /// Whether the bits of strips and tiles stand in reverse order.
    pub(super) reversed: bool,
    pub(super) colors: Colors,
}

impl Stored {
    /// Decodes the picture of a decoder.
    pub(super) fn decode(
        &self,
        mut decoder: Decoder<Patched<impl Read + Seek + Send>>,
        mut metadata: Metadata,
        limits: Limits,
    ) -> Result<Image, DecodeError> {
        let layout = &self.layout;
        let orientation = decoder.find_tag_unsigned::<u8>(Tag::Orientation).ok().flatten();
        let orientation = orientation.and_then(Orientation::from_exif).unwrap_or(Orientation::NoTransforms);
        let kinds = decoder.find_tag_unsigned_vec::<u16>(Tag::SampleFormat).map_err(refused)?;
        let float = kinds.is_some_and(|kinds| kinds.contains(&FLOAT));
        let turned = orientation != Orientation::NoTransforms;
        // Of a view, a plane is held twice beside all samples.
        let times = if self.view.is_some() { 2 } else { 1 };
        let needed = needed(layout, float, self.view.is_some() || turned).saturating_mul(times);
        check_memory(Size::new(layout.width as usize, layout.height as usize), needed, limits)?;
        let values = match self.view {
            Some(view) if float && view.packed => return Err(bits_error(layout)),
            Some(view) => self.planes(view, &mut decoder, limits)?,
            None => {
                decoder.inner().set_reversed(self.reversed);
                samples(&mut decoder, layout)?
            }
        };
        let picture = picture(layout, values, &self.colors, &mut metadata)?;
        Ok(Decoded { picture, metadata, orientation }.upright())
    }

    /// The samples of all planes.
    fn planes(
        &self,
        view: View,
        decoder: &mut Decoder<Patched<impl Read + Seek + Send>>,
        limits: Limits,
    ) -> Result<Values, DecodeError> {
        let tile_width = decoder.find_tag_unsigned::<u32>(Tag::TileWidth).map_err(refused)?;
        let source = decoder.inner();
        let mut all = None;
        for plane in 0..view.planes {
            source.set_reversed(false);
            let patches = view.patches(&self.directory, &self.layout, tile_width, plane, source)?;
            source.set_patches(patches);
            source.seek(SeekFrom::Start(0))?;
            let mut decoder = Decoder::new(&mut *source).map_err(refused)?.with_limits(decoder_limits(limits));
            let layout = view.layout(&self.layout);
            let chunks = Chunks::find(&mut decoder, &layout, limits)?;
            decoder.inner().set_reversed(self.reversed);
            let values = match chunks {
                Some(chunks) => {
                    let rows = TiffRows::new(decoder, layout, chunks, Metadata::default());
                    let plane = collect(rows).map_err(|error| *error.downcast::<DecodeError>().expect("its own"))?;
                    Values::of(plane)
                }
                None if view.packed => samples(&mut decoder, &layout)?,
                None => samples(&mut decoder, &self.layout)?,
            };
            let values = match values {
                Values::Eight(bytes) if view.packed => {
                    unpacked(&bytes, &self.layout, self.layout.samples / view.planes)?
                }
                values => values,
            };
            let all = all.get_or_insert_with(|| values.zeros(view.planes));
            put(all, &values, plane, view.planes)?;
        }
        all.ok_or(DecodeError::Empty)
    }
}

fn bits_error(layout: &Layout) -> DecodeError {
    DecodeError::Samples(UnsupportedSamples::TiffBits { samples: layout.samples, bits: layout.bits })
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

/// All samples of a decoder in one of the depths; indices of palettes as they are.
fn samples(decoder: &mut Decoder<impl Read + Seek>, layout: &Layout) -> Result<Values, DecodeError> {
    let mut result = DecodingResult::U8(Vec::new());
    decoder.read_image_to_buffer(&mut result).map_err(refused)?;
    Ok(match result {
        DecodingResult::U8(v) if !is_whole(layout.bits) => unpacked(&v, layout, 1)?,
        DecodingResult::U8(v) => Values::Eight(v),
        DecodingResult::U16(v) => Values::Sixteen(v),
        DecodingResult::U32(v) => Values::Sixteen(v.into_iter().map(|v| (v >> 16) as u16).collect()),
        // Signed integers: the least becomes black, the greatest white.
        DecodingResult::I8(v) => Values::Eight(v.into_iter().map(|v| v.cast_unsigned() ^ 1 << 7).collect()),
        DecodingResult::I16(v) => Values::Sixteen(v.into_iter().map(|v| v.cast_unsigned() ^ 1 << 15).collect()),
        DecodingResult::I32(v) => Values::Sixteen(v.into_iter().map(|v| (v >> 16) as u16 ^ 1 << 15).collect()),
        DecodingResult::F16(v) => Values::Float(v.into_iter().map(|v| v.to_f32()).collect()),
        DecodingResult::F32(v) => Values::Float(v),
        DecodingResult::F64(v) => Values::Float(v.into_iter().map(|v| v as f32).collect()),
        _ => return Err(DecodeError::Samples(UnsupportedSamples::TiffIntegers)),
    })
}

/// Puts a plane where its samples belong among interleaved ones.
fn put(all: &mut Values, plane: &Values, index: usize, planes: usize) -> Result<(), DecodeError> {
    fn put<T: Copy>(all: &mut [T], plane: &[T], index: usize, planes: usize) {
        all.chunks_exact_mut(planes).zip(plane).for_each(|(pixel, v)| pixel[index] = *v);
    }
    match (all, plane) {
        (Values::Eight(all), Values::Eight(plane)) => put(all, plane, index, planes),
        (Values::Sixteen(all), Values::Sixteen(plane)) => put(all, plane, index, planes),
        (Values::Float(all), Values::Float(plane)) => put(all, plane, index, planes),
        _ => return Err(DecodeError::Samples(UnsupportedSamples::TiffStrips)),
    }
    Ok(())
}
