//! Instructions and precision of a computation.

pub use srcnn_kernels::{Isa, Precision, UnknownIsa};

/// The instruction set and the precision that a network is computed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Execution {
    /// The instruction set.
    pub isa: Isa,
    /// [`Precision::Fast`] is exact where there is nothing to gain: without AVX-512 BF16, and in layers other than inner
    /// ones of 3x3 and 5x5.
    pub precision: Precision,
}

impl Default for Execution {
    /// The best instruction set of this CPU, exact.
    fn default() -> Self {
        Self { isa: Isa::best(), precision: Precision::Exact }
    }
}
