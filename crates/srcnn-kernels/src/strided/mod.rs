//! Sums of products with strides, of which the three passes of a direct convolution consist.

use crate::isa::Isa;
use crate::kernel::for_isa;
use crate::layout::GROUP;
use crate::simd::Simd;

/// Factors taken one by one. That of segment `s`, row `r` and depth `k` is `data[segment * s + row * r + step * k]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Left<'a> {
    pub data: &'a [f32],
    pub row: usize,
    pub step: usize,
    pub segment: usize,
}

/// Factors taken in vectors. That of segment `s`, depth `k` and a column is `data[segment * s + step * k + column]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Right<'a> {
    pub data: &'a [f32],
    pub step: usize,
    pub segment: usize,
}

/// Numbers of rows, columns (a multiple of [`GROUP`]), depths and segments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub rows: usize,
    pub columns: usize,
    pub depth: usize,
    pub segments: usize,
}

/// Adds to `out[out_row * r + column]` the sum of `left * right` over all segments `s` and depths `k`, in that order.
///
/// # Panics
/// If a slice is too short or the columns are not whole groups.
pub(crate) fn accumulate(isa: Isa, left: Left<'_>, right: Right<'_>, extent: Extent, out: &mut [f32], out_row: usize) {
    let Extent { rows, columns, depth, segments } = extent;
    if rows == 0 || columns == 0 || depth == 0 || segments == 0 {
        return;
    }
    // Checked: a sum that wraps around would let anything pass.
    let needed = |strides: [usize; 3], tail: usize| {
        let last = [segments - 1, rows - 1, depth - 1];
        strides.iter().zip(last).try_fold(tail, |sum, (stride, n)| sum.checked_add(stride.checked_mul(n)?))
    };
    let holds = |slice: &[f32], needed: Option<usize>| needed.is_some_and(|needed| slice.len() >= needed);
    assert!(holds(left.data, needed([left.segment, left.row, left.step], 1)), "left factors");
    assert!(holds(right.data, needed([right.segment, 0, right.step], columns)), "right factors");
    assert!(holds(out, needed([0, out_row, 0], columns)) && columns.is_multiple_of(GROUP), "room for the sums");
    for_isa!(Strided, isa, run(left: Left<'_>, right: Right<'_>, extent: Extent, out: &mut [f32], out_row: usize));
}

/// Computes all columns, in panels as wide as fit.
///
/// # Safety
/// The CPU has the instructions of `S`; [`accumulate`] checked the lengths.
#[inline(always)]
unsafe fn run<S: Simd>(left: Left<'_>, right: Right<'_>, extent: Extent, out: &mut [f32], out_row: usize) {
    let mut column = 0;
    while column < extent.columns {
        let vectors = (extent.columns - column) / S::LANES;
        // SAFETY: guaranteed by the caller, for these columns.
        unsafe {
            let to = out.as_mut_ptr().add(column);
            column += S::LANES
                * match (S::PANEL, vectors) {
                    (4, 4..) => panel::<S, 6, 4>(left, right, extent, column, to, out_row),
                    (4, 2..) => panel::<S, 12, 2>(left, right, extent, column, to, out_row),
                    (2, 2..) => panel::<S, 6, 2>(left, right, extent, column, to, out_row),
                    (2.., _) => panel::<S, 12, 1>(left, right, extent, column, to, out_row),
                    _ => panel::<S, 2, 1>(left, right, extent, column, to, out_row),
                };
        }
    }
}

/// Computes all rows of `VECTORS` vectors of columns, in even shares of at most `ROWS` rows. Returns `VECTORS`.
///
/// # Safety
/// As for [`run`].
#[inline(always)]
unsafe fn panel<S: Simd, const ROWS: usize, const VECTORS: usize>(
    left: Left<'_>,
    right: Right<'_>,
    extent: Extent,
    column: usize,
    out: *mut f32,
    out_row: usize,
) -> usize {
    let blocks = extent.rows.div_ceil(ROWS);
    let mut row = 0;
    for block in 0..blocks {
        let end = extent.rows * (block + 1) / blocks;
        // SAFETY: guaranteed by the caller, for these rows.
        unsafe {
            let left = Left { data: &left.data[left.row * row..], ..left };
            let out = out.add(out_row * row);
            macro_rules! of {
                ($($rows:literal)*) => {
                    match end - row {
                        $($rows if $rows <= ROWS => sums::<S, $rows, VECTORS>(left, right, extent, column, out, out_row),)*
                        _ => unreachable!("shares are at most twelve rows"),
                    }
                };
            }
            of!(1 2 3 4 5 6 7 8 9 10 11 12);
        }
        row = end;
    }
    VECTORS
}

/// Computes `ROWS` rows x `VECTORS` vectors of sums in registers, all segments and depths in one go.
///
/// # Safety
/// As for [`run`], for the first rows of `left` and `out`.
#[inline(always)]
unsafe fn sums<S: Simd, const ROWS: usize, const VECTORS: usize>(
    left: Left<'_>,
    right: Right<'_>,
    extent: Extent,
    column: usize,
    out: *mut f32,
    out_row: usize,
) {
    // SAFETY: guaranteed by the caller.
    unsafe {
        let mut sums = [[S::zero(); VECTORS]; ROWS];
        for (row, sums) in sums.iter_mut().enumerate() {
            for (v, sum) in sums.iter_mut().enumerate() {
                *sum = S::load(out.add(row * out_row + v * S::LANES));
            }
        }
        for segment in 0..extent.segments {
            let mut one = left.data.as_ptr().add(segment * left.segment);
            let mut many = right.data.as_ptr().add(segment * right.segment + column);
            for _ in 0..extent.depth {
                let mut factors = [S::zero(); VECTORS];
                for (v, factor) in factors.iter_mut().enumerate() {
                    *factor = S::load(many.add(v * S::LANES));
                }
                for (row, sums) in sums.iter_mut().enumerate() {
                    let value = S::splat(*one.add(row * left.row));
                    for (sum, &factor) in sums.iter_mut().zip(&factors) {
                        *sum = value.mul_add(factor, *sum);
                    }
                }
                // Past the last one, pointers are not read from.
                one = one.wrapping_add(left.step);
                many = many.wrapping_add(right.step);
            }
        }
        for (row, sums) in sums.iter().enumerate() {
            for (v, sum) in sums.iter().enumerate() {
                sum.store(out.add(row * out_row + v * S::LANES));
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
