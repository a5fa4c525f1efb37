//! Reasons why two pictures cannot be compared.

use crate::Size;
use crate::plane::ShapeError;

/// Two pictures cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetricError {
    /// The sizes differ.
    #[error("the pictures differ in size: {reference} and {other}")]
    Sizes {
        /// Size of the first.
        reference: Size,
        /// Size of the second.
        other: Size,
    },
    /// The numbers of channels differ.
    #[error("the pictures have {reference} and {other} channels")]
    Channels {
        /// Channels of the first.
        reference: usize,
        /// Channels of the second.
        other: usize,
    },
    /// The border leaves nothing.
    #[error("with a border of {border}, nothing is left to measure")]
    Border {
        /// Pixels cut from every side.
        border: usize,
        /// The error of the crop.
        source: ShapeError,
    },
    /// SSIM's window does not fit.
    #[error("a part of {width}x{height} is smaller than the {window}x{window} window of SSIM")]
    Window {
        /// Columns left after the border.
        width: usize,
        /// Rows left after the border.
        height: usize,
        /// Side of the window.
        window: usize,
    },
}
