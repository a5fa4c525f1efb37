//! Layers.

use srcnn::model::Padding;

/// The activation after a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Activation {
    /// No activation.
    None,
    /// ReLU.
    Relu,
    /// PReLU with a trainable slope for each channel (He et al. 2015).
    Prelu,
}

/// A layer of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layer {
    /// A convolution with biases and an activation.
    Convolution {
        /// Side of a kernel.
        taps: usize,
        /// Number of filters.
        filters: usize,
        /// Padding of the input.
        padding: Padding,
        /// Activation of the output.
        activation: Activation,
    },
    /// Pixel shuffle (Shi et al. 2016): `factor^2` channels become a square of `factor` x `factor` pixels. Channel
    /// `c f^2 + y f + x` gives the pixel in row `y` and column `x` of the square of channel `c`.
    PixelShuffle {
        /// Side of a square.
        factor: usize,
    },
}
