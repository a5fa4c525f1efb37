//! Products in bf16: the upper halves of floats, multiplied in pairs and summed in f32.
//!
//! Only AVX-512 with its BF16 extension has them here; elsewhere [`Bf16Matrix`] cannot be packed.

use crate::{GROUP, Isa, padded};

/// Columns of a panel, at most: as many vectors as the registers of a block hold.
const PANEL: usize = 4 * GROUP;

/// `value` in bf16, to nearest, ties to even.
pub(crate) fn to_bf16(value: f32) -> u16 {
    let bits = value.to_bits();
    if value.is_nan() {
        return (bits >> 16) as u16 | 0x40;
    }
    ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16) as u16
}

/// A matrix of `depth` rows and [`padded`] columns in bf16. Two rows lie together, as one product takes them.
#[derive(Clone, Debug)]
pub(crate) struct Bf16Matrix {
    /// Pairs of rows.
    pairs: usize,
    columns: usize,
    /// Panel, pair of rows, column of the panel, row of the pair.
    data: Vec<u16>,
}

impl Bf16Matrix {
    /// Packs the matrix whose value at row `k`, column `n` is `value(k, n)`; what is beyond both is zero.
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

/// Columns of the next panel when so many are left.
fn panel_width(left: usize) -> usize {
    match left {
        PANEL.. => PANEL,
        32.. => 32,
        _ => GROUP,
    }
}

/// Whether this CPU multiplies bf16, and the kernels of `isa` use it.
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
    use crate::GROUP;
    use crate::simd::Avx512;

    /// Stores a vector's lanes in bf16.
    ///
    /// # Safety
    /// The CPU has AVX-512 BF16; `to` has room for sixteen.
    #[inline(always)]
    pub(crate) unsafe fn store(vector: Avx512, to: *mut u16) {
        // SAFETY: the caller's; both types are 256 bits.
        unsafe {
            _mm256_storeu_si256(to.cast(), std::mem::transmute::<__m256bh, __m256i>(_mm512_cvtneps_pbh(vector.0)))
        }
    }

    /// `count` rows of a product: `out[row][n] = sum over k of rows[row][k] * matrix[k][n]`.
    ///
    /// # Safety
    /// The CPU has AVX-512 BF16. `rows` has `count` rows of as many values as the matrix has rows, one after the other;
    /// `out` as many of its columns.
    #[inline(always)]
    pub(crate) unsafe fn product(matrix: &Bf16Matrix, rows: *const u16, count: usize, out: *mut f32) {
        let mut panel = matrix.data.as_ptr();
        let mut n = 0;
        while n < matrix.columns {
            let width = panel_width(matrix.columns - n);
            // SAFETY: the caller's; panels lie one after the other.
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

    /// Rows in blocks of `ROWS`, then of `FEW`, the rest one by one.
    ///
    /// # Safety
    /// As of [`product`], from one panel's first column on.
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
            // SAFETY: the caller's.
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

    /// `ROWS` rows x `VECTORS` vectors of sums, all kept in registers.
    ///
    /// # Safety
    /// As of [`rows_of_panel`], for these rows.
    #[inline(always)]
    unsafe fn block<const ROWS: usize, const VECTORS: usize>(
        matrix: &Bf16Matrix,
        panel: *const u16,
        rows: *const u16,
        out: *mut f32,
    ) {
        // SAFETY: the caller's; a pair is 32 bits, and vectors of bf16 and of integers are of one size.
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
mod tests {
    use super::to_bf16;

    #[test]
    fn rounds_to_nearest_and_ties_to_even() {
        let back = |bits: u16| f32::from_bits(u32::from(bits) << 16);
        for (value, expected) in [
            (0.0, 0.0),
            (1.0, 1.0),
            (-2.5, -2.5),
            (1.0 + 1.0 / 256.0, 1.0),
            (1.0 + 3.0 / 256.0, 1.0 + 1.0 / 64.0),
            (1.0 + 1.01 / 256.0, 1.0 + 1.0 / 128.0),
            (f32::INFINITY, f32::INFINITY),
            (f32::MAX, f32::INFINITY),
        ] {
            assert_eq!(back(to_bf16(value)), expected, "{value}");
        }
        assert!(back(to_bf16(f32::NAN)).is_nan());
    }
}
