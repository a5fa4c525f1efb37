//! Bitmaps, read row by row if their pixels are whole bytes, else as a whole.

use std::io::{BufRead, Cursor, Read, Seek, SeekFrom};
use std::ops::Range;

use image::codecs::bmp::BmpDecoder;
use image::metadata::Orientation;

use srcnn_image::image::{Depth, Image, Metadata, Pixels, Samples};
use srcnn_image::rows::{Rows, RowsError, Shape};
use srcnn_image::{Limits, Size};

use super::layout::{Kind, Layout, density, has_palette};
use super::{os2, rle};
use crate::decode_error::DecodeError;
use crate::held::decoded::Decoded;
use crate::held::{file, library};
use crate::limits::{check_memory, check_pixels};
use crate::samples::order::{bgr_to_rgb, bgra_to_rgba, bgrx_to_rgb};
use crate::samples::reduce::reduced;

/// Bytes that are read from a file at a time, about.
const PORTION: u64 = 1 << 18;

/// Opens a file from its beginning.
pub(crate) fn open<'a>(
    mut source: impl BufRead + Seek + Send + 'a,
    limits: Limits,
) -> Result<Box<dyn Rows + 'a>, DecodeError> {
    let mut head = Vec::new();
    source.by_ref().take(Layout::HEAD).read_to_end(&mut head)?;
    let Some(layout) = Layout::find(&head) else { return file::decoded(source, limits, whole) };
    check_pixels(layout.size, limits)?;
    let Size { width, height } = layout.size;
    let shape = Shape { width, height, channels: layout.channels(), depth: Depth::Eight };
    let portion = (PORTION.min(limits.memory / 4) / layout.row_bytes()).clamp(1, height as u64) as usize;
    // What is read from the file, and a row as it is given.
    check_memory(layout.size, portion as u64 * layout.row_bytes() + shape.row_bytes(), limits)?;
    if source.seek(SeekFrom::End(0))? < layout.pixels + layout.row_bytes() * height as u64 {
        return Err(DecodeError::Truncated);
    }
    let metadata = Metadata { density: density(&head), ..Metadata::default() };
    Ok(Box::new(BmpRows { source, layout, shape, metadata, portion, stored: Vec::new(), there: 0..0, next: 0 }))
}

/// Decodes a file.
fn whole(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
    let rewritten = os2::as_windows(bytes)?;
    let limits = rewritten.as_deref().map_or(limits, |copy| file::limits_beside(copy, limits));
    let bytes = rewritten.as_deref().unwrap_or(bytes);
    let mut decoded = match rle::decode(bytes, limits)? {
        Some(picture) => {
            let metadata = Metadata { density: density(bytes), ..Metadata::default() };
            Decoded { picture, metadata, orientation: Orientation::NoTransforms }
        }
        None => {
            // Grey that colors are reduced to.
            let beside = u64::from(has_palette(bytes));
            library::decode_beside("BMP", BmpDecoder::new(Cursor::new(bytes)), density(bytes), beside, limits)?
        }
    };
    if has_palette(bytes) {
        decoded.picture = reduced(decoded.picture);
    }
    Ok(decoded.upright())
}

/// Rows of a file.
struct BmpRows<R> {
    source: R,
    layout: Layout,
    shape: Shape,
    metadata: Metadata,
    /// Rows that are read from the file at a time.
    portion: usize,
    /// Some rows in the order of the file.
    stored: Vec<u8>,
    /// Which rows of the picture these are.
    there: Range<usize>,
    next: usize,
}

impl<R: Read + Seek> BmpRows<R> {
    /// Reads rows from the next one on.
    fn load(&mut self) -> Result<(), DecodeError> {
        let rows = self.next..self.shape.height.min(self.next + self.portion);
        let first = if self.layout.top_down { rows.start } else { self.shape.height - rows.end };
        let row = self.layout.row_bytes();
        self.there = 0..0;
        self.stored.resize(rows.len() * row as usize, 0);
        self.source.seek(SeekFrom::Start(self.layout.pixels + first as u64 * row))?;
        self.source.read_exact(&mut self.stored)?;
        self.there = rows;
        Ok(())
    }

    /// Converts the next row.
    fn row(&mut self, to: &mut [u8]) -> Result<(), DecodeError> {
        if !self.there.contains(&self.next) {
            self.load()?;
        }
        let index = if self.layout.top_down { self.next - self.there.start } else { self.there.end - 1 - self.next };
        let from = &self.stored[index * self.layout.row_bytes() as usize..];
        let from = &from[..self.shape.width * self.layout.pixel_bytes()];
        match &self.layout.kind {
            Kind::Greys(greys) => to.iter_mut().zip(from).for_each(|(to, index)| *to = greys[usize::from(*index)]),
            Kind::Bgr => bgr_to_rgb(from, to),
            Kind::Bgrx => bgrx_to_rgb(from, to),
            Kind::Bgra => bgra_to_rgba(from, to),
        }
        self.next += 1;
        Ok(())
    }
}

impl<R: Read + Seek + Send> Rows for BmpRows<R> {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let Shape { width, height, channels, .. } = self.shape;
        let rows = rows.max(1).min(height - self.next);
        if rows == 0 {
            return Ok(None);
        }
        let mut samples = vec![0; rows * width * channels];
        samples.chunks_exact_mut(width * channels).try_for_each(|to| self.row(to))?;
        let pixels = Pixels::new(width, rows, channels, samples).map_err(|_| DecodeError::Empty)?;
        Ok(Some(Image::new(Samples::U8(pixels)).expect("1 to 4 channels")))
    }

    fn held_bytes(&self) -> u64 {
        self.portion as u64 * self.layout.row_bytes()
    }
}
