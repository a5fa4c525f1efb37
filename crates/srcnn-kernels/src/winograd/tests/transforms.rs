//! The transforms along one axis against their matrices.

use super::matrices::Matrices;
use crate::isa::Isa;
use crate::kernel::for_isa;
use crate::layout::GROUP;
use crate::proof::bound::{Expected, assert_every_isa, gamma};
use crate::proof::pattern::Pattern;
use crate::proof::poison::Poisoned;
use crate::simd::Simd;
use crate::winograd::TILE;
use crate::winograd::arithmetic::sees_mean;
use crate::winograd::transform::{Eight, Six, Transform, kernel_transform};

/// Transforms [`GROUP`] columns of `P` values: forward to the first `P` rows of `out`, back to the other rows.
///
/// # Safety
/// The CPU has the instructions of `S`. `values` has `P` rows, `out` `P + TILE`.
#[inline(always)]
unsafe fn transform<S: Simd, T: Transform<P>, const P: usize>(values: &[f32], out: &mut [f32]) {
    let mut at = 0;
    while at < GROUP {
        // SAFETY: guaranteed by the caller.
        unsafe {
            let mut column = [S::zero(); P];
            for (row, value) in column.iter_mut().enumerate() {
                *value = S::load(values.as_ptr().add(row * GROUP + at));
            }
            for (row, value) in T::forward(column).into_iter().chain(T::back(column)).enumerate() {
                value.store(out.as_mut_ptr().add(row * GROUP + at));
            }
        }
        at += S::LANES;
    }
}

#[inline(always)]
unsafe fn six<S: Simd>(values: &[f32], out: &mut [f32]) {
    // SAFETY: guaranteed by the caller.
    unsafe { transform::<S, Six, 6>(values, out) }
}

#[inline(always)]
unsafe fn eight<S: Simd>(values: &[f32], out: &mut [f32]) {
    // SAFETY: guaranteed by the caller.
    unsafe { transform::<S, Eight, 8>(values, out) }
}

/// A row of a matrix times each column of values. Integers times these entries are exact in f32; other values pass
/// through at most as many roundings as there are entries.
fn definition(entries: &[f64], values: &[f32], is_exact: bool) -> Vec<Expected> {
    let terms = entries.iter().filter(|entry| **entry != 0.0).count();
    let expected = |column: usize| {
        let product = |(row, entry): (usize, &f64)| entry * f64::from(values[row * GROUP + column]);
        let value = entries.iter().enumerate().map(product).sum();
        let magnitude: f64 = entries.iter().enumerate().map(product).map(f64::abs).sum();
        Expected { value, bound: if is_exact { 0.0 } else { gamma(terms) * magnitude } }
    };
    (0..GROUP).map(expected).collect()
}

/// The proof of [`Kernel::Transforms`](crate::kernel::Kernel::Transforms).
pub(crate) fn transforms_agree_with_their_matrices() {
    for taps in [3, 5] {
        let Matrices { points, b, a, .. } = Matrices::of(taps);
        for pattern in Pattern::ALL {
            for seed in 0..64 {
                let values = pattern.values(points * GROUP, seed);
                let rows = b.chunks_exact(*points).chain(a.chunks_exact(*points));
                let expected: Vec<_> = rows.flat_map(|row| definition(row, &values, pattern.is_whole())).collect();
                assert_every_isa(&format!("{taps} taps, {pattern:?} {seed}"), &expected, |isa: Isa| {
                    let input = Poisoned::row(&values);
                    let mut out = Poisoned::room(GROUP, GROUP, points + TILE);
                    {
                        let (from, to) = (input.slice(), out.slice_mut());
                        match taps {
                            3 => for_isa!(Transforms, isa, six(from: &[f32], to: &mut [f32])),
                            _ => for_isa!(Transforms, isa, eight(from: &[f32], to: &mut [f32])),
                        }
                    }
                    out.written("transforms")
                });
            }
        }
    }
}

#[test]
fn kernels_are_transformed_by_their_matrix() {
    /// A product of two roundings in f64, of values up to 1.
    const ROUNDING: f64 = 2.0 * f64::EPSILON;
    for taps in [3, 5] {
        let Matrices { points, g, .. } = Matrices::of(taps);
        let ours = kernel_transform(*points, taps).concat();
        assert_eq!(ours.len(), g.len());
        for (at, (ours, expected)) in ours.iter().zip(*g).enumerate() {
            assert!((ours - expected).abs() <= ROUNDING, "{taps} taps, {at}: {ours}, expected {expected}");
        }
    }
}

/// A constant patch is zero everywhere but at one position, which therefore sees the mean.
#[test]
fn one_position_sees_the_mean() {
    for taps in [3, 5] {
        let Matrices { points, b, .. } = Matrices::of(taps);
        let sums: Vec<f64> = b.chunks_exact(*points).map(|row| row.iter().sum()).collect();
        for (row, r) in sums.iter().enumerate() {
            for (column, c) in sums.iter().enumerate() {
                assert_eq!(sees_mean(row, column), r * c != 0.0, "{taps} taps, row {row}, column {column}");
            }
        }
    }
}
