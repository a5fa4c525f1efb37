//! Strips and tiles whose compression the decoder does not know, decompressed: it is shown a file without compression, which has
//! them behind its end.

use std::io::{Read, Seek, SeekFrom};

use ruzstd::decoding::StreamingDecoder;
use srcnn_image::parallel::{map, threads};
use srcnn_image::{Limits, Size};

use super::ccitt::{self, CcittError, Coding};
use super::compression::{GROUP_3, RUNS, RUNS_BY_WORDS, UNCOMPRESSED, ZSTANDARD};
use super::directories::Directories;
use super::error::NAME;
use super::layout::INTERLEAVED;
use super::patched::Patched;
use super::rewritten::Rewritten;
use super::view::is_reversed;
use crate::decode_error::DecodeError;
use crate::guard::silent;
use crate::limits::{check_memory, check_pixels};
use crate::metadata::tags::{
    BITS_PER_SAMPLE, COMPRESSION, FILL_ORDER, IMAGE_LENGTH, IMAGE_WIDTH, PLANAR_CONFIGURATION, ROWS_PER_STRIP,
    SAMPLES_PER_PIXEL, STRIP_BYTE_COUNTS, STRIP_OFFSETS, T4_OPTIONS, TILE_BYTE_COUNTS, TILE_LENGTH, TILE_OFFSETS,
    TILE_WIDTH,
};
use crate::unsupported::UnsupportedSamples;

/// Bit of T4Options: rows are coded in two dimensions.
const TWO_DIMENSIONAL: u32 = 1;
/// Compressed data are at most so many times as long as what they hold, but for a few bytes.
const LONGEST: u64 = 8;
const FEW: u64 = 1 << 16;
/// What a decoder of Zstandard may keep of what it has given, at most.
const LARGEST_WINDOW: u64 = 128 << 20;

/// How a strip or tile becomes bytes.
#[derive(Clone, Copy)]
enum Method {
    Ccitt(Coding),
    Zstandard,
}

/// Strips or tiles of a picture, which come plane by plane, row by row.
struct Chunks {
    /// Columns, of a strip or tile, and bytes of a row of them.
    width: usize,
    row_bytes: usize,
    /// How many lie side by side, and below each other.
    across: usize,
    down: usize,
    /// Rows of each, and of those at the bottom.
    rows: usize,
    last_rows: usize,
    planes: usize,
}

/// Whether this is the one that reads a kind of compression.
pub(super) fn is_read_here(compression: u16) -> bool {
    matches!(compression, RUNS | RUNS_BY_WORDS | GROUP_3 | ZSTANDARD)
}

/// Decompresses all strips or tiles, and changes the directory so that it has them uncompressed. `source` reads bits in reverse order
/// if the file has them so. Gives the bytes that are held.
///
/// # Errors
/// [`DecodeError`]: damaged or missing data; what passes the limits.
pub(super) fn expand(
    source: &mut Patched<impl Read + Seek>,
    directories: &Directories,
    directory: &mut Rewritten,
    compression: u16,
    limits: Limits,
) -> Result<u64, DecodeError> {
    let number = |tag, default| directories.number(tag).unwrap_or(default);
    let size = Size::new(number(IMAGE_WIDTH, 0) as usize, number(IMAGE_LENGTH, 0) as usize);
    check_pixels(size, limits)?;
    if size.is_empty() {
        return Err(DecodeError::Empty);
    }
    let (samples, bits) = (number(SAMPLES_PER_PIXEL, 1) as usize, number(BITS_PER_SAMPLE, 1) as u16);
    let planar = samples > 1 && number(PLANAR_CONFIGURATION, INTERLEAVED.into()) != u32::from(INTERLEAVED);
    let method = match compression {
        RUNS => Method::Ccitt(Coding::Rows { aligned: 8 }),
        RUNS_BY_WORDS => Method::Ccitt(Coding::Rows { aligned: 16 }),
        GROUP_3 => Method::Ccitt(Coding::Group3 { two_dimensional: number(T4_OPTIONS, 0) & TWO_DIMENSIONAL != 0 }),
        _ => Method::Zstandard,
    };
    if matches!(method, Method::Ccitt(_)) && (bits != 1 || samples > 1 && !planar) {
        return Err(DecodeError::Samples(UnsupportedSamples::TiffBits { samples, bits }));
    }
    let tiled = directories.has(TILE_WIDTH);
    let planes = if planar { samples } else { 1 };
    let sample_bits = (samples / planes).saturating_mul(bits.into());
    let chunks = Chunks::new(directories, size, tiled, planes, sample_bits)?;
    let total = chunks.total();
    // The same again when it is read.
    check_memory(size, total.saturating_mul(2), limits)?;
    let (places, lengths) = if tiled { (TILE_OFFSETS, TILE_BYTE_COUNTS) } else { (STRIP_OFFSETS, STRIP_BYTE_COUNTS) };
    let stored_places = directory.numbers(places, source)?.unwrap_or_default();
    let stored_lengths = directory.numbers(lengths, source)?.unwrap_or_default();
    let count = chunks.count();
    if (stored_places.len().min(stored_lengths.len()) as u64) < count {
        return Err(DecodeError::Truncated);
    }
    if !directory.has_room(total.saturating_add(FEW + 16 * count)) {
        return Err(DecodeError::LargeFile { bytes: total, limit: u32::MAX.into() });
    }
    let window = LARGEST_WINDOW.min(limits.memory / (4 * threads() as u64).max(1));
    let (mut new_places, mut new_lengths) = (Vec::new(), Vec::new());
    source.set_reversed(is_reversed(directories.number(FILL_ORDER), compression));
    let all: Vec<usize> = (0..count as usize).collect();
    for batch in all.chunks(threads().max(1)) {
        let mut packed = Vec::new();
        for i in batch {
            let rows = chunks.rows_of(*i);
            packed.push((fetch(source, stored_places[*i], stored_lengths[*i], chunks.bytes(rows))?, rows));
        }
        let decompress =
            |(packed, rows): (Vec<u8>, usize)| silent(|| decompressed(&packed, method, &chunks, rows, window));
        for bytes in map(packed.into_iter(), decompress) {
            let bytes = bytes?;
            new_lengths.push(bytes.len() as u64);
            new_places.push(directory.add(bytes.into()));
        }
    }
    source.set_reversed(false);
    directory.set(COMPRESSION, UNCOMPRESSED.into());
    directory.set_places(places, &new_places);
    directory.set_places(lengths, &new_lengths);
    Ok(total)
}

