//! Number formats in which transformed patches are stored and multiplied.

use crate::bf16::Bf16Matrix;
use crate::matmul::{Matrix, product};
use crate::simd::Simd;

/// Transformed kernels at one position of a patch: a matrix of inputs x filters.
#[derive(Clone, Debug)]
pub(super) enum Kernels {
    F32(Matrix),
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "only AVX-512 multiplies bf16"))]
    Bf16(Bf16Matrix),
}

/// A way to store and multiply transformed patches.
pub(super) trait Arithmetic<S: Simd> {
    /// Stores a vector of channels of a transformed patch, `at` channels behind `position`, where the patches of one
    /// position begin. `mean` says whether that position [`sees_mean`].
    ///
    /// # Safety
    /// The CPU has the instructions; there is room for a vector of f32.
    unsafe fn store(vector: S, position: *mut f32, at: usize, mean: bool);

    /// Multiplies `count` patches of one position, each of `inputs` channels, with its kernels; `sums` gets `outputs`
    /// values for each.
    ///
    /// # Safety
    /// The CPU has the instructions; all channels of the `patches` were stored; there is room for the `sums`.
    unsafe fn multiply(
        kernels: &Kernels,
        patches: *const f32,
        count: usize,
        inputs: usize,
        sums: *mut f32,
        outputs: usize,
    );
}

/// Whether a position of a transformed patch sees the patch's mean: that of the point 1 in both directions. All others
/// are differences, zero where the input is constant.
pub(super) fn sees_mean(row: usize, column: usize) -> bool {
    row == 1 && column == 1
}

/// Everything in f32.
pub(super) struct Exact;

impl<S: Simd> Arithmetic<S> for Exact {
    #[inline(always)]
    unsafe fn store(vector: S, position: *mut f32, at: usize, _: bool) {
        // SAFETY: guaranteed by the caller.
        unsafe { vector.store(position.add(at)) }
    }

    #[inline(always)]
    unsafe fn multiply(
        kernels: &Kernels,
        patches: *const f32,
        count: usize,
        inputs: usize,
        sums: *mut f32,
        outputs: usize,
    ) {
        let Kernels::F32(matrix) = kernels else { unreachable!("packed in f32") };
        // SAFETY: guaranteed by the caller.
        unsafe { product::<S>(matrix.data(), matrix.depth(), outputs, patches, inputs, count, sums, outputs) }
    }
}

/// Differences in bf16, whose rounding is relative to their own size; the position that [`sees_mean`] in f32.
#[cfg(target_arch = "x86_64")]
pub(super) struct Reduced;

#[cfg(target_arch = "x86_64")]
impl Arithmetic<crate::simd::Avx512> for Reduced {
    #[inline(always)]
    unsafe fn store(vector: crate::simd::Avx512, position: *mut f32, at: usize, mean: bool) {
        // SAFETY: guaranteed by the caller; a channel in bf16 takes half the room.
        unsafe {
            if mean {
                vector.store(position.add(at));
            } else {
                crate::bf16::store(vector, position.cast::<u16>().add(at));
            }
        }
    }

    #[inline(always)]
    unsafe fn multiply(
        kernels: &Kernels,
        patches: *const f32,
        count: usize,
        inputs: usize,
        sums: *mut f32,
        outputs: usize,
    ) {
        // SAFETY: guaranteed by the caller; kernels were packed in bf16 where patches are stored so.
        unsafe {
            match kernels {
                Kernels::F32(_) => {
                    <Exact as Arithmetic<crate::simd::Avx512>>::multiply(kernels, patches, count, inputs, sums, outputs)
                }
                Kernels::Bf16(matrix) => crate::bf16::product(matrix, patches.cast(), count, sums),
            }
        }
    }
}
