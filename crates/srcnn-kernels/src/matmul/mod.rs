//! Products of rows with a packed matrix: `out[row][n] = sum over k of rows[row][k] * matrix[k][n]`.

use crate::buffer::Buffer;
use crate::isa::Isa;
use crate::kernel::for_isa;
use crate::layout::{GROUP, padded};
use crate::simd::Simd;

/// A matrix of `depth` rows and [`padded`] columns, packed in panels of a few vectors for one instruction set.
#[derive(Clone, Debug)]
pub struct Matrix {
    isa: Isa,
    depth: usize,
    columns: usize,
    /// Values in the order panel, row of the matrix, column of the panel.
    data: Buffer,
}

/// Rows to whose products biases are added in one go, while they are in the first-level cache.
const ROW_BLOCK: usize = 12;

impl Matrix {
    /// Packs the matrix whose value at row `k`, column `n` is `value(k, n)`. Columns beyond `columns` are zero.
    pub fn pack(isa: Isa, depth: usize, columns: usize, value: impl Fn(usize, usize) -> f32) -> Self {
        let stored = padded(columns);
        let panel = panel_width(isa, stored);
        let mut data = Vec::with_capacity(depth * stored);
        for start in (0..stored).step_by(panel) {
            for k in 0..depth {
                data.extend((start..start + panel).map(|n| if n < columns { value(k, n) } else { 0.0 }));
            }
        }
        Self { isa, depth, columns: stored, data: Buffer::from(&data[..]) }
    }

    /// Packs the rows of `values`, each of `columns` values.
    pub(crate) fn pack_rows(isa: Isa, columns: usize, values: &[f32]) -> Self {
        let (stored, depth) = (padded(columns), values.len() / columns);
        let panel = panel_width(isa, stored);
        let mut data = Buffer::zeros(depth * stored);
        let panels = (0..stored).step_by(panel).zip(data.chunks_exact_mut(depth * panel));
        for (start, packed) in panels.filter(|(start, _)| *start < columns) {
            let end = columns.min(start + panel);
            for (to, row) in packed.chunks_exact_mut(panel).zip(values.chunks_exact(columns)) {
                to[..end - start].copy_from_slice(&row[start..end]);
            }
        }
        Self { isa, depth, columns: stored, data }
    }

    /// Number of rows.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The packed values.
    pub(crate) fn data(&self) -> *const f32 {
        self.data.as_ptr()
    }

    /// Number of columns as stored: [`padded`].
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Multiplies `count` rows with the matrix and adds a bias for each column. With `relu`, negative sums become zero.
    ///
    /// A row begins every `stride` floats of `rows`; its first [`depth`](Self::depth) are read. The results are rows of
    /// [`columns`](Self::columns) floats without gaps.
    ///
    /// # Panics
    /// If `rows`, `biases` (columns) or `out` (count x columns) are too short.
    pub fn apply(&self, rows: &[f32], stride: usize, count: usize, biases: &[f32], relu: bool, out: &mut [f32]) {
        // Checked: a product that wraps around would let anything pass.
        let needed = count.saturating_sub(1).checked_mul(stride).and_then(|last| last.checked_add(self.depth));
        let room = count.checked_mul(self.columns);
        assert!(count == 0 || needed.is_some_and(|needed| rows.len() >= needed), "pixels");
        assert!(biases.len() >= self.columns && room.is_some_and(|room| out.len() >= room), "biases and room");
        let (matrix, floor) = (self, if relu { 0.0 } else { f32::NEG_INFINITY });
        for_isa!(Matmul, self.isa, apply(matrix: &Matrix, rows: &[f32], stride: usize, count: usize, biases: &[f32], floor: f32,
            out: &mut [f32]));
    }

    /// As [`Matrix::apply`], with negative sums multiplied by a slope for each column (PReLU).
    ///
    /// # Panics
    /// As [`Matrix::apply`], or if there are fewer slopes than columns.
    pub fn apply_with_slopes(
        &self,
        rows: &[f32],
        stride: usize,
        count: usize,
        biases: &[f32],
        slopes: &[f32],
        out: &mut [f32],
    ) {
        assert!(slopes.len() >= self.columns, "slopes");
        self.apply(rows, stride, count, biases, false, out);
        let isa = self.isa;
        let columns = self.columns;
        for_isa!(Matmul, isa, bend(columns: usize, count: usize, slopes: &[f32], out: &mut [f32]));
    }
}

/// Columns of a panel: the widest of the instruction set, halved until whole panels fill the columns.
fn panel_width(isa: Isa, columns: usize) -> usize {
    let mut width = isa.lanes() * isa.panel_vectors();
    while !columns.is_multiple_of(width) {
        width /= 2;
    }
    width.max(isa.lanes()).min(columns.max(GROUP))
}

