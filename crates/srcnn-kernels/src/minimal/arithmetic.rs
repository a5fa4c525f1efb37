//! In which numbers the transformed patches are kept and multiplied.

use crate::bf16::Bf16Matrix;
use crate::matmul::{Matrix, product};
use crate::simd::Simd;

/// The kernels at one position of a transformed patch.
#[derive(Clone, Debug)]
pub(super) enum Kernels {
    F32(Matrix),
    Bf16(Bf16Matrix),
}

/// How patches are stored and multiplied.
pub(super) trait Arithmetic<S: Simd> {
    /// Stores a vector of channels of a transformed patch; `at` counts channels from `position`, where the patches of one
    /// position begin. `steady` tells whether it is the position [`is_steady`].
    ///
    /// # Safety
    /// The CPU has the instructions; there is room for a vector of f32.
    unsafe fn store(vector: S, position: *mut f32, at: usize, steady: bool);

    /// Multiplies `count` patches of one position with its kernels.
    ///
    /// # Safety
    /// The CPU has the instructions; `patches` were stored, all channels of each, and `sums` has room for the filters of
    /// `count` patches.
    unsafe fn multiply(
        kernels: &Kernels,
        patches: *const f32,
        count: usize,
        inputs: usize,
        sums: *mut f32,
        outputs: usize,
    );
}

/// The one position that sees the mean of a patch: that of the point 1 in both directions. All others are differences, zero
/// where the input is constant.
pub(super) fn is_steady(row: usize, column: usize) -> bool {
    row == 1 && column == 1
}

/// All in f32.
pub(super) struct Exact;

impl<S: Simd> Arithmetic<S> for Exact {
    #[inline(always)]
    unsafe fn store(vector: S, position: *mut f32, at: usize, _: bool) {
        // SAFETY: the caller's.
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
        // SAFETY: the caller's.
        unsafe { product::<S>(matrix.data(), matrix.depth(), outputs, patches, inputs, count, sums, outputs) }
    }
}

/// Differences in bf16, whose rounding is relative to their own size; the one position that sees the mean in f32.
#[cfg(target_arch = "x86_64")]
pub(super) struct Reduced;

#[cfg(target_arch = "x86_64")]
impl Arithmetic<crate::simd::Avx512> for Reduced {
    #[inline(always)]
    unsafe fn store(vector: crate::simd::Avx512, position: *mut f32, at: usize, steady: bool) {
        // SAFETY: the caller's; a channel in bf16 takes half the room.
        unsafe {
            if steady {
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
        // SAFETY: the caller's; kernels were packed in bf16 where patches are stored so.
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
