//! Vectors of f32: the operations of which the kernels consist.

/// A vector of f32.
///
/// # Safety
/// Every function may be called only where the CPU has the implementing type's instructions, and pointers must be valid
/// for [`Simd::LANES`] floats (no alignment is needed).
pub(crate) trait Simd: Copy {
    /// Floats of a vector.
    const LANES: usize;
    /// Vectors of the widest panel of a packed matrix. The sums of the rows that a product takes at a time, one row of
    /// the panel and one broadcast value must fit into the registers.
    const PANEL: usize;

    /// Zeros.
    unsafe fn zero() -> Self;
    /// `value` in all lanes.
    unsafe fn splat(value: f32) -> Self;
    /// The floats at `from`.
    unsafe fn load(from: *const f32) -> Self;
    /// Writes the lanes to `to`.
    unsafe fn store(self, to: *mut f32);
    /// `self + other`.
    unsafe fn add(self, other: Self) -> Self;
    /// `self - other`.
    unsafe fn sub(self, other: Self) -> Self;
    /// `self * other`.
    unsafe fn mul(self, other: Self) -> Self;
    /// `self * factor + sum`, rounded once where the CPU has such an instruction, otherwise twice.
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self;
    /// The larger value; `other` if one of them is NaN.
    unsafe fn max(self, other: Self) -> Self;
    /// Sum of the lanes. Their order depends on the type.
    unsafe fn total(self) -> f32;
}

/// Sixteen floats in plain Rust, compiled to the instructions that every CPU of the architecture has.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Portable([f32; 16]);

impl Portable {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }

    /// A vector of these lanes.
    #[inline(always)]
    pub(crate) fn from_lanes(lanes: [f32; 16]) -> Self {
        Self(lanes)
    }

    /// The lanes.
    #[inline(always)]
    pub(crate) fn lanes(self) -> [f32; 16] {
        self.0
    }
}

impl Simd for Portable {
    const LANES: usize = 16;
    // Two rows of 16 floats are 8 of 16 registers of four floats.
    const PANEL: usize = 1;

    #[inline(always)]
    unsafe fn zero() -> Self {
        Self([0.0; 16])
    }
    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Self([value; 16])
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: guaranteed by the caller; an array of floats has the alignment of a float.
        Self(unsafe { from.cast::<[f32; 16]>().read() })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: guaranteed by the caller.
        unsafe { to.cast::<[f32; 16]>().write(self.0) }
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }
    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] * factor.0[i] + sum.0[i]))
    }
    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    unsafe fn total(self) -> f32 {
        let mut sums = self.0;
        for half in [8, 4, 2, 1] {
            for i in 0..half {
                sums[i] += sums[i + half];
            }
        }
        sums[0]
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Simd;
    use std::arch::x86_64::*;

    /// Eight floats with AVX2 and FMA.
    #[derive(Clone, Copy)]
    pub(crate) struct Avx2(pub(crate) __m256);

    /// Sixteen floats with AVX-512F.
    #[derive(Clone, Copy)]
    pub(crate) struct Avx512(pub(crate) __m512);

    macro_rules! simd {
        ($name:ident, $lanes:literal, $panel:literal, $zero:ident, $set1:ident, $load:ident, $store:ident,
         $add:ident, $sub:ident, $mul:ident, $fmadd:ident, $max:ident, $total:expr) => {
            impl Simd for $name {
                const LANES: usize = $lanes;
                const PANEL: usize = $panel;

                // SAFETY of each: the trait's contract, which the caller keeps, is the intrinsic's.
                #[inline(always)]
                unsafe fn zero() -> Self {
                    // SAFETY: see above.
                    Self(unsafe { $zero() })
                }
                #[inline(always)]
                unsafe fn splat(value: f32) -> Self {
                    // SAFETY: see above.
                    Self(unsafe { $set1(value) })
                }
                #[inline(always)]
                unsafe fn load(from: *const f32) -> Self {
                    // SAFETY: see above.
                    Self(unsafe { $load(from) })
                }
                #[inline(always)]
                unsafe fn store(self, to: *mut f32) {
                    // SAFETY: see above.
                    unsafe { $store(to, self.0) }
                }
                #[inline(always)]
                unsafe fn add(self, other: Self) -> Self {
                    // SAFETY: see above.
                    Self(unsafe { $add(self.0, other.0) })
                }
                #[inline(always)]
                unsafe fn sub(self, other: Self) -> Self {
                    // SAFETY: see above.
                    Self(unsafe { $sub(self.0, other.0) })
                }
                #[inline(always)]
                unsafe fn mul(self, other: Self) -> Self {
                    // SAFETY: see above.
                    Self(unsafe { $mul(self.0, other.0) })
                }
                #[inline(always)]
                unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
                    // SAFETY: see above.
                    Self(unsafe { $fmadd(self.0, factor.0, sum.0) })
                }
                #[inline(always)]
                unsafe fn max(self, other: Self) -> Self {
                    // SAFETY: see above.
                    Self(unsafe { $max(self.0, other.0) })
                }
                #[inline(always)]
                unsafe fn total(self) -> f32 {
                    // SAFETY: see above.
                    unsafe { $total(self.0) }
                }
            }
        };
    }

    // 6 rows x 4 vectors are 24 sums, 4 a row of the panel and 1 the broadcast: 29 of 32 registers.
    simd!(
        Avx512,
        16,
        4,
        _mm512_setzero_ps,
        _mm512_set1_ps,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_add_ps,
        _mm512_sub_ps,
        _mm512_mul_ps,
        _mm512_fmadd_ps,
        _mm512_max_ps,
        |v| _mm512_reduce_add_ps(v)
    );
    // 6 rows x 2 vectors are 12 sums, 2 a row of the panel and 1 the broadcast: 15 of 16 registers.
    simd!(
        Avx2,
        8,
        2,
        _mm256_setzero_ps,
        _mm256_set1_ps,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_add_ps,
        _mm256_sub_ps,
        _mm256_mul_ps,
        _mm256_fmadd_ps,
        _mm256_max_ps,
        |v| {
            let half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps::<1>(v));
            let quarter = _mm_add_ps(half, _mm_movehl_ps(half, half));
            _mm_cvtss_f32(_mm_add_ss(quarter, _mm_shuffle_ps::<1>(quarter, quarter)))
        }
    );
}
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Avx2, Avx512};

#[cfg(test)]
pub(crate) mod tests;
