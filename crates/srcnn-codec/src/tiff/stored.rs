//! Strips and tiles as they are stored: without compression, or by LZW or Deflate, whole samples as they are or as differences.

use std::io::{Read, Seek, SeekFrom};

use fdeflate::Decompressor;
use tiff::decoder::{ChunkType, Decoder};
use tiff::tags::{ByteOrder, Tag};

use srcnn_image::image::Depth;
use srcnn_image::rows::Shape;
use srcnn_image::{Limits, Size};

use super::compression::{DEFLATE, LZW, OLD_DEFLATE, UNCOMPRESSED};
use super::layout::DIFFERENCES;
use super::lzw;
use super::samples::Values;

/// Larger strips and tiles are left to the library.
const LARGEST: u64 = 64 << 20;
/// Compressed data are at most so many times as long as what they hold, but for a few bytes.
const LONGEST: u64 = 2;
const FEW: u64 = 1 << 16;
/// Bytes of strips without compression that are read at a time, about.
const PORTION: u64 = 1 << 18;
/// Bytes that the decompressor of Deflate may write beyond what it gives.
const BEYOND: usize = 64;
/// Bytes of what is kept of each strip or tile beside its data.
const OVERHEAD: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compression {
    None,
    Lzw,
    Deflate,
}

/// How the strips or tiles of a picture are stored, and where.
pub(super) struct Stored {
    compression: Compression,
    /// Whether samples are differences to the pixel on the left.
    differences: bool,
    order: ByteOrder,
    channels: usize,
    depth: Depth,
    /// Columns and rows of a strip or tile; of a part of a strip that is not compressed.
    pub(super) size: Size,
    offsets: Vec<u64>,
    lengths: Vec<u64>,
}

impl Stored {
    /// None for other kinds of compression, for fields that do not fit, and for strips or tiles of more than a quarter of the
    /// memory. `size` are the columns and rows of a strip or tile.
    pub(super) fn find(
        decoder: &mut Decoder<impl Read + Seek>,
        shape: Shape,
        size: Size,
        limits: Limits,
    ) -> Option<Self> {
        let (places, lengths, tiled) = match decoder.get_chunk_type() {
            ChunkType::Strip => (Tag::StripOffsets, Tag::StripByteCounts, false),
            ChunkType::Tile => (Tag::TileOffsets, Tag::TileByteCounts, true),
        };
        let compression = match decoder.find_tag_unsigned(Tag::Compression).ok()?.unwrap_or(UNCOMPRESSED) {
            UNCOMPRESSED => Compression::None,
            LZW => Compression::Lzw,
            DEFLATE | OLD_DEFLATE => Compression::Deflate,
            _ => return None,
        };
        let differences = match decoder.find_tag_unsigned::<u16>(Tag::Predictor).ok()?.unwrap_or(1) {
            1 => false,
            DIFFERENCES if shape.depth != Depth::Float => true,
            _ => return None,
        };
        let size = if tiled { size } else { Size::new(size.width, size.height.min(shape.height)) };
        let mut stored = Self {
            compression,
            differences,
            order: decoder.byte_order(),
            channels: shape.channels,
            depth: shape.depth,
            size,
            offsets: decoder.find_tag_unsigned_vec(places).ok()??,
            lengths: decoder.find_tag_unsigned_vec(lengths).ok()??,
        };
        let count = shape.width.div_ceil(size.width) * shape.height.div_ceil(size.height);
        // The library refuses lengths beyond the memory, whether they are true or not.
        let sound = stored.lengths.iter().all(|length| *length <= limits.memory);
        if !sound || stored.offsets.len() != count || stored.lengths.len() != count {
            return None;
        }
        if compression == Compression::None && !tiled {
            stored.split(shape);
        }
        let bytes = stored.row_bytes().checked_mul(stored.size.height)?;
        (bytes as u64 <= LARGEST.min(limits.memory / 4)).then_some(stored)
    }

    /// Bytes of a row of a strip or tile.
    fn row_bytes(&self) -> usize {
        self.size.width.saturating_mul(self.channels * self.depth.bytes() as usize)
    }

    /// Bytes that a strip or tile takes while it is decompressed, at most: as it is in the file, decompressed, and as samples.
    pub(super) fn bytes_each(&self) -> u64 {
        let whole = self.row_bytes().saturating_mul(self.size.height) as u64;
        let longest = self.lengths.iter().copied().max().unwrap_or(0).min(LONGEST * whole + FEW);
        let beyond = (BEYOND.max(lzw::BEYOND) + OVERHEAD) as u64;
        whole.saturating_mul(3).saturating_add(longest).saturating_add(beyond)
    }

