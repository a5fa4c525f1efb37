//! Memory limits of the processing steps.

use super::error::PipelineError;
use crate::Limits;
use crate::Size;
use crate::codec::{DecodeError, EncodeOptions, FileFormat};
use crate::rows::Shape;
use crate::upscale::UpscaleError;

/// Bytes that the program takes apart from pictures: models, threads, buffers of encoders.
const PROGRAM: u64 = 32 << 20;

/// `whole` as the limits of each of `jobs` pictures that are processed at a time, `whole.memory` being that of the program.
pub fn limits(whole: Limits, jobs: u64) -> Limits {
    let memory = (whole.memory - PROGRAM.min(whole.memory / 2)) / jobs.max(1);
    Limits { memory, ..whole }
}

/// Limits of the transform: an output that is held as a whole needs half of the memory.
pub(super) fn before_output(format: FileFormat, encode: &EncodeOptions, limits: Limits) -> Limits {
    if format.is_written_in_rows(encode) { limits } else { Limits { memory: limits.memory / 2, ..limits } }
}

/// Refuses an output that must be held as a whole and does not fit.
pub(super) fn check_output(
    format: FileFormat,
    encode: &EncodeOptions,
    shape: Shape,
    limits: Limits,
) -> Result<(), PipelineError> {
    if format.is_written_in_rows(encode) {
        return Ok(());
    }
    let times = match format {
        // Its colors before quantisation to the palette, its samples and its file.
        FileFormat::Gif => 4,
        // Its coefficients of 16 bits and its file.
        FileFormat::Jpeg => 3,
        // Its samples and its file.
        _ => 2,
    };
    check_memory(shape.bytes().saturating_mul(times), Limits { memory: limits.memory / 2, ..limits })
}

/// Limits of one frame of an animation, when `held` bytes are held for the animation.
pub(super) fn of_frame(held: u64, limits: Limits) -> Limits {
    // The frame being written and the one before it are held.
    Limits { memory: limits.memory.saturating_sub(held) / 2, ..limits }
}

/// Refuses animations with too many pixels, and frames that do not fit.
pub(super) fn check_frames(frames: u32, shape: Shape, limits: Limits) -> Result<(), PipelineError> {
    let (Size { width, height }, frames, limit) = (shape.size(), u64::from(frames), limits.animation_pixels());
    if frames.saturating_mul(shape.size().pixels()) > limit {
        return Err(DecodeError::TooManyFrames { frames, width, height, limit }.into());
    }
    // Two frames, their difference, and the encoded frame.
    check_memory(shape.bytes().saturating_mul(4), limits)
}

/// Refuses work that needs more than the memory limit.
///
/// # Errors
/// [`PipelineError::Upscale`] with [`UpscaleError::Memory`].
pub(super) fn check_memory(needed: u64, limits: Limits) -> Result<(), PipelineError> {
    let refused = UpscaleError::Memory { needed, limit: limits.memory };
    if needed <= limits.memory { Ok(()) } else { Err(refused.into()) }
}
