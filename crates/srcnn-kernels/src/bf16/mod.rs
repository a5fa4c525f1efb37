//! Matrix products in bf16 (the upper half of an f32): pairs of values are multiplied and summed in f32.
//!
//! They need AVX-512 with its BF16 extension: see [`is_available`].

use crate::isa::Isa;
use crate::layout::{GROUP, padded};

/// Columns of the widest panel: four vectors, of which the sums of six rows fit into the registers.
const PANEL: usize = 4 * GROUP;

/// Rounds to bf16: to nearest, ties to even. Values too large become infinite.
pub(crate) fn to_bf16(value: f32) -> u16 {
    let bits = value.to_bits();
    if value.is_nan() {
        return (bits >> 16) as u16 | 0x40;
    }
    ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16) as u16
}

/// A matrix in bf16 of [`padded`] rows and columns, packed in panels of a few vectors. Two rows lie together, since an
/// instruction multiplies pairs.
#[derive(Clone, Debug)]
#[cfg_attr(not(any(test, target_arch = "x86_64")), expect(dead_code, reason = "only AVX-512 multiplies bf16"))]
pub(crate) struct Bf16Matrix {
    /// Half the number of rows.
    pairs: usize,
    columns: usize,
    /// Values in the order panel, pair of rows, column of the panel, row of the pair.
    data: Vec<u16>,
}

impl Bf16Matrix {
    /// Packs the matrix whose value at row `k`, column `n` is `value(k, n)`. Rows beyond `depth` and columns beyond
    /// `columns` are zero.
    pub(crate) fn pack(depth: usize, columns: usize, value: impl Fn(usize, usize) -> f32) -> Self {
        let (pairs, stored) = (padded(depth) / 2, padded(columns));
        let mut data = Vec::with_capacity(pairs * 2 * stored);
        let mut start = 0;
        while start < stored {
            let width = panel_width(stored - start);
            for k in 0..pairs {
                for n in start..start + width {
                    let inside = |k: usize| if k < depth && n < columns { value(k, n) } else { 0.0 };
                    data.extend([to_bf16(inside(2 * k)), to_bf16(inside(2 * k + 1))]);
                }
            }
            start += width;
        }
        Self { pairs, columns: stored, data }
    }
}

/// Columns of the next panel when `left` are left.
fn panel_width(left: usize) -> usize {
    match left {
        PANEL.. => PANEL,
        32.. => 32,
        _ => GROUP,
    }
}

/// Whether this CPU multiplies bf16 and the kernels of `isa` use it.
pub(crate) fn is_available(isa: Isa) -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        isa == Isa(crate::isa::Kind::Avx512) && is_x86_feature_detected!("avx512bf16")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = isa;
        false
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{product, store};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Bf16Matrix, panel_width};
    use crate::layout::GROUP;
    use crate::simd::Avx512;

    /// Writes a vector's lanes to `to` in bf16, rounded as by [`to_bf16`](super::to_bf16); subnormal values become
    /// zero.
    ///
    /// # Safety
    /// The CPU has AVX-512 BF16; `to` has room for sixteen values.
    #[inline(always)]
    pub(crate) unsafe fn store(vector: Avx512, to: *mut u16) {
        // SAFETY: guaranteed by the caller; both types are 256 bits.
        unsafe {
            _mm256_storeu_si256(to.cast(), std::mem::transmute::<__m256bh, __m256i>(_mm512_cvtneps_pbh(vector.0)))
        }
    }

    /// Multiplies `count` rows: `out[row][n] = sum over k of rows[row][k] * matrix[k][n]`.
    ///
    /// # Safety
    /// The CPU has AVX-512 BF16. `rows` has `count` rows without gaps, each as long as the matrix is deep; `out` has
    /// room for `count` rows without gaps, each as long as the matrix is wide.
    #[inline(always)]
    pub(crate) unsafe fn product(matrix: &Bf16Matrix, rows: *const u16, count: usize, out: *mut f32) {
        let mut panel = matrix.data.as_ptr();
        let mut n = 0;
        while n < matrix.columns {
            let width = panel_width(matrix.columns - n);
            // SAFETY: guaranteed by the caller; panels lie one after the other.
            unsafe {
                match width {
                    64 => rows_of_panel::<6, 2, 4>(matrix, panel, rows, count, out.add(n)),
                    32 => rows_of_panel::<12, 4, 2>(matrix, panel, rows, count, out.add(n)),
                    _ => rows_of_panel::<12, 4, 1>(matrix, panel, rows, count, out.add(n)),
                }
                panel = panel.add(2 * matrix.pairs * width);
            }
            n += width;
        }
    }

    /// Multiplies all rows with one panel: in blocks of `ROWS`, then of `FEW`, the rest one by one.
    ///
    /// # Safety
    /// As for [`product`]; `out` is that of the panel's first column.
    #[inline(always)]
    unsafe fn rows_of_panel<const ROWS: usize, const FEW: usize, const VECTORS: usize>(
        matrix: &Bf16Matrix,
        panel: *const u16,
        rows: *const u16,
        count: usize,
        out: *mut f32,
    ) {
        let mut row = 0;
        while row < count {
            // SAFETY: guaranteed by the caller.
            unsafe {
                let (from, to) = (rows.add(row * 2 * matrix.pairs), out.add(row * matrix.columns));
                if count - row >= ROWS {
                    block::<ROWS, VECTORS>(matrix, panel, from, to);
                    row += ROWS;
                } else if count - row >= FEW {
                    block::<FEW, VECTORS>(matrix, panel, from, to);
                    row += FEW;
                } else {
                    block::<1, VECTORS>(matrix, panel, from, to);
                    row += 1;
                }
            }
        }
    }

    /// Computes `ROWS` rows x `VECTORS` vectors of sums in registers.
    ///
    /// # Safety
    /// As for [`rows_of_panel`], for these rows.
    #[inline(always)]
    unsafe fn block<const ROWS: usize, const VECTORS: usize>(
        matrix: &Bf16Matrix,
        panel: *const u16,
        rows: *const u16,
        out: *mut f32,
    ) {
        // SAFETY: guaranteed by the caller; a pair is 32 bits, and vectors of bf16 and of integers are of one size.
        unsafe {
            let mut sums = [[_mm512_setzero_ps(); VECTORS]; ROWS];
            for k in 0..matrix.pairs {
                let mut weights = [_mm512_setzero_si512(); VECTORS];
                for (v, weight) in weights.iter_mut().enumerate() {
                    *weight = _mm512_loadu_si512(panel.add((k * VECTORS + v) * 2 * GROUP).cast());
                }
                for (row, sums) in sums.iter_mut().enumerate() {
                    let pair = rows.add((row * matrix.pairs + k) * 2).cast::<i32>().read_unaligned();
                    let pair = std::mem::transmute::<__m512i, __m512bh>(_mm512_set1_epi32(pair));
                    for (sum, weight) in sums.iter_mut().zip(weights) {
                        *sum = _mm512_dpbf16_ps(*sum, pair, std::mem::transmute::<__m512i, __m512bh>(weight));
                    }
                }
            }
            for (row, sums) in sums.iter().enumerate() {
                for (v, sum) in sums.iter().enumerate() {
                    _mm512_storeu_ps(out.add(row * matrix.columns + v * GROUP), *sum);
                }
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