/// Computes the products in blocks of [`ROW_BLOCK`] rows, each followed by biases and `max(floor)`.
///
/// # Safety
/// The CPU has the instructions of `S`; [`Matrix::apply`] checked the lengths.
#[inline(always)]
unsafe fn apply<S: Simd>(
    matrix: &Matrix,
    rows: &[f32],
    stride: usize,
    count: usize,
    biases: &[f32],
    floor: f32,
    out: &mut [f32],
) {
    let columns = matrix.columns;
    let mut row = 0;
    while row < count {
        let block = (count - row).min(ROW_BLOCK);
        // SAFETY: guaranteed by the caller: rows up to `count` exist on both sides.
        unsafe {
            let (from, to) = (rows.as_ptr().add(row * stride), out.as_mut_ptr().add(row * columns));
            product::<S>(matrix.data.as_ptr(), matrix.depth, columns, from, stride, block, to, columns);
            for i in 0..block {
                let mut n = 0;
                while n < columns {
                    let at = to.add(i * columns + n);
                    S::load(at).add(S::load(biases.as_ptr().add(n))).max(S::splat(floor)).store(at);
                    n += S::LANES;
                }
            }
        }
        row += block;
    }
}

/// Multiplies negative values by their column's slope.
///
/// # Safety
/// The CPU has the instructions of `S`; `slopes` has `columns` floats, whole vectors, and `out` `count` rows of them.
#[inline(always)]
unsafe fn bend<S: Simd>(columns: usize, count: usize, slopes: &[f32], out: &mut [f32]) {
    let mut n = 0;
    while n < columns {
        // SAFETY: guaranteed by the caller.
        unsafe {
            let slope = S::load(slopes.as_ptr().add(n));
            for row in 0..count {
                let at = out.as_mut_ptr().add(row * columns + n);
                let value = S::load(at);
                let positive = value.max(S::zero());
                value.sub(positive).mul_add(slope, positive).store(at);
            }
        }
        n += S::LANES;
    }
}

/// Multiplies `count` rows without bias. `matrix` is the [`Matrix::data`] of one packed for `S`.
///
/// # Safety
/// The CPU has the instructions of `S`. `rows` has `count` rows of `depth` floats, one every `stride`; `out` has room
/// for `count` rows of `columns` floats, one every `out_stride`.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "two matrices with strides; a struct would be built in the inner loop")]
pub(crate) unsafe fn product<S: Simd>(
    matrix: *const f32,
    depth: usize,
    columns: usize,
    rows: *const f32,
    stride: usize,
    count: usize,
    out: *mut f32,
    out_stride: usize,
) {
    let vectors = columns / S::LANES;
    let (out, stride) = ((out, out_stride), (rows, stride));
    // SAFETY: guaranteed by the caller. The panels' widths are those of `panel_width`.
    unsafe {
        match S::PANEL {
            4 if vectors.is_multiple_of(4) => panels::<S, 6, 2, 4>(matrix, depth, columns, stride, count, out),
            4 if vectors.is_multiple_of(2) => panels::<S, 12, 4, 2>(matrix, depth, columns, stride, count, out),
            4 => panels::<S, 12, 4, 1>(matrix, depth, columns, stride, count, out),
            2 => panels::<S, 6, 2, 2>(matrix, depth, columns, stride, count, out),
            _ => panels::<S, 2, 1, 1>(matrix, depth, columns, stride, count, out),
        }
    }
}

/// Multiplies all rows with all panels of `VECTORS` vectors: rows in blocks of `ROWS`, then of `FEW`, the rest one by
/// one.
///
/// # Safety
/// As for [`product`]; `rows` and `out` are pairs of a pointer and its stride.
#[inline(always)]
unsafe fn panels<S: Simd, const ROWS: usize, const FEW: usize, const VECTORS: usize>(
    matrix: *const f32,
    depth: usize,
    columns: usize,
    rows: (*const f32, usize),
    count: usize,
    out: (*mut f32, usize),
) {
    let mut n = 0;
    while n < columns {
        let mut row = 0;
        // SAFETY: guaranteed by the caller; panels lie one after the other, each of `depth` rows.
        unsafe {
            let panel = matrix.add(n * depth);
            while row < count {
                let (from, to) = (rows.0.add(row * rows.1), out.0.add(row * out.1 + n));
                if count - row >= ROWS {
                    block::<S, ROWS, VECTORS>(panel, depth, from, rows.1, to, out.1);
                    row += ROWS;
                } else if count - row >= FEW {
                    block::<S, FEW, VECTORS>(panel, depth, from, rows.1, to, out.1);
                    row += FEW;
                } else {
                    block::<S, 1, VECTORS>(panel, depth, from, rows.1, to, out.1);
                    row += 1;
                }
            }
        }
        n += VECTORS * S::LANES;
    }
}

/// Computes `ROWS` rows x `VECTORS` vectors of sums in registers.
///
/// # Safety
/// As for [`product`], for these rows and this panel.
#[inline(always)]
unsafe fn block<S: Simd, const ROWS: usize, const VECTORS: usize>(
    panel: *const f32,
    depth: usize,
    rows: *const f32,
    stride: usize,
    out: *mut f32,
    out_stride: usize,
) {
    // SAFETY: guaranteed by the caller.
    unsafe {
        let mut sums = [[S::zero(); VECTORS]; ROWS];
        for k in 0..depth {
            let mut weights = [S::zero(); VECTORS];
            for (v, weight) in weights.iter_mut().enumerate() {
                *weight = S::load(panel.add((k * VECTORS + v) * S::LANES));
            }
            for (row, sums) in sums.iter_mut().enumerate() {
                let value = S::splat(*rows.add(row * stride + k));
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum = value.mul_add(weight, *sum);
                }
            }
        }
        for (row, sums) in sums.iter().enumerate() {
            for (v, sum) in sums.iter().enumerate() {
                sum.store(out.add(row * out_stride + v * S::LANES));
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
