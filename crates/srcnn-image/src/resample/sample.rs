//! Types of samples, with the arithmetic of their filters.

use srcnn_kernels::{Isa, filter};

use super::phases::Phases;
use crate::quantize::round_half_away;
use crate::real::Real;

/// A sample type with its arithmetic: sums are computed in `Acc`.
pub(super) trait Sample: Copy + Default + Send + Sync {
    /// Type of sums.
    type Acc: Real;
    /// Converts a sample to the type of sums.
    fn load(self) -> Self::Acc;
    /// Converts a sum to a sample, by the type's rounding rule.
    fn store(sum: Self::Acc) -> Self;

    /// Writes the weighted sums of rows to `out`; `sums` is scratch.
    fn weighted(_isa: Isa, rows: &[&[Self]], weights: &[Self::Acc], sums: &mut Vec<Self::Acc>, out: &mut [Self]) {
        sums.clear();
        sums.resize(out.len(), Self::Acc::ZERO);
        for (row, &weight) in rows.iter().zip(weights) {
            for (sum, sample) in sums.iter_mut().zip(*row) {
                *sum += sample.load() * weight;
            }
        }
        for (out, sum) in out.iter_mut().zip(sums.iter()) {
            *out = Self::store(*sum);
        }
    }

    /// Weights that are kept in f32, where that is the type of sums.
    fn kept(_weights: &[f32]) -> Option<&[Self::Acc]> {
        None
    }

    /// The row filtered by the phases of an enlargement, if there is a kernel for the type.
    fn enlarged(_isa: Isa, _phases: &Phases, _row: &[Self], _out: &mut [Self]) -> bool {
        false
    }
}

/// MATLAB's rule for integers: sums in f64, rounded half away from zero and saturated after each pass.
macro_rules! matlab_integer {
    ($t:ty) => {
        impl Sample for $t {
            type Acc = f64;
            fn load(self) -> f64 {
                f64::from(self)
            }
            fn store(sum: f64) -> Self {
                round_half_away(sum, f64::from(Self::MAX)) as Self
            }
        }
    };
}
matlab_integer!(u8);
matlab_integer!(u16);

impl Sample for f32 {
    type Acc = f32;
    fn load(self) -> f32 {
        self
    }
    fn store(sum: f32) -> f32 {
        sum
    }
    fn weighted(isa: Isa, rows: &[&[f32]], weights: &[f32], _sums: &mut Vec<f32>, out: &mut [f32]) {
        filter::weighted(isa, rows, weights, out);
    }
    fn kept(weights: &[f32]) -> Option<&[f32]> {
        Some(weights)
    }
    fn enlarged(isa: Isa, phases: &Phases, row: &[f32], out: &mut [f32]) -> bool {
        phases.run(isa, row, out);
        true
    }
}

impl Sample for f64 {
    type Acc = f64;
    fn load(self) -> f64 {
        self
    }
    fn store(sum: f64) -> f64 {
        sum
    }
}
