//! PNG files, written row by row.

use std::borrow::Cow;
use std::io::Write;

use png::{BitDepth, ColorType, Compression, Filter, Info, PixelDimensions, Unit};

use super::EncodeError;
use super::companions::Companions;
use srcnn_image::image::{Density, Depth, Samples};
use srcnn_image::rows::{Rows, Shape};

/// Bytes of a chunk of compressed data.
const CHUNK: usize = 1 << 18;
/// Rows that are asked for at a time.
const ROWS: usize = 64;

pub(super) fn write(rows: &mut impl Rows, with: &Companions, out: &mut impl Write) -> Result<(), EncodeError> {
    let mut writer = encoder(rows.shape(), with, out)?.write_header()?;
    write_chunks(&mut writer, with)?;
    let mut stream = writer.stream_writer_with_size(CHUNK)?;
    while let Some(part) = rows.read(ROWS)? {
        match part.samples() {
            Samples::F32(_) => unreachable!("fitted to integers"),
            Samples::U8(pixels) => stream.write_all(pixels.as_slice())?,
            Samples::U16(pixels) => {
                let bytes: Vec<u8> = pixels.as_slice().iter().flat_map(|v| v.to_be_bytes()).collect();
                stream.write_all(&bytes)?;
            }
        }
    }
    stream.finish()?;
    Ok(writer.finish()?)
}

/// Set up for samples of a shape, with what goes along but for XMP.
pub(super) fn encoder<W: Write>(shape: Shape, with: &Companions, out: W) -> Result<png::Encoder<'_, W>, EncodeError> {
    let side = |n: usize| u32::try_from(n).map_err(|_| EncodeError::TooLarge);
    let mut info = Info::with_size(side(shape.width)?, side(shape.height)?);
    info.icc_profile = with.icc.as_deref().map(Cow::Borrowed);
    info.exif_metadata = with.exif.as_deref().map(Cow::Borrowed);
    info.pixel_dims = with.density.as_ref().map(dimensions);
    let mut encoder = png::Encoder::with_info(out, info)?;
    encoder.set_color(
        [ColorType::Grayscale, ColorType::GrayscaleAlpha, ColorType::Rgb, ColorType::Rgba][shape.channels - 1],
    );
    encoder.set_depth(if shape.depth == Depth::Sixteen { BitDepth::Sixteen } else { BitDepth::Eight });
    encoder.set_compression(Compression::Fast);
    encoder.set_filter(Filter::Adaptive);
    Ok(encoder)
}

/// Writes the XMP packet, which comes before the samples.
pub(super) fn write_chunks(writer: &mut png::Writer<impl Write>, with: &Companions) -> Result<(), EncodeError> {
    for (kind, data) in &with.color_chunks {
        writer.write_chunk(png::chunk::ChunkType(*kind), data)?;
    }
    if let Some(xmp) = &with.xmp {
        // Not compressed, no language, no translated keyword.
        writer.write_chunk(png::chunk::iTXt, &[b"XML:com.adobe.xmp\0\0\0\0\0", &xmp[..]].concat())?;
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
