//! TIFF files, read by rows of strips or tiles.

use std::io::{Read, Seek};

use image::metadata::Orientation;
use tiff::decoder::{ChunkType, Decoder, DecodingResult};
use tiff::tags::Tag;

use srcnn_image::image::{Depth, Image, Metadata};
use srcnn_image::rows::{RowBuffer, Rows, RowsError, Shape};
use srcnn_image::{Limits, Size};

use super::error::refused;
use super::layout::{BLACK_IS_ZERO, FLOAT, INTERLEAVED, Layout, RGB, UNSIGNED};
use super::samples::{Values, picture};
use crate::decode_error::DecodeError;
use crate::unsupported::UnsupportedSamples;

/// The strips or tiles of a file that can be read in rows.
pub(super) struct Chunks {
    pub(super) shape: Shape,
    /// A strip's, or a tile's.
    size: Size,
    /// How many lie side by side.
    across: usize,
}

impl Chunks {
    /// None for a file of other samples than grey or RGB in whole interleaved samples of 8 or 16 bits, or floats of 32; one that
    /// is to be turned; or one whose strips take more than a quarter of the memory.
    pub(super) fn find(
        decoder: &mut Decoder<impl Read + Seek>,
        layout: &Layout,
        limits: Limits,
    ) -> Result<Option<Self>, DecodeError> {
        let mut all_are = |tag, value: u16| -> Result<bool, DecodeError> {
            let values = decoder.find_tag_unsigned_vec::<u16>(tag).map_err(refused)?;
            Ok(values.is_none_or(|values| values.iter().all(|v| *v == value)))
        };
        let float = !all_are(Tag::SampleFormat, UNSIGNED)? && all_are(Tag::SampleFormat, FLOAT)?;
        let plain = (float || all_are(Tag::SampleFormat, UNSIGNED)?)
            && all_are(Tag::PlanarConfiguration, INTERLEAVED)?
            && all_are(Tag::Orientation, Orientation::NoTransforms.to_exif().into())?;
        let bits = decoder.find_tag_unsigned_vec::<u16>(Tag::BitsPerSample).map_err(refused)?.unwrap_or_default();
        let depth = match (float, bits.first()) {
            (false, Some(8)) => Depth::Eight,
            (false, Some(16)) => Depth::Sixteen,
            (true, Some(32)) => Depth::Float,
            _ => return Ok(None),
        };
        // The decoder leaves out other samples before it undoes predictors.
        let all = layout.samples == layout.channels()?;
        if !plain || !all || bits.iter().any(|b| *b != bits[0]) || !matches!(layout.photometric, BLACK_IS_ZERO | RGB) {
            return Ok(None);
        }
        let (width, height) = (layout.width as usize, layout.height as usize);
        let shape = Shape { width, height, channels: layout.channels()?, depth };
        let size = decoder.chunk_dimensions();
        let size = Size::new(size.0 as usize, size.1 as usize);
        if size.is_empty() || shape.size().is_empty() {
            return Ok(None);
        }
        let across = shape.width.div_ceil(size.width);
        let count = across as u64 * shape.height.div_ceil(size.height) as u64;
        let there = match decoder.get_chunk_type() {
            ChunkType::Strip => decoder.strip_count(),
            ChunkType::Tile => decoder.tile_count(),
        };
        let bytes = shape.row_bytes().saturating_mul(size.height.min(shape.height) as u64);
        if u64::from(there.map_err(refused)?) != count || bytes > limits.memory / 4 {
            return Ok(None);
        }
        Ok(Some(Self { shape, size, across }))
    }
}

/// Rows of a file.
pub(super) struct TiffRows<R: Read + Seek> {
    decoder: Decoder<R>,
    layout: Layout,
    chunks: Chunks,
    metadata: Metadata,
    next_chunk: u32,
    ready: RowBuffer,
}

impl<R: Read + Seek> TiffRows<R> {
    /// The rows of a decoder; `metadata` are those of the upright picture.
    pub(super) fn new(decoder: Decoder<R>, layout: Layout, chunks: Chunks, metadata: Metadata) -> Self {
        let ready = RowBuffer::new(chunks.shape);
        Self { decoder, layout, chunks, metadata, next_chunk: 0, ready }
    }

    /// Reads the next row of strips or tiles.
    fn more(&mut self) -> Result<(), DecodeError> {
        let top = self.next_chunk as usize / self.chunks.across * self.chunks.size.height;
        let rows = self.chunks.size.height.min(self.chunks.shape.height - top);
        let mut values = None;
        for column in 0..self.chunks.across {
            let left = column * self.chunks.size.width;
            let width = self.chunks.size.width.min(self.chunks.shape.width - left);
            let read = self.decoder.read_chunk(self.next_chunk).map_err(refused)?;
            self.next_chunk += 1;
            let all = values.get_or_insert_with(|| match &read {
                DecodingResult::U8(part) => {
                    Values::Eight(vec![0; part.len() / (width * rows) * self.chunks.shape.width * rows])
                }
                DecodingResult::U16(part) => {
                    Values::Sixteen(vec![0; part.len() / (width * rows) * self.chunks.shape.width * rows])
                }
                DecodingResult::F32(part) => {
                    Values::Float(vec![0.0; part.len() / (width * rows) * self.chunks.shape.width * rows])
                }
                _ => Values::Eight(Vec::new()),
            });
            match (all, &read) {
                (Values::Eight(all), DecodingResult::U8(part)) => place(all, part, left, width, rows)?,
                (Values::Sixteen(all), DecodingResult::U16(part)) => place(all, part, left, width, rows)?,
                (Values::Float(all), DecodingResult::F32(part)) => place(all, part, left, width, rows)?,
                _ => return Err(DecodeError::Samples(UnsupportedSamples::TiffStrips)),
            }
        }
        let values = values.ok_or(DecodeError::Truncated)?;
        let layout = Layout { height: rows as u32, ..self.layout };
        let part = picture(&layout, values, None, &mut Metadata::default())?;
        self.ready.push(&part);
        Ok(())
    }
}

/// Puts the rows of a part of so many columns and rows where they belong.
fn place<T: Copy>(all: &mut [T], part: &[T], left: usize, width: usize, rows: usize) -> Result<(), DecodeError> {
    let (row, samples) = (all.len() / rows, part.len() / (width * rows));
    if samples == 0 || (left + width) * samples > row {
        return Err(DecodeError::Truncated);
    }
    for (to, from) in all.chunks_exact_mut(row).zip(part.chunks_exact(width * samples)) {
        to[left * samples..(left + width) * samples].copy_from_slice(from);
    }
    Ok(())
}

impl<R: Read + Seek + Send> Rows for TiffRows<R> {
    fn shape(&self) -> Shape {
        self.chunks.shape
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let there = self.ready.rows();
        if there.start == self.chunks.shape.height {
            return Ok(None);
        }
        if there.is_empty() {
            self.more()?;
        }
        let there = self.ready.rows();
        let end = there.end.min(there.start + rows.max(1));
        let part = self.ready.part(there.start..end);
        self.ready.drop_above(end);
        Ok(Some(part))
    }

    fn held_bytes(&self) -> u64 {
        // A row of strips or tiles, as it is stored and as it is given.
        self.chunks.shape.row_bytes().saturating_mul(2 * self.chunks.size.height.min(self.chunks.shape.height) as u64)
    }
}
