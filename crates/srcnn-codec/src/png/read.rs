//! PNG files, read row by row, or as a whole if they are interlaced or to be turned.

use std::io::{BufRead, Seek};
use std::mem::take;

use image::metadata::Orientation;
use png::{BitDepth, ColorType, Info, Transformations, Unit};

use srcnn_image::image::{Change, Density, DensityUnit, Depth, Image, Metadata, Pixels, Samples};
use srcnn_image::rows::{Held, Rows, RowsError, Shape};
use srcnn_image::{Limits, Size};

use super::chunks::{Chunks, walk};
use super::error::{refused, refused_or_cut};
use super::spliced::Spliced;
use crate::decode_error::DecodeError;
use crate::held::decoded::Decoded;
use crate::limits::{check_memory, check_pixels};
use crate::metadata::exif::found;
use crate::metadata::limit::longest;
use crate::metadata::upright::upright;
use crate::samples::bytes::from_big_endian;
use crate::unsupported::UnsupportedSamples;

/// Opens a file from its beginning.
pub(crate) fn open<'a>(
    source: impl BufRead + Seek + Send + 'a,
    limits: Limits,
) -> Result<Box<dyn Rows + 'a>, DecodeError> {
    let mut stored = PngRows::open(source, limits)?;
    if stored.reader.info().interlaced || stored.orientation != Orientation::NoTransforms {
        return Ok(Box::new(Held::from(stored.whole(limits)?)));
    }
    stored.metadata = upright(stored.metadata, stored.orientation, stored.shape.is_grey());
    Ok(Box::new(stored))
}

/// A decoder of a file whose chunks have been walked through.
pub(super) fn decoder<R: BufRead + Seek>(
    mut source: R,
    limits: Limits,
) -> Result<(png::Decoder<Spliced<R>>, Chunks), DecodeError> {
    let mut chunks = walk(&mut source, longest(limits))?.ok_or(DecodeError::Truncated)?;
    let source = Spliced::new(source, take(&mut chunks.pieces), take(&mut chunks.tail))?;
    let bytes = usize::try_from(limits.memory).unwrap_or(usize::MAX);
    let mut decoder = png::Decoder::new_with_limits(source, png::Limits { bytes });
    decoder.set_transformations(Transformations::EXPAND);
    if chunks.sum_missing {
        decoder.ignore_checksums(false);
    }
    Ok((decoder, chunks))
}

/// Metadata as they are stored, and how the picture is to be turned.
pub(super) fn metadata(info: &Info<'_>, chunks: Chunks) -> (Metadata, Orientation) {
    let (exif, orientation) = found(chunks.exif);
    let notes = [
        (chunks.odd, Change::OddMetadata),
        (chunks.large, Change::LargeMetadata),
        (chunks.end_missing, Change::EndMissing),
    ];
    let changes = notes.into_iter().filter(|(is_so, _)| *is_so).map(|(_, change)| change).collect();
    let metadata = Metadata {
        icc: chunks.icc,
        exif,
        xmp: chunks.xmp,
        density: info.pixel_dims.and_then(|d| density(d.xppu, d.yppu, d.unit == Unit::Meter)),
        iptc: None,
        color_chunks: chunks.colors,
        changes,
    };
    (metadata, orientation)
}

/// Pixels a metre, or the shape of a pixel; none for squares of unknown size.
fn density(x: u32, y: u32, metres: bool) -> Option<Density> {
    let density = match metres {
        true => Density::from_per_metre(x, y),
        false => Density { x: f64::from(x), y: f64::from(y), unit: DensityUnit::Aspect },
    };
    (x > 0 && y > 0 && (metres || x != y)).then_some(density)
}

/// The error for samples that were not expanded.
pub(super) fn unsupported(color: ColorType, bits: BitDepth) -> DecodeError {
    DecodeError::Samples(UnsupportedSamples::Png { color_type: color as u8, bits: bits as u8 })
}

/// Rows of a file as they are stored.
struct PngRows<R: BufRead + Seek> {
    reader: png::Reader<Spliced<R>>,
    shape: Shape,
    metadata: Metadata,
    orientation: Orientation,
    end_missing: bool,
    next: usize,
}

impl<R: BufRead + Seek> PngRows<R> {
    fn open(source: R, limits: Limits) -> Result<Self, DecodeError> {
        let (mut decoder, chunks) = decoder(source, limits)?;
        let header = decoder.read_header_info().map_err(refused)?;
        let (width, height) = (header.width as usize, header.height as usize);
        check_pixels(Size::new(width, height), limits)?;
        let reader = decoder.read_info().map_err(refused)?;
        let (color, bits) = reader.output_color_type();
        let depth = match bits {
            BitDepth::Eight if color != ColorType::Indexed => Depth::Eight,
            BitDepth::Sixteen => Depth::Sixteen,
            _ => return Err(unsupported(color, bits)),
        };
        let shape = Shape { width, height, channels: color.samples(), depth };
        // A row before and after filtering, and the one above it.
        check_memory(shape.size(), 4 * shape.row_bytes(), limits)?;
        let end_missing = chunks.end_missing;
        let (mut metadata, orientation) = metadata(reader.info(), chunks);
        if reader.info().animation_control.is_some() {
            metadata.changes.push(Change::First);
        }
        Ok(Self { reader, shape, metadata, orientation, end_missing, next: 0 })
    }

    /// The whole picture, upright.
    fn whole(mut self, limits: Limits) -> Result<Image, DecodeError> {
        // Bytes as they are stored, and samples; before and after it is turned.
        let copies =
            if self.shape.depth == Depth::Eight && self.orientation == Orientation::NoTransforms { 1 } else { 2 };
        check_memory(self.shape.size(), self.shape.bytes().saturating_mul(copies), limits)?;
        let mut bytes = vec![0; self.shape.bytes() as usize];
        self.reader.next_frame(&mut bytes).map_err(|error| refused_or_cut(error, self.end_missing))?;
        let Self { metadata, orientation, .. } = self;
        let picture = image(self.shape, bytes)?;
        Ok(Decoded { picture, metadata, orientation }.upright())
    }
}

impl<R: BufRead + Seek + Send> Rows for PngRows<R> {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let rows = rows.max(1).min(self.shape.height - self.next);
        if rows == 0 {
            return Ok(None);
        }
        let refused = |error| refused_or_cut(error, self.end_missing);
        let mut bytes = Vec::with_capacity(rows * self.shape.row_bytes() as usize);
        for _ in 0..rows {
            let row = self.reader.next_row().map_err(refused)?.ok_or(DecodeError::Truncated)?;
            bytes.extend_from_slice(row.data());
        }
        self.next += rows;
        if self.next == self.shape.height {
            // The last checksums: pixels that differ from what was written must not pass.
            self.reader.finish().map_err(refused)?;
        }
        Ok(Some(image(Shape { height: rows, ..self.shape }, bytes)?))
    }
}

/// The picture of bytes as they are stored.
fn image(shape: Shape, bytes: Vec<u8>) -> Result<Image, DecodeError> {
    let Shape { width, height, channels, depth } = shape;
    let samples = match depth {
        Depth::Float => unreachable!("PNG has integers"),
        Depth::Eight => Pixels::new(width, height, channels, bytes).map(Samples::U8),
        Depth::Sixteen => Pixels::new(width, height, channels, from_big_endian(&bytes)).map(Samples::U16),
    };
    Ok(Image::new(samples.map_err(|_| DecodeError::Empty)?).expect("1 to 4 channels"))
}
