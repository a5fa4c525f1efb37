//! Protocols: the choices behind a figure.

use std::fmt;

use super::ssim::Window;

/// The channels that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Luma as MATLAB's `rgb2ycbcr` gives it on uint8 (BT.601, 16..=235); two grey pictures as they are.
    LumaStudio,
    /// Luma as OpenCV's `cvtColor` gives it on uint8 (BT.601, 0..=255); two grey pictures as they are.
    LumaFull,
    /// Red, green and blue together; a grey picture counts as three equal channels.
    Rgb,
}

/// The divisor of the sum of squared differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MseBase {
    /// Samples: the mean squared error.
    Samples,
    /// Pixels: with three channels, three times the mean squared error (the Keras notebook).
    Pixels,
}

/// The choices by which two pictures are compared, on samples of 8 bits with a peak of 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// The name that options and reports use.
    pub name: &'static str,
    /// The channels.
    pub channel: Channel,
    /// Pixels cut from every side before measuring.
    pub border: usize,
    /// The divisor of MSE.
    pub mse: MseBase,
    /// The window of SSIM.
    pub window: Window,
}

impl Protocol {
    /// The SRCNN paper's: luma, `scale` pixels shaved from every side, SSIM with a Gaussian window.
    pub fn paper(scale: usize) -> Self {
        Self {
            name: "paper",
            channel: Channel::LumaStudio,
            border: scale,
            mse: MseBase::Samples,
            window: Window::Gaussian,
        }
    }

    /// The Keras notebook's: three channels, nothing shaved, SSIM with a flat window.
    pub fn keras() -> Self {
        Self { name: "keras", channel: Channel::Rgb, border: 0, mse: MseBase::Pixels, window: Window::Uniform }
    }

    /// The same with another border.
    pub fn with_border(self, border: usize) -> Self {
        Self { border, ..self }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channel = match self.channel {
            Channel::LumaStudio => "Y, BT.601 studio",
            Channel::LumaFull => "Y, BT.601 full range",
            Channel::Rgb => "RGB",
        };
        write!(f, "{channel}, border {}", self.border)
    }
}
