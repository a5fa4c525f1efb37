//! Figures of a picture, as reports have them.

use serde::Serialize;
use srcnn::metrics::Scores;

use super::format::finite_or_inf;

/// PSNR, MSE and SSIM of a picture; an infinite PSNR is the string `inf` in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// PSNR in dB.
    #[serde(serialize_with = "finite_or_inf")]
    pub psnr: f64,
    /// Mean squared error of samples from 0 to 255.
    pub mse: f64,
    /// SSIM, at most 1.
    pub ssim: f64,
}

impl From<Scores> for Figures {
    fn from(Scores { psnr, mse, ssim }: Scores) -> Self {
        Self { psnr, mse, ssim }
    }
}

impl From<Figures> for Scores {
    fn from(Figures { psnr, mse, ssim }: Figures) -> Self {
        Self { psnr, mse, ssim }
    }
}
