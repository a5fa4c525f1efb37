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
    let needed = match format {
        // Its colors before quantisation to the palette, its samples and its file; of grey this is more than four times its samples.
        FileFormat::Gif => {
            shape.bytes().saturating_mul(4).max(encoder_bytes(format, shape).saturating_add(shape.bytes()))
        }
        // Its coefficients of 16 bits and its file.
        FileFormat::Jpeg => shape.bytes().saturating_mul(3),
        // Its samples and its file.
        _ => shape.bytes().saturating_mul(2),
    };
    check_memory(needed, Limits { memory: limits.memory / 2, ..limits })
}

/// Limits of the transform of one frame of an animation, and of results, when `held` bytes are held for the animation.
pub(super) fn of_frame(held: u64, limits: Limits) -> (Limits, Limits) {
    /// Memory beyond which a transform gains nothing.
    const ENOUGH: u64 = 512 << 20;
    let left = limits.memory.saturating_sub(held);
    let transform = (left / 2).min(ENOUGH);
    (Limits { memory: transform, ..limits }, Limits { memory: left - transform, ..limits })
}

/// Refuses animations with too many pixels, and frames that do not fit.
pub(super) fn check_frames(frames: u32, shape: Shape, format: FileFormat, limits: Limits) -> Result<(), PipelineError> {
    let (Size { width, height }, frames, limit) = (shape.size(), u64::from(frames), limits.animation_pixels());
    if frames.saturating_mul(shape.size().pixels()) > limit {
        return Err(DecodeError::TooManyFrames { frames, width, height, limit }.into());
    }
    // A result as it is and as it is written, the part of it that is encoded, and the one before it.
    let held = shape.bytes().saturating_mul(4);
    check_memory(held.saturating_add(encoder_bytes(format, shape)), limits)
}

/// Bytes that an encoder of whole pictures takes beside their samples, at most.
fn encoder_bytes(format: FileFormat, shape: Shape) -> u64 {
    let pixels = shape.size().pixels();
    match format {
        // Colors and indices, and these as coded.
        FileFormat::Gif => pixels.saturating_mul(7),
        // The coded picture, alone and in chunks, and either RGBA, or planes as libwebp sharpens them.
        FileFormat::WebP => pixels.saturating_mul(16),
        // Samples in the file's order, and the coded picture.
        _ => shape.bytes().saturating_mul(2),
    }
}

/// Refuses work that needs more than the memory limit.
///
/// # Errors
/// [`PipelineError::Upscale`] with [`UpscaleError::Memory`].
pub(super) fn check_memory(needed: u64, limits: Limits) -> Result<(), PipelineError> {
    let refused = UpscaleError::Memory { needed, limit: limits.memory };
    if needed <= limits.memory { Ok(()) } else { Err(refused.into()) }
}
