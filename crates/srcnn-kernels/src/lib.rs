//! Kernels of convolutional networks: Winograd convolutions, matrix products, dot products, and the passes of training; of the
//! rows of pictures around them: separable filters, color conversion, samples to planes and back; and of JPEG ([`jpeg`]).
//!
//! Each kernel is one body, generic over a vector type (`simd::Simd`) and compiled for every instruction set: AVX-512,
//! AVX2 and portable code. An [`Isa`] chooses among them. Only detection makes one, so that choosing a kernel is safe
//! code. Public functions check the lengths of their slices before they call a kernel; this is the only crate of the
//! project with `unsafe` code.
//!
//! A map is rows of pixels, a pixel is [`padded`] channels next to each other. On one instruction set, results are
//! equal bit for bit however many pixels or tiles are computed in one call.

mod bf16;
mod buffer;
pub mod color;
mod convolution;
mod dot;
pub mod filter;
mod isa;
pub mod jpeg;
mod kernel;
mod layout;
mod matmul;
#[cfg(test)]
mod proof;
mod simd;
mod strided;
mod winograd;

pub use buffer::Buffer;
pub use convolution::{Channels, Convolution, Map, Place};
pub use dot::DotKernels;
pub use isa::{Isa, Precision, UnknownIsa};
pub use layout::{GROUP, padded};
pub use matmul::Matrix;
pub use winograd::{Scratch, TILE, WinogradKernels};
