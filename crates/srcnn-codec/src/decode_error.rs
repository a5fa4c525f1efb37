//! Bytes that are no picture, or not one that can be used.

use super::jpeg::JpegError;
use srcnn_image::Limits;

/// Bytes that are no picture, or not one that can be used.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// No known signature.
    #[error("not a picture in a known format (PNG, JPEG, TIFF, WebP, BMP, GIF, PNM, PAM, QOI, JPEG XL, AVIF)")]
    UnknownFormat,
    /// The data stops before the picture does.
    #[error("the file ends too early")]
    Truncated,
    /// The decoder refused it.
    #[error("{}", one_line(.0))]
    Decoder(image::ImageError),
    /// The decoder of TIFF refused it.
    #[error(transparent)]
    Tiff(tiff::TiffError),
    /// The decoder of JPEG XL refused it.
    #[cfg(feature = "jxl")]
    #[error(transparent)]
    Jxl(Box<dyn std::error::Error + Send + Sync>),
    /// The decoder of AVIF refused it.
    #[cfg(feature = "avif")]
    #[error(transparent)]
    Avif(Box<dyn std::error::Error + Send + Sync>),
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
    /// The decoder of JPEG refused it.
    #[error(transparent)]
    Jpeg(JpegError),
    /// The decoder of PNG refused it.
    #[error(transparent)]
    Png(png::DecodingError),
    /// The decoder of GIF refused it.
    #[error(transparent)]
    Gif(gif::DecodingError),
    /// The decoder of WebP refused it.
    #[error(transparent)]
    WebP(image_webp::DecodingError),
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
    Samples(String),
    /// A picture without pixels.
    #[error("the picture has no pixels")]
    Empty,
    /// It was asked to stop.
    #[error("interrupted")]
    Cancelled,
}

impl From<std::io::Error> for DecodeError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::Truncated,
            _ => Self::Io(error),
        }
    }
}

impl From<png::DecodingError> for DecodeError {
    fn from(error: png::DecodingError) -> Self {
        match error {
            png::DecodingError::IoError(error) => error.into(),
            other => Self::Png(other),
        }
    }
}

impl From<gif::DecodingError> for DecodeError {
    fn from(error: gif::DecodingError) -> Self {
        match error {
            gif::DecodingError::UnexpectedEof => Self::Truncated,
            gif::DecodingError::Io(error) => error.into(),
            other => Self::Gif(other),
        }
    }
}

impl From<image_webp::DecodingError> for DecodeError {
    fn from(error: image_webp::DecodingError) -> Self {
        match error {
            image_webp::DecodingError::IoError(error) => error.into(),
            other => Self::WebP(other),
        }
    }
}

impl From<image::ImageError> for DecodeError {
    fn from(error: image::ImageError) -> Self {
        match error {
            image::ImageError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Self::Truncated,
            other => Self::Decoder(other),
        }
    }
}

impl From<tiff::TiffError> for DecodeError {
    fn from(error: tiff::TiffError) -> Self {
        match error {
            tiff::TiffError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Self::Truncated,
            other => Self::Tiff(other),
        }
    }
}

/// Whether a decoder refused a file for what it would take.
pub fn is_limit(error: &DecodeError) -> bool {
    matches!(
        error,
        DecodeError::TooLarge { .. }
            | DecodeError::LargeFile { .. }
            | DecodeError::TooManyPixels { .. }
            | DecodeError::TooManyFrames { .. }
            | DecodeError::Gif(gif::DecodingError::MemoryLimit)
            | DecodeError::WebP(image_webp::DecodingError::MemoryLimitExceeded)
            | DecodeError::Decoder(image::ImageError::Limits(_))
            | DecodeError::Tiff(tiff::TiffError::LimitsExceeded)
            | DecodeError::Png(png::DecodingError::LimitsExceeded)
            | DecodeError::Jpeg(JpegError::TooLarge { .. })
    )
}

/// Some decoders write their messages over several lines.
fn one_line(error: &image::ImageError) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Refuses more pixels than are allowed.
pub(super) fn check_pixels(width: usize, height: usize, limits: Limits) -> Result<(), DecodeError> {
    if width as u128 * height as u128 <= u128::from(limits.pixels) {
        return Ok(());
    }
    Err(DecodeError::TooManyPixels { width, height, limit: limits.pixels })
}

/// Refuses infinite samples and those that are no numbers.
pub(super) fn check_finite(samples: &[f32]) -> Result<(), DecodeError> {
    if samples.iter().all(|v| v.is_finite()) { Ok(()) } else { Err(DecodeError::NotFinite) }
}

pub(super) fn too_large(width: u32, height: u32, bytes: u64, limits: Limits) -> DecodeError {
    DecodeError::TooLarge { width, height, bytes, limit: limits.memory }
}
