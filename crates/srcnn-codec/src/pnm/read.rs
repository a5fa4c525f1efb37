//! PNM and PAM files, read row by row if their samples are binary, else as a whole.

use std::io::{BufRead, Cursor, Read, Seek, SeekFrom};

use image::codecs::pnm::PnmDecoder;

use srcnn_image::Limits;
use srcnn_image::image::{Depth, Image, Metadata, Pixels, Samples};
use srcnn_image::rows::{Rows, RowsError, Shape};

use super::raster::Raster;
use crate::decode_error::DecodeError;
use crate::held::{file, library};
use crate::limits::{check_memory, check_pixels};
use crate::samples::bytes::from_big_endian;

/// Bytes of samples of 16 bits that are read at a time.
const PORTION: u64 = 1 << 16;

/// Opens a file from its beginning.
pub(crate) fn open<'a>(
    mut source: impl BufRead + Seek + Send + 'a,
    limits: Limits,
) -> Result<Box<dyn Rows + 'a>, DecodeError> {
    let Some(raster) = Raster::find(&mut source)? else { return file::decoded(source, limits, whole) };
    let (size, row) = (raster.shape.size(), raster.row_bytes());
    if size.is_empty() {
        return Err(DecodeError::Empty);
    }
    check_pixels(size, limits)?;
    // A row as it is stored and as it is given.
    check_memory(size, row.saturating_add(raster.shape.row_bytes()), limits)?;
    let begin = source.stream_position()?;
    let there = source.seek(SeekFrom::End(0))?.saturating_sub(begin);
    if there < row.saturating_mul(size.height as u64) {
        return Err(DecodeError::Truncated);
    }
    source.seek(SeekFrom::Start(begin))?;
    Ok(Box::new(PnmRows { source, raster, next: 0, metadata: Metadata::default() }))
}

/// Decodes a file.
fn whole(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
    Ok(library::decode("PNM", PnmDecoder::new(Cursor::new(bytes)), None, limits)?.upright())
}

/// Rows of a file, which stands at the first that was not read.
struct PnmRows<R> {
    source: R,
    raster: Raster,
    next: usize,
    metadata: Metadata,
}

impl<R: Read> PnmRows<R> {
    fn eights(&mut self, rows: usize) -> Result<Vec<u8>, DecodeError> {
        let mut stored = vec![0; rows * self.raster.row_bytes() as usize];
        self.source.read_exact(&mut stored)?;
        if self.raster.bits {
            return Ok(unpacked(&stored, self.raster.shape.width));
        }
        if let Some(factor) = self.raster.factor {
            let scaled: [u8; 256] = std::array::from_fn(|v| (v as f32 * factor).round() as u8);
            stored.iter_mut().for_each(|v| *v = scaled[usize::from(*v)]);
        }
        Ok(stored)
    }

    fn sixteens(&mut self, rows: usize) -> Result<Vec<u16>, DecodeError> {
        let mut missing = rows as u64 * self.raster.row_bytes();
        let mut samples = Vec::with_capacity(missing as usize / 2);
        let mut bytes = vec![0; missing.min(PORTION) as usize];
        while missing > 0 {
            let portion = &mut bytes[..missing.min(PORTION) as usize];
            self.source.read_exact(portion)?;
            missing -= portion.len() as u64;
            samples.extend(from_big_endian(portion));
        }
        if let Some(factor) = self.raster.factor {
            samples.iter_mut().for_each(|v| *v = (f32::from(*v) * factor).round() as u16);
        }
        Ok(samples)
    }
}

impl<R: Read + Send> Rows for PnmRows<R> {
    fn shape(&self) -> Shape {
        self.raster.shape
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let Shape { width, height, channels, depth } = self.raster.shape;
        let rows = rows.max(1).min(height - self.next);
        if rows == 0 {
            return Ok(None);
        }
        let samples = match depth {
            Depth::Float => unreachable!("PNM has integers"),
            Depth::Eight => Pixels::new(width, rows, channels, self.eights(rows)?).map(Samples::U8),
            Depth::Sixteen => Pixels::new(width, rows, channels, self.sixteens(rows)?).map(Samples::U16),
        };
        self.next += rows;
        Ok(Some(Image::new(samples.map_err(|_| DecodeError::Empty)?).expect("1 to 4 channels")))
    }
}

/// Rows of bits, the most significant of a byte first, 1 being black: a sample a byte.
fn unpacked(packed: &[u8], width: usize) -> Vec<u8> {
    let mut samples = vec![0; packed.len() / width.div_ceil(8) * width];
    for (from, to) in packed.chunks_exact(width.div_ceil(8)).zip(samples.chunks_exact_mut(width)) {
        for (byte, to) in from.iter().zip(to.chunks_mut(8)) {
            to.iter_mut().enumerate().for_each(|(i, v)| *v = if byte << i & 0x80 == 0 { u8::MAX } else { 0 });
        }
    }
    samples
}
