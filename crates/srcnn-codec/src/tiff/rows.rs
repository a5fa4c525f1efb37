//! TIFF files, read by rows of strips or tiles.

use std::io::{Read, Seek};

use image::metadata::Orientation;
use tiff::decoder::{ChunkType, Decoder, DecodingResult};
use tiff::tags::Tag;

use srcnn_image::image::{Depth, Image, Metadata};
use srcnn_image::parallel::{map, threads};
use srcnn_image::plane::Rect;
use srcnn_image::rows::{Rows, RowsError, Shape};
use srcnn_image::{Limits, Size};

use super::error::refused;
use super::layout::{BLACK_IS_ZERO, FLOAT, INTERLEAVED, Layout, RGB, UNSIGNED};
use super::samples::{Colors, Values, picture};
use super::stored::Stored;
use super::ycc::Ycc;
use crate::decode_error::DecodeError;
use crate::guard::silent;
use crate::unsupported::UnsupportedSamples;

/// Strips that each thread decompresses at a time, so that they seldom wait for each other.
const STRIPS: u64 = 4;
/// Bytes of samples that are decompressed at a time: at least so many if there are, and at most so many but for one row of strips
/// or tiles.
const SMALL_BATCH: u64 = 1 << 20;
const LARGE_BATCH: u64 = 16 << 20;

/// The strips or tiles of a file that can be read in rows.
pub(super) struct Chunks {
    pub(super) shape: Shape,
    /// A strip's, or a tile's.
    size: Size,
    /// How many lie side by side.
    across: usize,
    /// Rows of strips or tiles that are read at a time.
    batch: usize,
    /// Bytes that one row of strips or tiles takes.
    bytes: u64,
    /// Strips or tiles that are decompressed here, and not by the library.
    stored: Option<Stored>,
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
        if u64::from(there.map_err(refused)?) != count {
            return Ok(None);
        }
        let stored = Stored::find(decoder, shape, size, limits);
        let size = stored.as_ref().map_or(size, |stored| stored.size);
        // Of a row of strips or tiles, however little of each lies within the picture: the rows put together, and the parts.
        let rows = shape.row_bytes().saturating_mul(2 * size.height.min(shape.height) as u64);
        let each = stored.as_ref().map_or(0, Stored::bytes_each);
        let bytes = rows.saturating_add(each.saturating_mul(across as u64));
        if bytes > limits.memory / 4 {
            return Ok(None);
        }
        let batch = match &stored {
            Some(stored) if !stored.is_plain() => {
                let enough = bytes.saturating_mul(STRIPS * threads() as u64).clamp(SMALL_BATCH, LARGE_BATCH);
                (enough.min(limits.memory / 8) / bytes.max(1)).max(1) as usize
            }
            _ => 1,
        };
        Ok(Some(Self { shape, size, across, batch, bytes, stored }))
    }
}

/// Rows of a file.
pub(super) struct TiffRows<R: Read + Seek> {
    decoder: Decoder<R>,
    layout: Layout,
    chunks: Chunks,
    metadata: Metadata,
    next_chunk: usize,
    /// Rows that are read and not all given yet, and how many are given.
    ready: Option<(Image, usize)>,
}

impl<R: Read + Seek> TiffRows<R> {
    /// The rows of a decoder; `metadata` are those of the upright picture.
    pub(super) fn new(decoder: Decoder<R>, layout: Layout, chunks: Chunks, metadata: Metadata) -> Self {
        Self { decoder, layout, chunks, metadata, next_chunk: 0, ready: None }
    }

    /// Reads the next rows of strips or tiles; none after the last.
    fn more(&mut self) -> Result<Option<Image>, DecodeError> {
        let Chunks { shape, size, across, batch, .. } = self.chunks;
        let top = self.next_chunk / across * size.height;
        if top >= shape.height {
            return Ok(None);
        }
        let rows = batch.saturating_mul(size.height).min(shape.height - top);
        let first = self.next_chunk;
        let places: Vec<Place> = (0..rows.div_ceil(size.height) * across)
            .map(|i| {
                let (top, left) = (i / across * size.height, i % across * size.width);
                Place { top, left, rows: size.height.min(rows - top), width: size.width.min(shape.width - left) }
            })
            .collect();
        self.next_chunk += places.len();
        let mut parts = Vec::with_capacity(places.len());
        for (i, part) in self.decompressed(first, &places).into_iter().enumerate() {
            parts.push(match part {
                Some(part) => part,
                None => self.by_library(first + i)?,
            });
        }
        let values = match parts.len() {
            1 => parts.remove(0),
            _ => joined(shape, rows, &places, &parts)?,
        };
        let layout = Layout { height: rows as u32, ..self.layout };
        let colors = Colors { palette: None, inverted: false, ycc: Ycc::JPEG };
        picture(&layout, values, &colors, &mut Metadata::default()).map(Some)
    }

