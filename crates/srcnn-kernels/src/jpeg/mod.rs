//! The arithmetic of JPEG (ITU-T T.81). Writing: color conversion, subsampling, the forward transform with quantisation. Reading:
//! the inverse transform, color conversion.
//!
//! Products and sums are not contracted, so that every instruction set gives the same bits.

mod color;
mod dct;
mod idct;
mod lanes;
mod pixels;
#[cfg(test)]
pub(crate) mod tests;

pub use color::{Planes, grey_to_luma, halve, rgb_to_ycc};
pub use dct::{Block, ForwardDct};
pub use idct::{inverse_dct, inverse_dct_flat};
pub use pixels::{interleave, ycc_to_rgb};
