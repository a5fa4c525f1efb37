//! WebP files, read.

use std::io::Cursor;

use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;

use srcnn_image::Limits;
use srcnn_image::image::{Change, Image, Metadata};

use super::error::NAME;
use super::riff::{is_animated, is_complete};
use crate::decode_error::DecodeError;
use crate::held::library;

/// Decodes a file; the first frame of an animation.
pub(crate) fn decode(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
    if !is_complete(bytes) {
        return Err(DecodeError::Truncated);
    }
    let mut decoded = library::decode(NAME, WebPDecoder::new(Cursor::new(bytes)), None, limits)?;
    if is_animated(bytes) {
        decoded.metadata.changes.push(Change::First);
    }
    Ok(decoded.upright())
}

/// Metadata as they are stored, and how the picture is to be turned.
pub(super) fn metadata(bytes: &[u8], limits: Limits) -> Result<(Metadata, Orientation), DecodeError> {
    let decoder = library::limited(WebPDecoder::new(Cursor::new(bytes)), limits);
    let mut decoder = decoder.map_err(|error| library::decode_error(NAME, error))?;
    Ok(library::metadata(&mut decoder, None))
}
