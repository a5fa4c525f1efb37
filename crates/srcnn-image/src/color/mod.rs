//! Conversions between RGB and luma with chroma: MATLAB's and OpenCV's integer arithmetic for the protocols, floating
//! point for restoring pictures.
//!
//! All use the weights of ITU-R BT.601. Luma is 16 to 235 of 255 in *studio* range, 0 to 255 in *full* range.

mod luma;
pub mod matlab;
pub mod opencv;
mod ycc;

pub use luma::luma_u8;
pub use ycc::{LumaRange, Ycc};
