//! The arithmetic of writing JPEG (ITU-T T.81): color conversion, subsampling, the forward transform with quantisation.
//!
//! Products and sums are not contracted, so that every instruction set gives the same bits.

mod color;
mod dct;
mod lanes;
#[cfg(test)]
pub(crate) mod tests;

pub use color::{Planes, grey_to_luma, halve, rgb_to_ycc};
pub use dct::{Block, ForwardDct};
