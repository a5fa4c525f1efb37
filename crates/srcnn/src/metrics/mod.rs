//! PSNR, MSE and SSIM under named protocols.
//!
//! A figure means nothing without its protocol: which channel, which border, which window. [`Protocol`] holds those
//! choices as data, and one implementation serves them all.

mod ssim;

use std::fmt;

use crate::Size;
use crate::color::{matlab, opencv};
use crate::crop;
use crate::image::{Image, Pixels};
use crate::plane::ShapeError;
pub use ssim::Window;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Luma as MATLAB's `rgb2ycbcr` gives it on uint8 (BT.601, 16..=235); two grey pictures as they are.
    LumaStudio,
    /// Luma as OpenCV's `cvtColor` gives it on uint8 (BT.601, 0..=255); two grey pictures as they are.
    LumaFull,
    /// Red, green and blue together; a grey picture counts as three equal channels.
    Rgb,
}

/// What the sum of squared differences is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MseBase {
    /// Samples: the mean squared error.
    Samples,
    /// Pixels: with three channels, three times the mean squared error (the Keras notebook).
    Pixels,
}

/// How two pictures are compared, on samples of 8 bits with a peak of 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// The name that options and reports use.
    pub name: &'static str,
    /// What is measured.
    pub channel: Channel,
    /// Pixels cut from every side before measuring.
    pub border: usize,
    /// What MSE is divided by.
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

/// The three figures of one pair of pictures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// Peak signal-to-noise ratio in dB; infinite for equal pictures.
    pub psnr: f64,
    /// Squared error on 0..=255, divided by what the protocol says.
    pub mse: f64,
    /// Structural similarity, at most 1.
    pub ssim: f64,
}

impl Scores {
    /// The mean of each figure; nothing for no scores.
    pub fn mean(scores: &[Self]) -> Option<Self> {
        let mean = |f: fn(&Self) -> f64| scores.iter().map(f).sum::<f64>() / scores.len() as f64;
        (!scores.is_empty()).then(|| Self { psnr: mean(|s| s.psnr), mse: mean(|s| s.mse), ssim: mean(|s| s.ssim) })
    }
}

/// One figure with the protocol that gave it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The figure.
    pub value: f64,
    /// `dB`, or nothing.
    pub unit: &'static str,
    /// How it was measured.
    pub protocol: Protocol,
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            "" => write!(f, "{:.4} ({})", self.value, self.protocol),
            unit => write!(f, "{:.2} {unit} ({})", self.value, self.protocol),
        }
    }
}

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
        /// What is wrong with the rest.
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

/// PSNR in dB.
///
/// # Errors
/// [`MetricError`] if the sizes differ or the border leaves nothing.
pub fn psnr(reference: &Image, other: &Image, protocol: &Protocol) -> Result<Score, MetricError> {
    let (reference, other) = prepare(reference, other, protocol)?;
    Ok(Score { value: psnr_of(&reference, &other), unit: "dB", protocol: *protocol })
}

/// SSIM.
///
/// # Errors
/// [`MetricError`] if the sizes differ or too little is left for the window.
pub fn ssim(reference: &Image, other: &Image, protocol: &Protocol) -> Result<Score, MetricError> {
    let (reference, other) = prepare(reference, other, protocol)?;
    Ok(Score { value: ssim::mean_ssim(&reference, &other, protocol.window)?, unit: "", protocol: *protocol })
}

/// All three figures of two pictures.
///
/// # Errors
/// [`MetricError`] if the sizes differ or too little is left for SSIM's window.
pub fn measure(reference: &Image, other: &Image, protocol: &Protocol) -> Result<Scores, MetricError> {
    let (reference, other) = prepare(reference, other, protocol)?;
    measure_pixels(&reference, &other, protocol)
}

/// All three figures of samples as they are: neither channel nor border of the protocol is applied.
///
/// # Errors
/// [`MetricError`] if the shapes differ or SSIM's window does not fit.
pub fn measure_pixels(reference: &Pixels<u8>, other: &Pixels<u8>, protocol: &Protocol) -> Result<Scores, MetricError> {
    check_sizes(reference.size(), other.size())?;
    if reference.channels() != other.channels() {
        return Err(MetricError::Channels { reference: reference.channels(), other: other.channels() });
    }
    let pixels = reference.width() * reference.height();
    let base = match protocol.mse {
        MseBase::Samples => pixels * reference.channels(),
        MseBase::Pixels => pixels,
    };
    Ok(Scores {
        psnr: psnr_of(reference, other),
        mse: squared_error(reference, other) as f64 / base as f64,
        ssim: ssim::mean_ssim(reference, other, protocol.window)?,
    })
}

