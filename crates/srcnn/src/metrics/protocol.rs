//! Protocols of measurements.

use std::fmt;

use super::ssim::Window;

/// Channels that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Luma by MATLAB's `rgb2ycbcr` on uint8 (BT.601, 16 to 235); the samples themselves if both pictures are grey.
    LumaStudio,
    /// Luma by OpenCV's `cvtColor` on uint8 (BT.601, 0 to 255); the samples themselves if both pictures are grey.
    LumaFull,
    /// Red, green and blue together; a grey picture has three equal channels.
    Rgb,
}

/// Divisor of the sum of squared differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MseBase {
    /// Number of samples, which gives the mean squared error.
    Samples,
    /// Number of pixels, which gives three times the mean squared error for three channels (the Keras notebook).
    Pixels,
}

/// Rules by which two pictures are compared, on 8-bit samples with a peak of 255.
///
/// ```
/// use srcnn::Image;
/// use srcnn::image::Pixels;
/// use srcnn::metrics::{Protocol, measure};
///
/// let grey = |v| Image::from_u8(Pixels::new(32, 32, 1, vec![v; 1024]).expect("32 x 32 samples"));
/// let scores = measure(&grey(100)?, &grey(101)?, &Protocol::paper(2))?;
/// assert_eq!(format!("{:.2}", scores.psnr), "48.13");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// Name in options and reports.
    pub name: &'static str,
    /// Channels that are measured.
    pub channel: Channel,
    /// Pixels cropped from every side before measuring.
    pub border: usize,
    /// Divisor of the MSE.
    pub mse: MseBase,
    /// Window of SSIM.
    pub window: Window,
}

impl Protocol {
    /// The SRCNN paper's protocol: luma, `scale` pixels cropped from every side, SSIM with a Gaussian window.
    pub fn paper(scale: usize) -> Self {
        Self {
            name: "paper",
            channel: Channel::LumaStudio,
            border: scale,
            mse: MseBase::Samples,
            window: Window::Gaussian,
        }
    }

    /// The Keras notebook's protocol: RGB, nothing cropped, SSIM with a uniform window.
    pub fn keras() -> Self {
        Self { name: "keras", channel: Channel::Rgb, border: 0, mse: MseBase::Pixels, window: Window::Uniform }
    }

    /// The protocol with another border.
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
