//! JPEG as TIFF 6.0 first had it (section 22, compression 6): a whole file of JPEG's within the file, or its tables and scans apart.

use std::io::{Read, Seek, SeekFrom};

use srcnn_image::{Limits, Size};

use super::directories::Directories;
use super::layout::{INTERLEAVED, RGB};
use super::patched::Patched;
use super::rewritten::Rewritten;
use crate::decode_error::DecodeError;
use crate::jpeg::{Interchange, InterchangeComponent, START};
use crate::metadata::tags::{
    BITS_PER_SAMPLE, COMPRESSION, IMAGE_LENGTH, IMAGE_WIDTH, JPEG_AC_TABLES, JPEG_DC_TABLES, JPEG_PROCESS,
    JPEG_QUANTISATION_TABLES, JPEG_RESTART_INTERVAL, PHOTOMETRIC_INTERPRETATION, PLANAR_CONFIGURATION, ROWS_PER_STRIP,
    SAMPLES_PER_PIXEL, STRIP_BYTE_COUNTS, STRIP_OFFSETS, THUMBNAIL_LENGTH, THUMBNAIL_OFFSET, TILE_WIDTH,
    YCC_SUBSAMPLING,
};
use crate::unsupported::UnsupportedSamples;

/// JPEGProc: baseline.
const BASELINE: u32 = 1;
/// Bytes of a quantisation table; of the numbers of codes that begin a Huffman table.
const QUANTISATION: usize = 64;
const CODE_COUNTS: usize = 16;

/// The picture as a file of JPEG's.
///
/// # Errors
/// [`UnsupportedSamples::TiffCompression`] for what is stored in another way than these two.
pub(super) fn interchange(
    source: &mut Patched<impl Read + Seek>,
    directories: &Directories,
    directory: &Rewritten,
    limits: Limits,
) -> Result<Vec<u8>, DecodeError> {
    let number = |tag, default| directories.number(tag).unwrap_or(default);
    let other = || {
        let (number, name) = (number(COMPRESSION, 0) as u16, "old-style JPEG of a rare kind");
        DecodeError::Samples(UnsupportedSamples::TiffCompression { number, name })
    };
    let plain = number(JPEG_PROCESS, BASELINE) == BASELINE
        && number(BITS_PER_SAMPLE, 8) == 8
        && number(PLANAR_CONFIGURATION, INTERLEAVED.into()) == u32::from(INTERLEAVED)
        && !directories.has(TILE_WIDTH);
    if !plain {
        return Err(other());
    }
    let places = directory.numbers(STRIP_OFFSETS, source)?.unwrap_or_default();
    let lengths = directory.numbers(STRIP_BYTE_COUNTS, source)?.unwrap_or_default();
    let mut strips = Strips { source, left: limits.memory / 4 };
    // Some have the whole file's place in one entry, some in the other.
    let begin = directories.number(THUMBNAIL_OFFSET).map(u64::from);
    let stated = directories.number(THUMBNAIL_LENGTH).map(u64::from);
    for (place, length) in [(begin, stated), (places.first().copied(), lengths.first().copied())] {
        let Some(place) = place.filter(|place| *place > 0) else { continue };
        let whole = strips.read(place, length.unwrap_or(u64::MAX))?;
        if whole.starts_with(&START) && Interchange::has_scan(&whole) {
            return Ok(whole);
        }
    }
    let size = Size::new(number(IMAGE_WIDTH, 0) as usize, number(IMAGE_LENGTH, 0) as usize);
    let (Ok(width), Ok(height)) = (u16::try_from(size.width), u16::try_from(size.height)) else { return Err(other()) };
    if size.is_empty() || places.is_empty() {
        return Err(DecodeError::Empty);
    }
    let samples = number(SAMPLES_PER_PIXEL, 1) as usize;
    let factors = directories.numbers(YCC_SUBSAMPLING).filter(|v| v.len() == 2).unwrap_or_else(|| vec![2, 2]);
    let luma = if samples == 3 && number(PHOTOMETRIC_INTERPRETATION, 0) != u32::from(RGB) {
        [factors[0] as u8, factors[1] as u8]
    } else {
        [1, 1]
    };
    if ![1, 3].contains(&samples) || luma.iter().any(|factor| ![1, 2, 4].contains(factor)) {
        return Err(other());
    }
    let mut components = Vec::new();
    for i in 0..samples {
        let mut table = |tag, counted: bool| -> Result<Vec<u8>, DecodeError> {
            let place = directories.numbers(tag).and_then(|places| places.get(i).copied()).ok_or_else(other)?;
            strips.table(place.into(), counted)
        };
        components.push(InterchangeComponent {
            factors: if i == 0 { luma } else { [1, 1] },
            quantisation: table(JPEG_QUANTISATION_TABLES, false)?,
            dc: table(JPEG_DC_TABLES, true)?,
            ac: table(JPEG_AC_TABLES, true)?,
        });
    }
    // Every strip begins anew, as after a restart mark.
    let rows = number(ROWS_PER_STRIP, u32::MAX).clamp(1, size.height as u32) as usize;
    let [across, down] = luma.map(|factor| 8 * usize::from(factor));
    let count = size.height.div_ceil(rows);
    let stated = number(JPEG_RESTART_INTERVAL, 0);
    let interval = match count {
        1 => stated as usize,
        _ if stated == 0 && rows.is_multiple_of(down) => rows / down * size.width.div_ceil(across),
        _ => return Err(other()),
    };
    let interval = u16::try_from(interval).map_err(|_| other())?;
    let mut scans = Vec::new();
    for (place, length) in places.into_iter().zip(lengths).take(count) {
        scans.push(strips.read(place, length)?);
    }
    if scans.len() < count {
        return Err(DecodeError::Truncated);
    }
    let is_rgb = samples == 3 && number(PHOTOMETRIC_INTERPRETATION, 0) == u32::from(RGB);
    Ok(Interchange { width, height, components, is_rgb, interval, scans }.bytes())
}

/// Pieces of a file, of so many bytes in all at most.
struct Strips<'a, R> {
    source: &'a mut Patched<R>,
    left: u64,
}

impl<R: Read + Seek> Strips<'_, R> {
    /// Some bytes; fewer if the file ends before.
    fn read(&mut self, place: u64, length: u64) -> Result<Vec<u8>, DecodeError> {
        self.source.seek(SeekFrom::Start(place))?;
        let mut bytes = Vec::new();
        self.source.by_ref().take(length.min(self.left)).read_to_end(&mut bytes)?;
        self.left -= bytes.len() as u64;
        Ok(bytes)
    }

    /// A quantisation table, or a Huffman table: how many codes there are of each length, and their values.
    fn table(&mut self, place: u64, counted: bool) -> Result<Vec<u8>, DecodeError> {
        let mut table = self.read(place, if counted { CODE_COUNTS } else { QUANTISATION } as u64)?;
        if counted {
            let values = table.iter().map(|count| u64::from(*count)).sum();
            table.extend(self.read(place + CODE_COUNTS as u64, values)?);
            if (table.len() as u64) < CODE_COUNTS as u64 + values {
                return Err(DecodeError::Truncated);
            }
        }
        if table.len() < CODE_COUNTS || !counted && table.len() < QUANTISATION {
            Err(DecodeError::Truncated)
        } else {
            Ok(table)
        }
    }
}