fn check_sizes(reference: Size, other: Size) -> Result<(), MetricError> {
    if reference == other { Ok(()) } else { Err(MetricError::Sizes { reference, other }) }
}

/// The samples that the protocol looks at.
fn prepare(reference: &Image, other: &Image, protocol: &Protocol) -> Result<(Pixels<u8>, Pixels<u8>), MetricError> {
    check_sizes(reference.size(), other.size())?;
    let border = protocol.border;
    let rect = crop::shave(reference.size(), border).map_err(|source| MetricError::Border { border, source })?;
    // A grey picture is its own luma, unless it is compared with one in colors: their luma has another range.
    let both_grey = reference.is_grey() && other.is_grey();
    let part = |image: &Image| {
        let part = image.crop(rect).map_err(|source| MetricError::Border { border, source })?;
        Ok(match protocol.channel {
            Channel::LumaStudio | Channel::LumaFull if both_grey => Pixels::from_planes(&[part.to_u8().channel(0)]),
            Channel::LumaStudio => Pixels::from_planes(&[matlab::luma_plane(&part.to_rgb8())]),
            Channel::LumaFull => {
                part.to_rgb8().map_pixels(1, |rgb, y| y[0] = opencv::rgb_to_ycrcb([rgb[0], rgb[1], rgb[2]])[0])
            }
            Channel::Rgb => part.to_rgb8(),
        })
    };
    Ok((part(reference)?, part(other)?))
}

fn psnr_of(reference: &Pixels<u8>, other: &Pixels<u8>) -> f64 {
    let mean = squared_error(reference, other) as f64 / reference.as_slice().len() as f64;
    10.0 * (255.0 * 255.0 / mean).log10()
}

/// The exact sum of squared differences.
fn squared_error(reference: &Pixels<u8>, other: &Pixels<u8>) -> u64 {
    let pairs = reference.as_slice().iter().zip(other.as_slice());
    pairs.map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Samples;

    fn noise(seed: u32, channels: usize) -> Image {
        let mut state = seed;
        let data = (0..20 * 16 * channels).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        Image::new(Samples::U8(Pixels::new(20, 16, channels, data.collect()).expect("all samples"))).expect("channels")
    }

    #[test]
    fn a_picture_equals_itself() {
        for protocol in [Protocol::paper(2), Protocol::keras()] {
            for channels in 1..=4 {
                let image = noise(1, channels);
                let scores = measure(&image, &image, &protocol).expect("same size");
                assert_eq!((scores.psnr, scores.mse), (f64::INFINITY, 0.0));
                assert!((scores.ssim - 1.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn the_figures_are_symmetric() {
        let (a, b) = (noise(1, 3), noise(2, 3));
        for protocol in [Protocol::paper(2), Protocol::keras()] {
            let forth = measure(&a, &b, &protocol).expect("same size");
            let back = measure(&b, &a, &protocol).expect("same size");
            assert_eq!((forth.psnr, forth.mse), (back.psnr, back.mse));
            assert!((forth.ssim - back.ssim).abs() < 1e-12);
        }
    }

    #[test]
    fn one_level_everywhere_is_48_13_db() {
        let grey = |v| Image::from_u8(Pixels::new(16, 16, 1, vec![v; 256]).expect("256")).expect("grey");
        let scores = measure(&grey(100), &grey(101), &Protocol::keras()).expect("same size");
        assert!((scores.psnr - 48.130_803_608_679).abs() < 1e-9);
        assert_eq!(scores.mse, 3.0);
        let score = psnr(&grey(100), &grey(101), &Protocol::paper(3)).expect("same size");
        assert_eq!(score.to_string(), "48.13 dB (Y, BT.601 studio, border 3)");
    }

    #[test]
    fn sizes_borders_and_windows_are_checked() {
        let (a, small) = (noise(1, 3), Image::from_u8(Pixels::new(9, 9, 1, vec![0; 81]).expect("81")).expect("grey"));
        assert!(matches!(measure(&a, &small, &Protocol::paper(2)), Err(MetricError::Sizes { .. })));
        assert!(matches!(measure(&a, &a, &Protocol::paper(8)), Err(MetricError::Border { .. })));
        assert!(matches!(measure(&small, &small, &Protocol::paper(2)), Err(MetricError::Window { window: 11, .. })));
    }
}
