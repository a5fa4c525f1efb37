//! Slices with poison around and between their values, which a kernel may neither read nor write.

use std::ops::Range;

/// A NaN whose bits no computation gives.
pub(crate) const POISON: f32 = f32::from_bits(0x7FC0_BAD1);

/// Poisoned floats on each side of a slice: the widest panel (four vectors of sixteen) and one float, so that slices
/// are not aligned.
const MARGIN: usize = 65;

fn is_poison(value: f32) -> bool {
    value.to_bits() == POISON.to_bits()
}

/// Rows of floats, with poison before, between and behind them.
#[derive(Clone, Debug)]
pub(crate) struct Poisoned {
    data: Vec<f32>,
    row: usize,
    stride: usize,
    count: usize,
}

impl Poisoned {
    /// Room for `count` rows of `row` floats, one every `stride`. The rows are poison as well.
    pub(crate) fn room(row: usize, stride: usize, count: usize) -> Self {
        assert!(stride >= row || count < 2, "rows do not overlap");
        let len = if count == 0 { 0 } else { (count - 1) * stride + row };
        Self { data: vec![POISON; len + 2 * MARGIN], row, stride, count }
    }

    /// Rows of `row` values, one every `stride`.
    pub(crate) fn rows(values: &[f32], row: usize, stride: usize) -> Self {
        let count = values.len().checked_div(row).unwrap_or(0);
        let mut rows = Self::room(row, stride, count);
        for (to, from) in (0..count).zip(values.chunks_exact(row.max(1))) {
            let range = rows.range(to);
            rows.data[range].copy_from_slice(from);
        }
        rows
    }

    /// One row.
    pub(crate) fn row(values: &[f32]) -> Self {
        Self::rows(values, values.len(), values.len())
    }

    fn range(&self, row: usize) -> Range<usize> {
        let start = MARGIN + row * self.stride;
        start..start + self.row
    }

    /// From the first row's first value to the last row's last, gaps included.
    pub(crate) fn slice(&self) -> &[f32] {
        &self.data[MARGIN..self.data.len() - MARGIN]
    }

    /// The same, to write to.
    pub(crate) fn slice_mut(&mut self) -> &mut [f32] {
        let end = self.data.len() - MARGIN;
        &mut self.data[MARGIN..end]
    }

    /// The rows without gaps. Fails if a float of them was not written, or one beside them was.
    #[track_caller]
    pub(crate) fn written(&self, case: &str) -> Vec<f32> {
        let mut written = Vec::with_capacity(self.count * self.row);
        let mut gap = 0;
        for row in 0..self.count {
            let range = self.range(row);
            self.assert_poison(case, gap..range.start);
            gap = range.end;
            for (at, &value) in self.data[range].iter().enumerate() {
                assert!(!is_poison(value), "{case}: row {row}, float {at} was not written");
                written.push(value);
            }
        }
        self.assert_poison(case, gap..self.data.len());
        written
    }

    #[track_caller]
    fn assert_poison(&self, case: &str, range: Range<usize>) {
        for at in range {
            let value = self.data[at];
            assert!(
                is_poison(value),
                "{case}: {value} was written at {}, beside the rows",
                at as isize - MARGIN as isize
            );
        }
    }
}
