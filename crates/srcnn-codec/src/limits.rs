//! Checks before memory is taken, and of samples that were read.

use srcnn_image::Limits;

use crate::decode_error::DecodeError;

/// Refuses more pixels than are allowed.
pub(crate) fn check_pixels(width: usize, height: usize, limits: Limits) -> Result<(), DecodeError> {
    if width as u128 * height as u128 <= u128::from(limits.pixels) {
        return Ok(());
    }
    Err(DecodeError::TooManyPixels { width, height, limit: limits.pixels })
}

/// Refuses a picture of `width` times `height` pixels that needs more `bytes` than are allowed.
pub(crate) fn check_memory(width: usize, height: usize, bytes: u64, limits: Limits) -> Result<(), DecodeError> {
    if bytes <= limits.memory {
        return Ok(());
    }
    Err(DecodeError::TooLarge { width: width as u32, height: height as u32, bytes, limit: limits.memory })
}

/// Refuses infinite samples and those that are no numbers.
pub(crate) fn check_finite(samples: &[f32]) -> Result<(), DecodeError> {
    if samples.iter().all(|v| v.is_finite()) { Ok(()) } else { Err(DecodeError::NotFinite) }
}
