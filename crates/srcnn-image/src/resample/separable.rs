//! Horizontal and vertical passes of separable filters.

use std::ops::Range;

use crate::parallel;
use crate::plane::Plane;
use crate::real::Real;

/// Taps of a filter along one axis: for each output position, the input positions and their weights.
///
/// The taps of all output positions are in one vector; edge rules are already applied to the positions.
#[derive(Clone, Debug, Default)]
pub(super) struct Taps {
    pairs: Vec<(usize, f64)>,
    ends: Vec<usize>,
}

impl Taps {
    /// No output positions.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds the taps of the next output position.
    pub(super) fn push(&mut self, pairs: impl IntoIterator<Item = (usize, f64)>) {
        self.pairs.extend(pairs);
        self.ends.push(self.pairs.len());
    }

    /// Number of output positions.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The range of input positions that the output positions `outputs` depend on.
    pub(super) fn reads(&self, outputs: Range<usize>) -> Range<usize> {
        let positions = || outputs.clone().flat_map(|i| self.at(i)).map(|pair| pair.0);
        positions().min().map_or(0..0, |first| first..positions().max().unwrap_or(first) + 1)
    }

    /// The taps of the output positions `outputs` alone, for an input that begins with position `first`.
    pub(super) fn part(&self, outputs: Range<usize>, first: usize) -> Self {
        let mut part = Self::new();
        outputs.for_each(|i| part.push(self.at(i).iter().map(|&(position, weight)| (position - first, weight))));
        part
    }

    /// The pairs (input position, weight) of output position `i`.
    pub(super) fn at(&self, i: usize) -> &[(usize, f64)] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.pairs[start..self.ends[i]]
    }
}

/// A sample type with its arithmetic: sums are computed in `Acc`.
pub(super) trait Sample: Copy + Default + Send + Sync {
    /// Type of sums.
    type Acc: Real;
    /// Converts a sample to the type of sums.
    fn load(self) -> Self::Acc;
    /// Converts a sum to a sample, by the type's rounding rule.
    fn store(sum: Self::Acc) -> Self;
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
                crate::quantize::round_half_away(sum, f64::from(Self::MAX)) as Self
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

/// Rows that are filtered together: their samples are neighbours in vectors, and each tap is read once for all.
const ROWS: usize = 16;

/// Filters every row: the width becomes `taps.len()`.
pub(super) fn horizontal<S: Sample>(plane: &Plane<S>, taps: &Taps) -> Plane<S> {
    let width = taps.len();
    let mut out = vec![S::default(); width * plane.height()];
    let weights: Vec<S::Acc> = taps.pairs.iter().map(|p| S::Acc::from_f64(p.1)).collect();
    parallel::for_each_with(
        out.chunks_mut(width * ROWS).enumerate(),
        || vec![[S::Acc::ZERO; ROWS]; plane.width()],
        |columns, (block, out)| {
            for (y, _) in out.chunks_exact(width).enumerate() {
                for (column, sample) in columns.iter_mut().zip(plane.row(block * ROWS + y)) {
                    column[y] = sample.load();
                }
            }
            let mut start = 0;
            for x in 0..width {
                let end = taps.ends[x];
                let mut sums = [S::Acc::ZERO; ROWS];
                for (pair, weight) in taps.pairs[start..end].iter().zip(&weights[start..end]) {
                    let column = &columns[pair.0];
                    for (sum, sample) in sums.iter_mut().zip(column) {
                        *sum += *sample * *weight;
                    }
                }
                for (row, sum) in out.chunks_exact_mut(width).zip(sums) {
                    row[x] = S::store(sum);
                }
                start = end;
            }
        },
    );
    Plane::new(width, plane.height(), out).expect("one sample an output position")
}

/// Filters every column: the height becomes `taps.len()`.
pub(super) fn vertical<S: Sample>(plane: &Plane<S>, taps: &Taps) -> Plane<S> {
    let width = plane.width();
    let mut out = vec![S::default(); width * taps.len()];
    parallel::for_each_with(
        out.chunks_mut(width).enumerate(),
        || vec![S::Acc::ZERO; width],
        |sums, (y, out)| {
            sums.fill(S::Acc::ZERO);
            for &(row, weight) in taps.at(y) {
                let weight = S::Acc::from_f64(weight);
                for (sum, sample) in sums.iter_mut().zip(plane.row(row)) {
                    *sum += sample.load() * weight;
                }
            }
            for (out, sum) in out.iter_mut().zip(sums.iter()) {
                *out = S::store(*sum);
            }
        },
    );
    Plane::new(width, taps.len(), out).expect("one row an output position")
}
