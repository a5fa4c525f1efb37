//! Scores of pictures.

use std::fmt;

use super::protocol::Protocol;

/// PSNR, MSE and SSIM of a pair of pictures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// Peak signal-to-noise ratio in dB; infinite for equal pictures.
    pub psnr: f64,
    /// Sum of squared errors of samples from 0 to 255, divided by the protocol's [`MseBase`](super::MseBase).
    pub mse: f64,
    /// Structural similarity, at most 1.0.
    pub ssim: f64,
}

impl Scores {
    /// The mean of every score; none for an empty slice.
    pub fn mean(scores: &[Self]) -> Option<Self> {
        let mean = |f: fn(&Self) -> f64| scores.iter().map(f).sum::<f64>() / scores.len() as f64;
        (!scores.is_empty()).then(|| Self { psnr: mean(|s| s.psnr), mse: mean(|s| s.mse), ssim: mean(|s| s.ssim) })
    }
}

/// A score with its protocol.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Value.
    pub value: f64,
    /// Unit: `dB`, or empty.
    pub unit: &'static str,
    /// Protocol.
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
