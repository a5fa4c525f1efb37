//! Figures.

use std::fmt;

use super::protocol::Protocol;

/// The three figures of one pair of pictures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// Peak signal-to-noise ratio in dB; infinite for equal pictures.
    pub psnr: f64,
    /// Squared error on 0..=255, divided by the protocol's [`MseBase`](super::MseBase).
    pub mse: f64,
    /// Structural similarity, at most 1.
    pub ssim: f64,
}

impl Scores {
    /// The mean of each figure; none without scores.
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
    /// `dB`, or empty.
    pub unit: &'static str,
    /// The protocol.
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