    /// Strips or tiles from the `first` on, on all threads. None for each that the library has to read.
    fn decompressed(&mut self, first: usize, places: &[Place]) -> Vec<Option<Values>> {
        let Some(stored) = &self.chunks.stored else { return places.iter().map(|_| None).collect() };
        let source = self.decoder.inner();
        let fetched: Vec<_> =
            places.iter().enumerate().map(|(i, place)| stored.fetch(source, first + i, place.rows)).collect();
        let packed = fetched.into_iter().zip(places);
        let decode =
            |(packed, place): (Option<Vec<u8>>, &Place)| silent(|| stored.decode(packed?, place.width, place.rows));
        // One strip needs no other thread.
        if places.len() > 1 { map(packed, decode) } else { packed.map(decode).collect() }
    }

    /// A strip or tile as the library reads it.
    fn by_library(&mut self, index: usize) -> Result<Values, DecodeError> {
        if self.chunks.stored.as_ref().is_some_and(Stored::is_plain) {
            return Err(DecodeError::Truncated);
        }
        match self.decoder.read_chunk(index as u32).map_err(refused)? {
            DecodingResult::U8(part) => Ok(Values::Eight(part)),
            DecodingResult::U16(part) => Ok(Values::Sixteen(part)),
            DecodingResult::F32(part) => Ok(Values::Float(part)),
            _ => Err(DecodeError::Samples(UnsupportedSamples::TiffStrips)),
        }
    }
}

/// Where a strip or tile lies among the rows that are read with it, as far as it lies within the picture.
struct Place {
    top: usize,
    left: usize,
    rows: usize,
    width: usize,
}

/// Strips or tiles put together.
fn joined(shape: Shape, rows: usize, places: &[Place], parts: &[Values]) -> Result<Values, DecodeError> {
    let (row, channels) = (shape.width * shape.channels, shape.channels);
    let mut all = match shape.depth {
        Depth::Eight => Values::Eight(vec![0; row * rows]),
        Depth::Sixteen => Values::Sixteen(vec![0; row * rows]),
        Depth::Float => Values::Float(vec![0.0; row * rows]),
    };
    for (place, part) in places.iter().zip(parts) {
        match (&mut all, part) {
            (Values::Eight(all), Values::Eight(part)) => put(all, row, place, channels, part)?,
            (Values::Sixteen(all), Values::Sixteen(part)) => put(all, row, place, channels, part)?,
            (Values::Float(all), Values::Float(part)) => put(all, row, place, channels, part)?,
            _ => return Err(DecodeError::Samples(UnsupportedSamples::TiffStrips)),
        }
    }
    Ok(all)
}

/// Puts a part where it belongs among rows of `row` samples.
fn put<T: Copy>(all: &mut [T], row: usize, place: &Place, channels: usize, part: &[T]) -> Result<(), DecodeError> {
    let (left, width) = (place.left * channels, place.width * channels);
    if part.len() != width * place.rows {
        return Err(DecodeError::Truncated);
    }
    for (to, from) in all[place.top * row..].chunks_exact_mut(row).zip(part.chunks_exact(width)) {
        to[left..left + width].copy_from_slice(from);
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
        let (image, given) = match self.ready.take() {
            Some(ready) => ready,
            None => match self.more()? {
                Some(image) => (image, 0),
                None => return Ok(None),
            },
        };
        let rows = rows.max(1).min(image.height() - given);
        if rows == image.height() {
            return Ok(Some(image));
        }
        let part = image.crop(Rect { x: 0, y: given, width: image.width(), height: rows })?;
        if given + rows < image.height() {
            self.ready = Some((image, given + rows));
        }
        Ok(Some(part))
    }

    fn held_bytes(&self) -> u64 {
        self.chunks.bytes.saturating_mul(self.chunks.batch as u64)
    }
}
