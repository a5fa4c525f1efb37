//! Errors of reading.

use crate::library_error::LibraryError;
use crate::unsupported::UnsupportedSamples;

/// Bytes that are no picture, or not one that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// No known signature.
    #[error("not a picture in a known format (PNG, JPEG, TIFF, WebP, BMP, GIF, PNM, PAM, QOI, JPEG XL, AVIF)")]
    UnknownFormat,
    /// The data stops before the picture does.
    #[error("the file ends too early")]
    Truncated,
    /// The format's decoder refused it.
    #[error(transparent)]
    Decoder(LibraryError),
    /// The format's decoder refused it for the memory that it would take.
    #[error(transparent)]
    DecoderLimit(LibraryError),
    /// Floating-point samples that are infinite or no numbers.
    #[error("samples that are not finite numbers, as some programs write where they know no value")]
    NotFinite,
    /// The decoder failed in a way that it does not describe.
    #[error("the decoder failed on this file")]
    Crash,
    /// Larger than the limits allow.
    #[error("{width}x{height} pixels need {bytes} bytes, more than the limit of {limit}")]
    TooLarge {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
        /// Bytes needed.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// It cannot be read.
    #[error(transparent)]
    Io(std::io::Error),
    /// More pixels than the limits allow.
    #[error("{width}x{height} pixels are more than the {limit} that are allowed")]
    TooManyPixels {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
        /// Pixels allowed.
        limit: u64,
    },
    /// More pixels in all frames of an animation than the limits allow.
    #[error("{frames} frames of {width}x{height} pixels are more than the {limit} pixels that are allowed in all")]
    TooManyFrames {
        /// Frames, as far as they were looked at.
        frames: u64,
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
        /// Pixels allowed, all frames together.
        limit: u64,
    },
    /// More work than files of its size ask for.
    #[error("decoding it is far more work than for other files of {bytes} bytes: over {allowed} passes over a pixel")]
    TooMuchWork {
        /// Bytes of the file.
        bytes: u64,
        /// Passes over a pixel that are allowed.
        allowed: u64,
    },
    /// A profile that the colors cannot be told without, and that is larger than the limits allow.
    #[error("its color profile takes {bytes} bytes, more than the limit of {limit} (a 64th of the memory)")]
    LargeProfile {
        /// Bytes of the profile, as it is stored.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// A file that has to be held as a whole, and is larger than the limits allow.
    #[error("the file has {bytes} bytes, more than the limit of {limit}")]
    LargeFile {
        /// Bytes of the file.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// A kind of samples that is not supported.
    #[error("samples of this kind are not supported: {0}")]
    Samples(UnsupportedSamples),
    /// A picture without pixels.
    #[error("the picture has no pixels")]
    Empty,
    /// It was asked to stop.
    #[error("interrupted")]
    Cancelled,
}

impl DecodeError {
    /// An error of the decoder of a format.
    pub(crate) fn decoder(format: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Decoder(LibraryError::new(format, source))
    }

    /// An error of the decoder of a format that is about memory.
    pub(crate) fn decoder_limit(
        format: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::DecoderLimit(LibraryError::new(format, source))
    }
}

impl From<std::io::Error> for DecodeError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::Truncated,
            _ => Self::Io(error),
        }
    }
}

/// Whether a file was refused for the memory, the pixels or the work that it would take.
pub fn is_limit(error: &DecodeError) -> bool {
    matches!(
        error,
        DecodeError::TooLarge { .. }
            | DecodeError::LargeFile { .. }
            | DecodeError::LargeProfile { .. }
            | DecodeError::TooManyPixels { .. }
            | DecodeError::TooManyFrames { .. }
            | DecodeError::TooMuchWork { .. }
            | DecodeError::DecoderLimit(_)
    )
}
