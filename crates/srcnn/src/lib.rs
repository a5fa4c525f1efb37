//! Image restoration and super-resolution with SRCNN (Dong et al., arXiv 1501.00092): exact resampling, color
//! conversion and metrics, weights of several formats, and inference on the CPU.
//!
//! ```no_run
//! use srcnn::metrics::{self, Protocol};
//! use srcnn::{Image, ImageFile, Model, Upscaler};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let model = Model::builtin("srcnn-915", 2)?; // or Model::load("x3.safetensors")?
//!     let large = Upscaler::builder(&model).build()?.run(&Image::open("butterfly.png")?)?;
//!     large.save("butterfly-x2.png")?;
//!     let score = metrics::psnr(&Image::open("truth.png")?, &large, &Protocol::paper(2))?;
//!     println!("{score}"); // such as: 32.98 dB (Y, BT.601 studio, border 2)
//!     Ok(())
//! }
//! ```
//!
//! Floating-point samples run from 0.0 (black) to 1.0 (white). Nothing is rounded or clamped except by [`quantize`],
//! and by the integer arithmetic of [`resample`] and [`color`] that reproduces other programs. Everything is `Send +
//! Sync`. With the feature `threads`, on by default, computations use rayon's current thread pool; results do not depend on the
//! number of threads.

pub mod degrade;
pub mod engine;
pub mod inspect;
pub mod metrics;
pub mod model;
#[cfg(feature = "codec")]
pub mod pipeline;
pub mod upscale;
pub mod weights;

pub use model::Model;
#[cfg(feature = "codec")]
pub use srcnn_codec::{self as codec, ImageFile};
pub use srcnn_image::{
    Edge, Image, Limits, Plane, Size, Work, color, crop, image, plane, progress, quantize, resample, rows, stage,
};
#[doc(hidden)]
pub use srcnn_image::{parallel, random, real};
pub use upscale::Upscaler;
