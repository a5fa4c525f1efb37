//! Products of many rows with one matrix, in single precision, by the fast kernels.

use srcnn_kernels::{Isa, Matrix, padded};

/// A matrix that rows are multiplied with.
#[derive(Clone, Debug)]
pub(super) struct Factor {
    matrix: Matrix,
    zeros: Vec<f32>,
}

impl Factor {
    /// The matrix whose value at row `k`, column `n` is `value(k, n)`.
    pub fn new(depth: usize, columns: usize, value: impl Fn(usize, usize) -> f32) -> Self {
        let matrix = Matrix::pack(Isa::best(), depth, columns, value);
        Self { zeros: vec![0.0; padded(columns)], matrix }
    }

    /// From rows that lie one after the other: each becomes a column.
    pub fn of_columns(rows: &[f32], depth: usize) -> Self {
        Self::new(depth, rows.len() / depth, |k, n| rows[n * depth + k])
    }

    /// Columns of a product as they are stored: those asked for, rounded up; what is beyond is zero.
    pub fn stride(&self) -> usize {
        self.matrix.columns()
    }

    /// Multiplies rows of `stride` floats, of which the first `depth` count.
    pub fn apply(&self, rows: &[f32], stride: usize, out: &mut Vec<f32>) {
        let count = rows.len() / stride;
        out.resize(count * self.stride(), 0.0);
        self.matrix.apply(rows, stride, count, &self.zeros, false, out);
    }
}
