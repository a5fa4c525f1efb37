//! Luma and chroma, each convention apart: MATLAB's and OpenCV's integers for the protocols, floating point for use.
//!
//! All three use the weights of ITU-R BT.601. *Studio* range puts luma into 16..=235 of 255, *full* range into 0..=255.

mod luma;
pub mod matlab;
pub mod opencv;
mod ycc;

pub use luma::luma_u8;
pub use ycc::{LumaRange, Ycc};
