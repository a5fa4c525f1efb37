//! Sizes and factors that pictures cannot be resized to.

use crate::size::Size;

/// A size to resample to, or a combination of picture and convention, that has no meaning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResizeError {
    /// A side of zero was asked for.
    #[error("a picture cannot be resized to {width}x{height}")]
    Empty {
        /// Columns asked for.
        width: usize,
        /// Rows asked for.
        height: usize,
    },
    /// A factor that is not a positive number, or that gives a size beyond counting.
    #[error("a picture cannot be resized by a factor of {factor}")]
    Factor {
        /// The factor, as it prints.
        factor: String,
    },
}

/// Refuses sizes without pixels.
pub(super) fn check(size: Size) -> Result<(), ResizeError> {
    if size.is_empty() { Err(ResizeError::Empty { width: size.width, height: size.height }) } else { Ok(()) }
}
