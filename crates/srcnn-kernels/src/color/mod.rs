//! Rows of pixels as rows of planes and back, and conversion between RGB and YCbCr in floating point.

mod channels;
mod join;
mod range;
mod split;
#[cfg(test)]
pub(crate) mod tests;
mod ycc;

pub use channels::MOST_CHANNELS;
pub use join::{join_u8, join_u16};
pub use range::{Range, range};
pub use split::{split_u8, split_u16};
pub use ycc::YccFactors;
