//! PSNR, MSE and SSIM under named protocols.
//!
//! A figure means nothing without its protocol: which channel, which border, which window. [`Protocol`] holds those
//! choices as data, and one implementation serves them all.

mod error;
mod measure;
mod protocol;
mod scores;
mod ssim;

pub use error::MetricError;
pub use measure::{measure, measure_pixels, psnr, ssim};
pub use protocol::{Channel, MseBase, Protocol};
pub use scores::{Score, Scores};
pub use ssim::Window;
