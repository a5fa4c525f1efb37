//! GIF files, read.

use std::io::Cursor;

use image::codecs::gif::GifDecoder;
use image::metadata::Orientation;

use srcnn_image::Limits;
use srcnn_image::image::{Change, Image, Metadata};

use super::blocks::{Sound, screen, sound};
use super::error::NAME;
use crate::decode_error::DecodeError;
use crate::held::library;
use crate::limits::{check_memory, check_pixels};
use crate::samples::reduce::reduced;
use crate::work::check_still;

/// Bytes of a pixel.
const RGBA: u64 = 4;

/// Decodes a file; the first frame of an animation.
pub(crate) fn decode(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
    let sound = sound(bytes).ok_or(DecodeError::Truncated)?;
    let note = sound.note();
    let Sound { bytes, images, first, end_missing, .. } = sound;
    let copy = if end_missing { bytes.len() as u64 } else { 0 };
    let limits = Limits { memory: limits.memory.saturating_sub(copy), ..limits };
    let screen = screen(&bytes);
    check_pixels(screen, limits)?;
    check_still(screen, bytes.len() as u64, limits)?;
    // The screen, the picture on it as RGBA and as indices; or the screen, and what it is reduced to.
    let on_screen = first.pixels().saturating_mul(RGBA + 1);
    let needed = (RGBA * screen.pixels()).saturating_add(on_screen.max(screen.pixels() * (RGBA - 1)));
    check_memory(screen, needed, limits)?;
    let decoded = library::decode(NAME, GifDecoder::new(Cursor::new(&bytes)), None, limits);
    // A picture that is cut short between two blocks.
    let mut decoded = decoded.map_err(|error| if end_missing { DecodeError::Truncated } else { error })?;
    decoded.picture = reduced(decoded.picture);
    let first = (images > 1).then_some(Change::First);
    decoded.metadata.changes.extend([first, note].into_iter().flatten());
    Ok(decoded.upright())
}

/// Metadata as they are stored, and how the picture is to be turned.
pub(super) fn metadata(bytes: &[u8], limits: Limits) -> Result<(Metadata, Orientation), DecodeError> {
    let decoder = library::limited(GifDecoder::new(Cursor::new(bytes)), limits);
    let mut decoder = decoder.map_err(|error| library::decode_error(NAME, error))?;
    Ok(library::metadata(&mut decoder, None))
}
