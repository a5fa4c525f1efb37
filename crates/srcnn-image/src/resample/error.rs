//! Errors of resampling.

use crate::size::Size;

/// A size or factor that a picture cannot be resized to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResizeError {
    /// A side of the size asked for is zero.
    #[error("a picture cannot be resized to {width}x{height}")]
    Empty {
        /// Width asked for.
        width: usize,
        /// Height asked for.
        height: usize,
    },
    /// A factor that is not a positive number, or gives a size too large to count.
    #[error("a picture cannot be resized by a factor of {factor}")]
    Factor {
        /// The factor, formatted.
        factor: String,
    },
}

/// Refuses sizes with a side of zero.
pub(super) fn check(size: Size) -> Result<(), ResizeError> {
    if size.is_empty() { Err(ResizeError::Empty { width: size.width, height: size.height }) } else { Ok(()) }
}
