//! Products of many rows with one matrix, in single precision, on the SIMD kernels.

use srcnn_kernels::{Isa, Matrix, padded};

/// A packed matrix; rows are multiplied by it.
#[derive(Clone, Debug)]
pub(super) struct Factor {
    matrix: Matrix,
    zeros: Vec<f32>,
}

impl Factor {
    /// A matrix of `depth` rows whose element in row `k` and column `n` is `value(k, n)`.
    pub fn new(depth: usize, columns: usize, value: impl Fn(usize, usize) -> f32) -> Self {
        let matrix = Matrix::pack(Isa::best(), depth, columns, value);
        Self { zeros: vec![0.0; padded(columns)], matrix }
    }

    /// A matrix with these vectors of length `depth` as columns.
    pub fn of_columns(rows: &[f32], depth: usize) -> Self {
        Self::new(depth, rows.len() / depth, |k, n| rows[n * depth + k])
    }

    /// Floats of a row of a product: the number of columns, rounded up and padded with zeros.
    pub fn stride(&self) -> usize {
        self.matrix.columns()
    }

    /// Multiplies rows of `stride` floats by the matrix; only the first `depth` floats of a row are used. `out` has
    /// [`Factor::stride`] floats a row.
    pub fn apply(&self, rows: &[f32], stride: usize, out: &mut Vec<f32>) {
        let count = rows.len() / stride;
        out.resize(count * self.stride(), 0.0);
        self.matrix.apply(rows, stride, count, &self.zeros, false, out);
    }
}
