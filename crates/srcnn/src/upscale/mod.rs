//! Upscaling and restoring of pictures: conversion to a restorer's channels and back, chroma, alpha and depth.
//!
//! A restorer on luma gets Y in its own range; chroma and alpha are resampled by MATLAB's bicubic. Networks keep the
//! size of the picture: edges are replicated at every layer, whatever padding the network was trained with, unless
//! [`Edge`](crate::Edge) says otherwise. The result is rounded once, at the end; floating-point pictures are not
//! rounded. Of these, a restorer gets the samples clamped to black and white; what exceeds them is resampled like
//! chroma, without the filter's negative lobes.

mod bands;
mod bicubic;
mod color;
mod earlier;
mod ensemble;
mod error;
mod fault;
mod hidden;
mod network;
mod overshoot;
mod pad;
mod plan;
mod restorer;
mod step;
mod target;
mod upscaler;

#[cfg(test)]
mod tests;

pub use bicubic::Bicubic;
pub use earlier::Earlier;
pub use error::UpscaleError;
pub use fault::Fault;
pub use hidden::filled;
pub use network::Network;
pub use restorer::{Pass, Restorer, rows_of};
pub use target::{Target, scaled};
pub use upscaler::{Upscaler, UpscalerBuilder};
