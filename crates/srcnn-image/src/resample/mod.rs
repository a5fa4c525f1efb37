//! Resampling as MATLAB, OpenCV and Pillow do it.
//!
//! The programs differ in the position of pixel centres, the parameter `a` of the cubic kernel, the padding at edges,
//! and in whether shrinking widens the filter. Scores depend on the choice, so there is no default: the caller names a
//! [`Convention`].
//!
//! [`resize_u8`] gives the same bits as the named program for 8-bit pictures. [`resize_plane`] uses the same geometry
//! and filter in floating point, without rounding.

mod convention;
mod cubic;
mod error;
pub mod matlab;
pub mod opencv;
mod phases;
pub mod pillow;
mod pixels;
mod resampler;
mod sample;
mod separable;
mod taps;

pub use crate::edge::Edge;
pub use convention::{Convention, UnknownConvention};
pub use error::ResizeError;
pub use pixels::resize_u8;
pub use resampler::{Resampled, Resampler, Scratch, resize_plane};
