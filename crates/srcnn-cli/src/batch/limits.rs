//! How much a picture may ask for, and what to do when it asks for more.

use anyhow::{Error, Result};
use srcnn::codec::{DecodeError, EncodeError, FileFormat};
use srcnn::rows::Shape;
use srcnn::upscale::UpscaleError;
use srcnn::{Limits, codec};

use crate::args::FileArgs;

/// What the program takes without any picture: models, threads, buffers of encoders.
const PROGRAM: u64 = 32 << 20;

/// What a picture of a batch may ask for, when so many are at work at a time.
pub fn of(args: &FileArgs) -> Limits {
    let program = PROGRAM.min(args.max_memory / 2);
    Limits { memory: (args.max_memory - program) / u64::from(args.jobs), pixels: args.max_pixels }
}

/// What may be asked for on the way to an output: one that has to be held needs room itself.
pub fn on_the_way_to(format: FileFormat, limits: Limits) -> Limits {
    if format.is_written_in_rows() { limits } else { Limits { memory: limits.memory / 2, ..limits } }
}

/// Refuses an output that has to be held, and does not fit.
pub fn check_output(format: FileFormat, shape: Shape, limits: Limits) -> Result<()> {
    if format.is_written_in_rows() {
        return Ok(());
    }
    // Its samples and its file; of GIF the colors before and after they become fewer.
    let times = if format == FileFormat::Gif { 4 } else { 2 };
    check_memory(shape.bytes().saturating_mul(times), Limits { memory: limits.memory / 2, ..limits })
}

/// What one frame of an animation may ask for, when so many bytes are held for all.
pub fn of_frames(held: u64, limits: Limits) -> Limits {
    // The frame that is written is held, and the one before.
    Limits { memory: limits.memory.saturating_sub(held) / 2, ..limits }
}

/// Refuses frames that are too many, or too large to be held.
pub fn check_frames(frames: u32, shape: Shape, limits: Limits) -> Result<()> {
    let ((width, height), frames, limit) = (shape.size(), u64::from(frames), limits.animation_pixels());
    if frames.saturating_mul(width as u64).saturating_mul(height as u64) > limit {
        return Err(DecodeError::TooManyFrames { frames, width, height, limit }.into());
    }
    // Two of them, what is different in the second, and its file.
    check_memory(shape.bytes().saturating_mul(4), limits)
}

/// Refuses what needs more bytes than are allowed.
pub fn check_memory(needed: u64, limits: Limits) -> Result<()> {
    let refused = UpscaleError::Memory { needed, limit: limits.memory };
    if needed <= limits.memory { Ok(()) } else { Err(refused.into()) }
}

/// Which option allows more, if that is what an error is about.
pub fn hint(error: &Error) -> Option<&'static str> {
    let (memory, pixels) = (Some("--max-memory allows more"), Some("--max-pixels allows more"));
    error.chain().find_map(|cause| {
        if let Some(error) = cause.downcast_ref::<DecodeError>() {
            return match error {
                DecodeError::TooManyPixels { .. } | DecodeError::TooManyFrames { .. } => pixels,
                DecodeError::TooLarge { .. } | DecodeError::LargeFile { .. } => memory,
                error if codec::is_limit(error) => memory,
                _ => None,
            };
        }
        if let Some(EncodeError::Rows(error)) = cause.downcast_ref() {
            return hint_of(&**error);
        }
        hint_of(cause)
    })
}

fn hint_of(error: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    match error.downcast_ref::<UpscaleError>()? {
        UpscaleError::TooLarge { .. } => Some("--max-pixels allows more"),
        UpscaleError::Memory { .. } => Some("--max-memory allows more"),
        _ => None,
    }
}