    /// Takes large strips as several.
    fn split(&mut self, shape: Shape) {
        let row = self.row_bytes().max(1) as u64;
        let most = (PORTION / row).clamp(1, self.size.height as u64) as usize;
        // The last strip may have any number of rows, the others only a multiple.
        let single = self.offsets.len() == 1;
        let rows =
            if single { most } else { (1..=most).rev().find(|n| self.size.height.is_multiple_of(*n)).unwrap_or(1) };
        let parts = self.size.height.div_ceil(rows);
        let part = rows as u64 * row;
        let offsets = self.offsets.iter().flat_map(|at| (0..parts as u64).map(move |i| at.saturating_add(i * part)));
        self.offsets = offsets.take(shape.height.div_ceil(rows)).collect();
        self.lengths = vec![part; self.offsets.len()];
        self.size.height = rows;
    }

    /// Whether the library cannot be asked for a strip, since they are numbered otherwise.
    pub(super) fn is_plain(&self) -> bool {
        self.compression == Compression::None
    }

    /// The bytes of a strip or tile of which the first rows are wanted, as they are in the file; fewer if the file ends before.
    pub(super) fn fetch(&self, source: &mut (impl Read + Seek), index: usize, rows: usize) -> Option<Vec<u8>> {
        let whole = (self.row_bytes() * self.size.height) as u64;
        let length = match self.compression {
            Compression::None => (self.row_bytes() * rows) as u64,
            Compression::Lzw | Compression::Deflate => self.lengths[index].min(LONGEST * whole + FEW),
        };
        source.seek(SeekFrom::Start(self.offsets[index])).ok()?;
        let mut bytes = Vec::with_capacity(length.min(whole + FEW) as usize);
        source.take(length).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// The samples of the first columns and rows of a strip or tile. None if it cannot be read.
    pub(super) fn decode(&self, packed: Vec<u8>, columns: usize, rows: usize) -> Option<Values> {
        let (row, wanted) = (self.row_bytes(), self.row_bytes() * rows);
        let bytes = match self.compression {
            Compression::None => packed,
            Compression::Lzw => {
                let mut bytes = vec![0; wanted + lzw::BEYOND];
                lzw::decompress(&packed, wanted, &mut bytes)?;
                bytes
            }
            Compression::Deflate => inflated(&packed, wanted, row * self.size.height)?,
        };
        if bytes.len() < wanted {
            return None;
        }
        let kept = columns * self.channels * self.depth.bytes() as usize;
        let mut bytes = bytes;
        bytes.truncate(wanted);
        if kept < row {
            (0..rows).for_each(|y| bytes.copy_within(y * row..y * row + kept, y * kept));
            bytes.truncate(rows * kept);
        }
        let little = self.order == ByteOrder::LittleEndian;
        Some(match self.depth {
            Depth::Eight => {
                if self.differences {
                    bytes.chunks_exact_mut(kept).for_each(|row| summed(row, self.channels, u8::wrapping_add));
                }
                Values::Eight(bytes)
            }
            Depth::Sixteen => {
                let pairs = bytes.as_chunks().0.iter();
                let mut samples: Vec<u16> = match little {
                    true => pairs.map(|pair| u16::from_le_bytes(*pair)).collect(),
                    false => pairs.map(|pair| u16::from_be_bytes(*pair)).collect(),
                };
                if self.differences {
                    samples.chunks_exact_mut(kept / 2).for_each(|row| summed(row, self.channels, u16::wrapping_add));
                }
                Values::Sixteen(samples)
            }
            Depth::Float => {
                let fours = bytes.as_chunks().0.iter();
                Values::Float(match little {
                    true => fours.map(|four| f32::from_le_bytes(*four)).collect(),
                    false => fours.map(|four| f32::from_be_bytes(*four)).collect(),
                })
            }
        })
    }
}

/// Decompresses a whole stream of Deflate in zlib's frame, of at least `wanted` bytes and at most `most`.
fn inflated(packed: &[u8], wanted: usize, most: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; most + BEYOND];
    let mut decompressor = Decompressor::new();
    let (mut consumed, mut produced) = (0, 0);
    while !decompressor.is_done() {
        let (more_consumed, more_produced) = decompressor.read(&packed[consumed..], &mut bytes, produced, true).ok()?;
        if (more_consumed, more_produced) == (0, 0) {
            return None;
        }
        (consumed, produced) = (consumed + more_consumed, produced + more_produced);
    }
    (wanted <= produced && produced <= most).then_some(bytes)
}

/// Sums of differences along a row of interleaved pixels.
fn summed<T: Copy + Default>(row: &mut [T], channels: usize, add: impl Fn(T, T) -> T) {
    match channels {
        1 => summed_of::<T, 1>(row, add),
        2 => summed_of::<T, 2>(row, add),
        3 => summed_of::<T, 3>(row, add),
        _ => summed_of::<T, 4>(row, add),
    }
}

fn summed_of<T: Copy + Default, const CHANNELS: usize>(row: &mut [T], add: impl Fn(T, T) -> T) {
    let mut sums = [T::default(); CHANNELS];
    for pixel in row.as_chunks_mut::<CHANNELS>().0 {
        for (sum, v) in sums.iter_mut().zip(pixel.iter()) {
            *sum = add(*sum, *v);
        }
        *pixel = sums;
    }
}
