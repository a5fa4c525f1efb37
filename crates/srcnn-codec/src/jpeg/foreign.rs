//! JPEG files that our own decoder does not read (odd sampling factors, tables left out), held and decoded by the crate `zune-jpeg`.

use std::io::{Cursor, Read, Seek};

use image::codecs::jpeg::JpegDecoder;
use image::error::DecodingError;
use image::metadata::Orientation;
use image::{ImageError, ImageFormat};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::errors::DecodeErrors;

use srcnn_image::image::{Image, Pixels};
use srcnn_image::{Limits, Size};

use super::markers::APP14;
use super::segments::segments;
use super::{metadata, stream};
use crate::decode_error::DecodeError;
use crate::held::decoded::Decoded;
use crate::held::{file, library};
use crate::limits::{check_memory, check_pixels};
use crate::samples::cmyk;
use crate::work::WorkCounter;

const NAME: &str = "JPEG";
/// The beginning of Adobe's segment.
const ADOBE: &[u8] = b"Adobe";

/// Decodes a file.
pub(super) fn decode(mut source: impl Read + Seek, limits: Limits) -> Result<Image, DecodeError> {
    let bytes = file::read(&mut source, limits)?;
    let limits = file::limits_beside(&bytes, limits);
    // The decoder fills what is missing with grey, which must not pass for a picture.
    let mut work = WorkCounter::new(bytes.len() as u64, limits);
    if !stream::check(&bytes, limits, &mut work)? {
        return Err(DecodeError::Truncated);
    }
    let (mut metadata, orientation) = metadata::read(&bytes);
    let picture = match inks(&bytes, orientation, limits)? {
        Some(inks) => {
            let (rgb, change) = cmyk::to_rgb(&inks.samples, metadata.icc.as_deref());
            metadata.changes.push(change);
            rgb_image(inks, rgb)?
        }
        None => {
            let refused = |error| library::decode_error(NAME, error);
            let decoder = library::limited(JpegDecoder::new(Cursor::new(&bytes)), limits).map_err(refused)?;
            library::picture(NAME, decoder, orientation, limits)?
        }
    };
    Ok(Decoded { picture, metadata, orientation }.upright())
}

/// Amounts of ink, four of them a pixel; 255 is all of it.
struct Inks {
    size: Size,
    samples: Vec<u8>,
}

fn rgb_image(inks: Inks, rgb: Vec<u8>) -> Result<Image, DecodeError> {
    let pixels = Pixels::new(inks.size.width, inks.size.height, 3, rgb).map_err(|_| DecodeError::Truncated)?;
    Ok(Image::from_u8(pixels).expect("RGB"))
}

/// The inks of a file of four components, which `image` would convert without its profile; none if it has fewer.
fn inks(bytes: &[u8], orientation: Orientation, limits: Limits) -> Result<Option<Inks>, DecodeError> {
    if stream::components(bytes) != Some(4) {
        return Ok(None);
    }
    let refused = |e: DecodeErrors| {
        let error = DecodingError::new(ImageFormat::Jpeg.into(), e.to_string());
        library::decode_error(NAME, ImageError::Decoding(error))
    };
    let options = DecoderOptions::default().set_strict_mode(false).set_max_width(usize::MAX).set_max_height(usize::MAX);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(refused)?;
    let stored = decoder.input_colorspace().ok_or(DecodeError::Crash)?;
    if !matches!(stored, ColorSpace::CMYK | ColorSpace::YCCK) {
        return Ok(None);
    }
    let size: Size = decoder.dimensions().ok_or(DecodeError::Crash)?.into();
    check_pixels(size, limits)?;
    // RGB, before and after it is turned.
    let copies = if orientation == Orientation::NoTransforms { 3 } else { 6 };
    check_memory(size, copies * size.pixels(), limits)?;
    decoder.set_options(options.jpeg_set_out_colorspace(stored));
    let mut samples = decoder.decode().map_err(refused)?;
    let adobe = segments(bytes).any(|(code, data, _)| code == APP14 && data.starts_with(ADOBE));
    if stored == ColorSpace::YCCK {
        // Adobe stores the complement of ink: as YCC, then, of the ink itself in place of red, green and blue.
        for [y, cb, cr, k] in samples.as_chunks_mut::<4>().0 {
            let [luma, blue, red] = [f32::from(*y), f32::from(*cb) - 128.0, f32::from(*cr) - 128.0];
            let inks = [luma + 1.402 * red, luma - 0.344_136 * blue - 0.714_136 * red, luma + 1.772 * blue];
            [*y, *cb, *cr] = inks.map(|v| v.round().clamp(0.0, 255.0) as u8);
            *k = 255 - *k;
        }
    } else if adobe {
        samples.iter_mut().for_each(|v| *v = 255 - *v);
    }
    Ok(Some(Inks { size, samples }))
}
