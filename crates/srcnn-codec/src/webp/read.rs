//! WebP files, read.

use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;

use srcnn_image::image::{Change, Image, Metadata};
use srcnn_image::{Limits, Size};

use super::error::NAME;
use super::riff::{self, FRAME_BYTES, is_animated, is_complete};
use crate::decode_error::DecodeError;
use crate::held::library;
use crate::limits::check_pixels;
use crate::work::check_still;

/// Decodes a file; the first frame of an animation.
pub(crate) fn decode(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
    if !is_complete(bytes) {
        return Err(DecodeError::Truncated);
    }
    let decoder = WebPDecoder::new(Cursor::new(bytes));
    if let Ok(decoder) = &decoder {
        let size = Size::new(decoder.dimensions().0 as usize, decoder.dimensions().1 as usize);
        check_pixels(size, limits)?;
        check_still(size, bytes.len() as u64, limits)?;
    }
    let mut decoded = library::decode_beside(NAME, decoder, None, beside(bytes), limits)?;
    if is_animated(bytes) {
        decoded.metadata.changes.push(Change::First);
    }
    Ok(decoded.upright())
}

/// Bytes a pixel that the decoder takes beside its samples, at most.
fn beside(bytes: &[u8]) -> u64 {
    /// The canvas of an animation.
    const RGBA: u64 = 4;
    /// Samples without loss as RGBA, and what predicts them; planes of luma and chroma; alpha as RGBA and as a plane.
    const LOSSLESS: u64 = 5;
    const PLANES: u64 = 2;
    const ALPHA: u64 = 6;
    if is_animated(bytes) {
        return RGBA + FRAME_BYTES;
    }
    let has = |name: &[u8; 4]| riff::chunks(riff::body(bytes)).any(|(kind, _)| kind == *name);
    match (has(riff::LOSSLESS), has(riff::ALPHA)) {
        (true, _) => LOSSLESS,
        (false, true) => PLANES + ALPHA,
        (false, false) => PLANES,
    }
}

/// Metadata as they are stored, and how the picture is to be turned.
pub(super) fn metadata(bytes: &[u8], limits: Limits) -> Result<(Metadata, Orientation), DecodeError> {
    let decoder = library::limited(WebPDecoder::new(Cursor::new(bytes)), limits);
    let mut decoder = decoder.map_err(|error| library::decode_error(NAME, error))?;
    Ok(library::metadata(&mut decoder, None))
}
