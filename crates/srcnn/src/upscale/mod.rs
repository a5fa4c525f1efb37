//! Pictures through restorers: color policy, chroma, alpha, depth.
//!
//! A restorer on luma gets Y in the range that it names; MATLAB's bicubic resamples chroma and alpha. The picture keeps its full
//! size: at every layer of a network, edges are replicated, whatever it was trained with, unless [`Edge`](crate::Edge) says
//! otherwise. Only the result is rounded, once, and floating-point pictures not at all; of these the restorer sees the samples
//! between black and white, and the rest is resampled like chroma, without its negative lobes.

mod bands;
mod bicubic;
mod color;
mod ensemble;
mod error;
mod fault;
mod hidden;
mod network;
mod overshoot;
mod plan;
mod restorer;
mod step;
mod target;
mod upscaler;
mod widen;

#[cfg(test)]
mod tests;

pub use bicubic::Bicubic;
pub use error::UpscaleError;
pub use fault::Fault;
pub use hidden::filled;
pub use network::Network;
pub use restorer::{Pass, Restorer, rows_of};
pub use target::{Target, scaled};
pub use upscaler::{Upscaler, UpscalerBuilder};
