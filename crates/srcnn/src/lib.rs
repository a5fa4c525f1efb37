//! Image restoration and super-resolution with SRCNN (Dong et al., arXiv 1501.00092).

pub mod codec;
pub mod color;
pub mod crop;
pub mod degrade;
pub mod engine;
pub mod image;
pub mod metrics;
pub mod model;
pub mod plane;
pub mod progress;
pub mod quantize;
pub mod real;
pub mod resample;
pub mod upscale;
pub mod weights;

pub use image::Image;
pub use model::Model;
pub use plane::Plane;
pub use upscale::Upscaler;
