//! Pictures in memory: planes, rows, metadata, color conversion, cropping, quantization, and resampling exactly as
//! MATLAB, OpenCV and Pillow do it. No files and no networks.
//!
//! Floating-point samples run from 0.0 (black) to 1.0 (white). Nothing is rounded or clamped except by [`quantize`],
//! and by the integer arithmetic of [`resample`] and [`color`] that reproduces other programs. Everything is `Send +
//! Sync`; with the feature `threads` (on by default), work is distributed over rayon's current thread pool. Results do
//! not depend on the number of threads.

pub mod buffers;
pub mod channels;
pub mod color;
pub mod crop;
mod edge;
pub mod image;
mod limits;
mod metadata;
#[doc(hidden)]
pub mod parallel;
pub mod plane;
pub mod progress;
pub mod quantize;
#[doc(hidden)]
pub mod random;
#[doc(hidden)]
pub mod real;
pub mod resample;
pub mod rows;
mod size;
pub mod stage;

pub use edge::Edge;
pub use image::Image;
pub use limits::{Limits, Work};
pub use plane::Plane;
pub use size::Size;
