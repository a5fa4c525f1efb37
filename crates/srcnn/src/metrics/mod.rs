//! PSNR, MSE and SSIM under named protocols.
//!
//! A score depends on the channel, the border and the window. [`Protocol`] holds these choices as data; one
//! implementation serves all protocols.

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