impl Chunks {
    fn new(
        directories: &Directories,
        size: Size,
        tiled: bool,
        planes: usize,
        bits: usize,
    ) -> Result<Self, DecodeError> {
        let side = |tag| directories.number(tag).map_or(0, |v| v as usize);
        let (width, across, rows) = match tiled {
            true => {
                let tile = Size::new(side(TILE_WIDTH), side(TILE_LENGTH));
                if tile.is_empty() {
                    return Err(DecodeError::Empty);
                }
                (tile.width, size.width.div_ceil(tile.width), tile.height)
            }
            false => {
                let rows = directories.number(ROWS_PER_STRIP).map_or(size.height, |rows| rows as usize);
                (size.width, 1, rows.clamp(1, size.height))
            }
        };
        let down = size.height.div_ceil(rows);
        let last_rows = if tiled { rows } else { size.height - (down - 1) * rows };
        let row_bytes = width.saturating_mul(bits).div_ceil(8);
        Ok(Self { width, row_bytes, across, down, rows, last_rows, planes })
    }

    fn count(&self) -> u64 {
        (self.across as u64).saturating_mul(self.down as u64).saturating_mul(self.planes as u64)
    }

    /// Rows of one of them.
    fn rows_of(&self, index: usize) -> usize {
        if index / self.across % self.down + 1 == self.down { self.last_rows } else { self.rows }
    }

    /// Bytes of all.
    fn total(&self) -> u64 {
        let rows = (self.rows as u64).saturating_mul(self.down as u64 - 1).saturating_add(self.last_rows as u64);
        let row = (self.row_bytes as u64).saturating_mul(self.across as u64).saturating_mul(self.planes as u64);
        row.saturating_mul(rows)
    }

    /// Bytes of so many rows.
    fn bytes(&self, rows: usize) -> u64 {
        (self.row_bytes as u64).saturating_mul(rows as u64)
    }
}

/// The bytes of a strip or tile as they are in the file; fewer if the file ends before.
fn fetch(source: &mut Patched<impl Read + Seek>, place: u64, length: u64, whole: u64) -> Result<Vec<u8>, DecodeError> {
    source.seek(SeekFrom::Start(place))?;
    let mut bytes = Vec::new();
    source.take(length.min(LONGEST.saturating_mul(whole).saturating_add(FEW))).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn decompressed(
    packed: &[u8],
    method: Method,
    chunks: &Chunks,
    rows: usize,
    window: u64,
) -> Result<Vec<u8>, DecodeError> {
    match method {
        Method::Ccitt(coding) => ccitt::decompress(packed, chunks.width, rows, coding).map_err(|error| match error {
            CcittError::Truncated => DecodeError::Truncated,
            error => DecodeError::decoder(NAME, error),
        }),
        Method::Zstandard => {
            let wanted = chunks.bytes(rows);
            let decoder = StreamingDecoder::new_with_max_window_size(packed, window);
            let mut decoder = decoder.map_err(|error| DecodeError::decoder(NAME, error))?;
            let mut bytes = Vec::with_capacity(wanted as usize);
            let read = decoder.by_ref().take(wanted).read_to_end(&mut bytes);
            read.map_err(|error| DecodeError::decoder(NAME, error))?;
            if (bytes.len() as u64) < wanted { Err(DecodeError::Truncated) } else { Ok(bytes) }
        }
    }
}
