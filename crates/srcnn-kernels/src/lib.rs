//! Convolutions for every instruction set, from one body each.
//!
//! A body is generic over a vector type (`simd::Simd`); a wrapper compiled for each instruction set calls it. Which wrapper runs is chosen
//! by an [`Isa`], which only detection can make: choosing a kernel is safe code. Public functions check the lengths of their
//! slices, then call; this crate alone in the project has `unsafe` code.
//!
//! Pictures are rows of pixels, a pixel being [`padded`] channels next to each other. Nothing depends on how many tiles or
//! rows are computed together: results on one instruction set are equal bit for bit.

mod bf16;
mod buffer;
mod convolution;
mod dot;
mod isa;
mod matmul;
mod minimal;
mod simd;
mod strided;

pub use buffer::Buffer;
pub use convolution::{Channels, Convolution, Map, Place};
pub use dot::DotKernels;
pub use isa::{Isa, Precision, UnknownIsa};
pub use matmul::Matrix;
pub use minimal::{MinimalKernels, Scratch};

/// Channels are stored in groups of so many: the widest vector's lanes.
pub const GROUP: usize = 16;

/// Output rows and columns of a tile of minimal filtering.
pub const TILE: usize = 4;

/// The number of channels as it is stored: rounded up to whole groups.
pub fn padded(channels: usize) -> usize {
    channels.next_multiple_of(GROUP)
}
