//! Checks before memory is taken, and of samples that were read.

use srcnn_image::{Limits, Size};

use crate::decode_error::DecodeError;

/// Refuses more pixels than are allowed.
pub(crate) fn check_pixels(size: Size, limits: Limits) -> Result<(), DecodeError> {
    if size.pixels() <= limits.pixels {
        return Ok(());
    }
    Err(DecodeError::TooManyPixels { width: size.width, height: size.height, limit: limits.pixels })
}

/// Refuses a picture that needs more `bytes` than are allowed.
pub(crate) fn check_memory(size: Size, bytes: u64, limits: Limits) -> Result<(), DecodeError> {
    if bytes <= limits.memory {
        return Ok(());
    }
    Err(DecodeError::TooLarge { width: size.width as u32, height: size.height as u32, bytes, limit: limits.memory })
}

/// Refuses infinite samples and those that are no numbers.
pub(crate) fn check_finite(samples: &[f32]) -> Result<(), DecodeError> {
    if samples.iter().all(|v| v.is_finite()) { Ok(()) } else { Err(DecodeError::NotFinite) }
}
