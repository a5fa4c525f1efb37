//! Memory that a picture may ask for on its way.

use super::error::PipelineError;
use crate::Limits;
use crate::Size;
use crate::codec::{DecodeError, FileFormat};
use crate::rows::Shape;
use crate::upscale::UpscaleError;

/// Bytes that the program takes without any picture: models, threads, buffers of encoders.
const PROGRAM: u64 = 32 << 20;

/// The limits of one picture, of which `jobs` are worked on at a time, within `memory` bytes of the whole program.
pub fn limits(memory: u64, pixels: u64, jobs: u64) -> Limits {
    Limits { memory: (memory - PROGRAM.min(memory / 2)) / jobs.max(1), pixels }
}

/// The limits of the work on a picture: an output that has to be held needs room beside it.
pub(super) fn before_output(format: FileFormat, limits: Limits) -> Limits {
    if format.is_written_in_rows() { limits } else { Limits { memory: limits.memory / 2, ..limits } }
}

/// Refuses an output that has to be held, and does not fit.
pub(super) fn check_output(format: FileFormat, shape: Shape, limits: Limits) -> Result<(), PipelineError> {
    if format.is_written_in_rows() {
        return Ok(());
    }
    // Its samples and its file; of GIF the colors before and after they become fewer.
    let times = if format == FileFormat::Gif { 4 } else { 2 };
    check_memory(shape.bytes().saturating_mul(times), Limits { memory: limits.memory / 2, ..limits })
}

/// The limits of one frame of an animation, when `held` bytes are held for all.
pub(super) fn of_frame(held: u64, limits: Limits) -> Limits {
    // The frame that is written is held, and the one before.
    Limits { memory: limits.memory.saturating_sub(held) / 2, ..limits }
}

/// Refuses frames that are too many, or too large to be held.
pub(super) fn check_frames(frames: u32, shape: Shape, limits: Limits) -> Result<(), PipelineError> {
    let (Size { width, height }, frames, limit) = (shape.size(), u64::from(frames), limits.animation_pixels());
    if frames.saturating_mul(shape.size().pixels()) > limit {
        return Err(DecodeError::TooManyFrames { frames, width, height, limit }.into());
    }
    // Two of them, the difference of the second, and its file.
    check_memory(shape.bytes().saturating_mul(4), limits)
}

/// Refuses what needs more bytes than are allowed.
///
/// # Errors
/// [`PipelineError::Upscale`] with [`UpscaleError::Memory`].
pub fn check_memory(needed: u64, limits: Limits) -> Result<(), PipelineError> {
    let refused = UpscaleError::Memory { needed, limit: limits.memory };
    if needed <= limits.memory { Ok(()) } else { Err(refused.into()) }
}
