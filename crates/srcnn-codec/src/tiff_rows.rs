//! TIFF files, read by rows of strips or tiles.

use std::io::{Read, Seek, SeekFrom};

use image::metadata::Orientation;
use tiff::decoder::{ChunkType, Decoder, DecodingResult};
use tiff::tags::Tag;

use super::decode_error::{DecodeError, check_pixels};
use super::decode_held::settle;
use super::directory::skeleton;
use super::tiff_read::{BLACK_IS_ZERO, FLOAT, INTERLEAVED, Layout, RGB, Values, XMP, allowed, picture};
use super::{directory, exif};
use srcnn_image::Limits;
use srcnn_image::image::{Change, Depth, Image, Metadata};
use srcnn_image::rows::{RowBuffer, Rows, RowsError, Shape};

/// Sample formats: unsigned integers.
const UNSIGNED: u16 = 1;

/// Rows of a TIFF file of grey or RGB, with or without alpha, in whole interleaved samples of 8 or 16 bits, or floats of 32.
pub(super) struct TiffRows<R: Read + Seek> {
    decoder: Decoder<R>,
    layout: Layout,
    shape: Shape,
    metadata: Metadata,
    /// Columns and rows of a strip or tile, and how many lie side by side.
    chunk: (usize, usize),
    across: usize,
    next_chunk: u32,
    ready: RowBuffer,
}

impl<R: Read + Seek> TiffRows<R> {
    /// None for a file of another kind, or one that is to be turned, or whose strips take more than a quarter of the memory.
    pub(super) fn open(mut source: R, limits: Limits) -> Result<Option<Self>, DecodeError> {
        let skeleton = skeleton(&mut source)?;
        source.seek(SeekFrom::Start(0))?;
        let mut decoder = Decoder::new(source)?.with_limits(allowed(limits));
        let (width, height) = decoder.dimensions()?;
        check_pixels(width as usize, height as usize, limits)?;
        let mut all_are = |tag, value: u16| -> Result<bool, DecodeError> {
            Ok(decoder.find_tag_unsigned_vec::<u16>(tag)?.is_none_or(|values| values.iter().all(|v| *v == value)))
        };
        let float = !all_are(Tag::SampleFormat, UNSIGNED)? && all_are(Tag::SampleFormat, FLOAT)?;
        let plain = (float || all_are(Tag::SampleFormat, UNSIGNED)?)
            && all_are(Tag::PlanarConfiguration, INTERLEAVED)?
            && all_are(Tag::Orientation, Orientation::NoTransforms.to_exif().into())?;
        let layout = Layout::of(&mut decoder, None)?;
        let bits = decoder.find_tag_unsigned_vec::<u16>(Tag::BitsPerSample)?.unwrap_or_default();
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
        let shape = Shape { width: width as usize, height: height as usize, channels: layout.channels()?, depth };
        let chunk = decoder.chunk_dimensions();
        let chunk = (chunk.0 as usize, chunk.1 as usize);
        if chunk.0 == 0 || chunk.1 == 0 || width == 0 || height == 0 {
            return Ok(None);
        }
        let across = shape.width.div_ceil(chunk.0);
        let count = across as u64 * shape.height.div_ceil(chunk.1) as u64;
        let there = match decoder.get_chunk_type() {
            ChunkType::Strip => decoder.strip_count()?,
            ChunkType::Tile => decoder.tile_count()?,
        };
        let bytes = shape.row_bytes().saturating_mul(chunk.1.min(shape.height) as u64);
        if u64::from(there) != count || bytes > limits.memory / 4 {
            return Ok(None);
        }
        let block = skeleton.as_deref().and_then(exif::Block::new);
        let metadata = Metadata {
            icc: decoder.get_tag_u8_vec(Tag::IccProfile).ok(),
            xmp: decoder.get_tag(XMP).ok().and_then(|v| v.into_u8_vec().ok()),
            exif: skeleton.as_deref().and_then(directory::of_tiff),
            density: block.and_then(|block| block.density()),
            color_chunks: Vec::new(),
            changes: if block.is_some_and(|block| block.has_second()) { vec![Change::First] } else { Vec::new() },
        };
        let metadata = settle(metadata, Orientation::NoTransforms, shape.is_grey());
        Ok(Some(Self { decoder, layout, shape, metadata, chunk, across, next_chunk: 0, ready: RowBuffer::new(shape) }))
    }

    /// Reads the next row of strips or tiles.
    fn more(&mut self) -> Result<(), DecodeError> {
        let top = self.next_chunk as usize / self.across * self.chunk.1;
        let rows = self.chunk.1.min(self.shape.height - top);
        let mut values = None;
        for column in 0..self.across {
            let left = column * self.chunk.0;
            let width = self.chunk.0.min(self.shape.width - left);
            let read = self.decoder.read_chunk(self.next_chunk)?;
            self.next_chunk += 1;
            let all = values.get_or_insert_with(|| match &read {
                DecodingResult::U8(part) => {
                    Values::Eight(vec![0; part.len() / (width * rows) * self.shape.width * rows])
                }
                DecodingResult::U16(part) => {
                    Values::Sixteen(vec![0; part.len() / (width * rows) * self.shape.width * rows])
                }
                DecodingResult::F32(part) => {
                    Values::Float(vec![0.0; part.len() / (width * rows) * self.shape.width * rows])
                }
                _ => Values::Eight(Vec::new()),
            });
            match (all, &read) {
                (Values::Eight(all), DecodingResult::U8(part)) => place(all, part, left, width, rows)?,
                (Values::Sixteen(all), DecodingResult::U16(part)) => place(all, part, left, width, rows)?,
                (Values::Float(all), DecodingResult::F32(part)) => place(all, part, left, width, rows)?,
                _ => return Err(DecodeError::Samples("TIFF whose strips are of different kinds".to_owned())),
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

impl<R: Read + Seek> Rows for TiffRows<R> {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let there = self.ready.rows();
        if there.start == self.shape.height {
            return Ok(None);
        }
        if there.is_empty() {
            self.more()?;
        }
        let there = self.ready.rows();
        let end = there.end.min(there.start + rows.max(1));
        let part = self.ready.part(there.start..end);
        self.ready.let_go(end);
        Ok(Some(part))
    }

    fn held_bytes(&self) -> u64 {
        // A row of strips or tiles, as it is stored and as it is given.
        self.shape.row_bytes().saturating_mul(2 * self.chunk.1.min(self.shape.height) as u64)
    }
}
