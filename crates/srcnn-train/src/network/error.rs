//! Errors of networks.

/// A chain of layers is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// The first layer is not a convolution.
    #[error("a network needs a convolution first")]
    NoConvolution,
    /// A size is zero.
    #[error("layer {layer}: kernels, filters and inputs must not be zero")]
    Zero {
        /// Counted from 1.
        layer: usize,
    },
    /// A padded layer has kernels of an even size.
    #[error("layer {layer}: kernels of {taps}x{taps} have no centre; a padded layer needs an odd size")]
    Even {
        /// Counted from 1.
        layer: usize,
        /// Side of a kernel.
        taps: usize,
    },
    /// The number of channels is not a multiple of the pixels of a square.
    #[error("layer {layer}: {channels} channels cannot be shuffled into squares of {factor}x{factor}")]
    Shuffle {
        /// Counted from 1.
        layer: usize,
        /// Number of channels.
        channels: usize,
        /// Side of a square.
        factor: usize,
    },
    /// The skip connection joins an input and an output of different sizes.
    #[error("the input cannot be added to an output of other channels or another scale")]
    Skip,
}
