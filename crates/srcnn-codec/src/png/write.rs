//! PNG files, written row by row.

use std::borrow::Cow;
use std::io::Write;

use png::{BitDepth, ColorType, Compression, Filter, Info, PixelDimensions, Unit};

use srcnn_image::image::{Density, Depth, Samples};
use srcnn_image::rows::{Rows, Shape};

use super::error::not_written;
use super::pieces::Pieces;
use super::text::XMP_PREFIX;
use super::traits::TRAITS;
use crate::encode_error::EncodeError;
use crate::metadata::written::WrittenMetadata;
use crate::samples::bytes::to_big_endian;
use crate::samples::convert::Converted;

/// Bytes of a chunk of compressed data, at most.
const CHUNK: usize = 1 << 20;

/// Writes a file.
pub(crate) fn write(rows: impl Rows, out: &mut impl Write) -> Result<(), EncodeError> {
    let metadata = WrittenMetadata::new(rows.shape(), rows.metadata(), &TRAITS);
    let mut rows = Converted::new(rows, &TRAITS);
    let mut writer = encoder(rows.shape(), &metadata, out)?.write_header().map_err(not_written)?;
    write_chunks(&mut writer, &metadata)?;
    let mut pieces = Pieces::new(rows.shape());
    let mut write = |data: &[u8]| {
        data.chunks(CHUNK).try_for_each(|data| writer.write_chunk(png::chunk::IDAT, data)).map_err(not_written)
    };
    while let Some(part) = rows.read(pieces.room())? {
        match part.samples() {
            Samples::F32(_) => unreachable!("converted to integers"),
            Samples::U8(pixels) => pieces.add(pixels.as_slice(), &mut write)?,
            Samples::U16(pixels) => pieces.add(&to_big_endian(pixels.as_slice()), &mut write)?,
        }
    }
    pieces.finish(&mut write)?;
    writer.finish().map_err(not_written)
}

/// An encoder for samples of a shape, with all metadata but those of [`write_chunks`].
pub(super) fn encoder<'a, W: Write>(
    shape: Shape,
    metadata: &'a WrittenMetadata,
    out: W,
) -> Result<png::Encoder<'a, W>, EncodeError> {
    let side = |n: usize| u32::try_from(n).map_err(|_| EncodeError::TooLarge);
    let mut info = Info::with_size(side(shape.width)?, side(shape.height)?);
    info.icc_profile = metadata.icc.as_deref().map(Cow::Borrowed);
    info.exif_metadata = metadata.exif.as_deref().map(Cow::Borrowed);
    info.pixel_dims = metadata.density.as_ref().map(dimensions);
    let mut encoder = png::Encoder::with_info(out, info).map_err(not_written)?;
    encoder.set_color(
        [ColorType::Grayscale, ColorType::GrayscaleAlpha, ColorType::Rgb, ColorType::Rgba][shape.channels - 1],
    );
    encoder.set_depth(if shape.depth == Depth::Sixteen { BitDepth::Sixteen } else { BitDepth::Eight });
    encoder.set_compression(Compression::Fast);
    encoder.set_filter(Filter::Adaptive);
    Ok(encoder)
}

/// Writes the color chunks and the XMP packet, which come before the samples.
pub(super) fn write_chunks(
    writer: &mut png::Writer<impl Write>,
    metadata: &WrittenMetadata,
) -> Result<(), EncodeError> {
    for (kind, data) in &metadata.color_chunks {
        writer.write_chunk(png::chunk::ChunkType(*kind), data).map_err(not_written)?;
    }
    if let Some(xmp) = &metadata.xmp {
        writer.write_chunk(png::chunk::iTXt, &[XMP_PREFIX, &xmp[..]].concat()).map_err(not_written)?;
    }
    Ok(())
}

/// A density in whole pixels a metre, or else the shape of a pixel.
fn dimensions(density: &Density) -> PixelDimensions {
    let ((x, y), unit) = match density.per_metre() {
        Some(sides) => (sides, Unit::Meter),
        None => ((density.x, density.y), Unit::Unspecified),
    };
    PixelDimensions { xppu: x.round() as u32, yppu: y.round() as u32, unit }
}
