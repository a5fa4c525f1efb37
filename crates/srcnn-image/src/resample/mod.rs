//! Bicubic and friends, as MATLAB, OpenCV and Pillow each compute them.
//!
//! They differ in where the centre of a pixel is, in the cubic's `a`, in what lies beyond the edge, and in whether
//! shrinking widens the filter. Scores depend on the choice, so there is no default: the caller names a [`Convention`].
//!
//! [`resize_u8`] is bit for bit what the named program gives for 8-bit pictures. [`resize_plane`] is the same
//! geometry and filter in floating point, for samples that were never integers.

mod convention;
mod cubic;
mod error;
pub mod matlab;
pub mod opencv;
pub mod pillow;
mod pixels;
mod resizing;
mod separable;

pub use crate::edge::Edge;
pub use convention::{Convention, UnknownConvention};
pub use error::ResizeError;
pub use pixels::resize_u8;
pub use resizing::{Resizing, resize_plane};
