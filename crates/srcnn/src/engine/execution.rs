//! Instruction set and precision.

pub use srcnn_kernels::{Isa, Precision, UnknownIsa};

/// Instruction set and precision of a computation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Execution {
    /// Instruction set.
    pub isa: Isa,
    /// Precision. [`Precision::Fast`] applies to inner layers of 3x3 and 5x5 on CPUs with AVX-512 BF16; everything else
    /// is exact.
    pub precision: Precision,
}

impl Default for Execution {
    /// The best instruction set of this CPU, in exact precision.
    fn default() -> Self {
        Self { isa: Isa::best(), precision: Precision::Exact }
    }
}
