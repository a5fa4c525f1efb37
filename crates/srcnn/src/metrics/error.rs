//! Errors of metrics.

use crate::Size;
use crate::plane::ShapeError;

/// Two pictures that cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetricError {
    /// Their sizes differ.
    #[error("the pictures differ in size: {reference} and {other}")]
    Sizes {
        /// Size of the reference.
        reference: Size,
        /// Size of the other picture.
        other: Size,
    },
    /// Their numbers of channels differ.
    #[error("the pictures have {reference} and {other} channels")]
    Channels {
        /// Channels of the reference.
        reference: usize,
        /// Channels of the other picture.
        other: usize,
    },
    /// Nothing is left inside the border.
    #[error("with a border of {border}, nothing is left to measure")]
    Border {
        /// Pixels cropped from every side.
        border: usize,
        /// Error of the crop.
        source: ShapeError,
    },
    /// The window of SSIM is larger than the pictures.
    #[error("a part of {width}x{height} is smaller than the {window}x{window} window of SSIM")]
    Window {
        /// Width inside the border.
        width: usize,
        /// Height inside the border.
        height: usize,
        /// Side of the window.
        window: usize,
    },
}
