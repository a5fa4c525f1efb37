//! Transposed convolutions over a band of rows.

use std::ops::Range;

use super::rows::Rows;
use crate::Size;
use crate::model::graph::Transposed;
use crate::parallel;
use crate::real::Real;

/// The rows of what it takes, `height` in all, that rows `rows` of the result depend on; at least one.
pub(super) fn reads(transposed: &Transposed, rows: &Range<usize>, height: usize) -> Range<usize> {
    let (stride, top, kernel) = (transposed.stride as i64, transposed.cut.top as i64, transposed.kernel[0] as i64);
    let first = (rows.start as i64 + top - kernel).div_euclid(stride) + 1;
    let last = (rows.end as i64 - 1 + top).div_euclid(stride);
    let start = first.clamp(0, height as i64 - 1);
    start as usize..(last + 1).clamp(start + 1, height as i64) as usize
}

/// Rows `rows` of the result, of `size`.
pub(super) fn run<T: Real>(
    transposed: &Transposed,
    kernels: &[T],
    biases: &[T],
    input: &Rows<T>,
    rows: &Range<usize>,
    size: Size,
) -> Rows<T> {
    let Transposed { inputs, outputs, kernel: [kernel_rows, columns], stride, groups, cut } = *transposed;
    let mut out = Rows::zeros(rows, size, outputs);
    let each = inputs / groups;
    parallel::for_each(out.data.chunks_mut(size.width).enumerate(), |(i, line)| {
        let (y, output) = (rows.start + i / outputs, i % outputs);
        line.fill(biases[output]);
        let group = output / (outputs / groups);
        for row in 0..kernel_rows {
            // Only where the row of the kernel falls on a row of samples.
            let Some(at) = (y + cut.top).checked_sub(row).filter(|at| at.is_multiple_of(stride)) else { continue };
            if at / stride >= input.size.height {
                continue;
            }
            for channel in 0..each {
                let samples = input.line(at / stride, group * each + channel);
                let kernel = &kernels[((output * each + channel) * kernel_rows + row) * columns..][..columns];
                for (column, weight) in kernel.iter().enumerate() {
                    for (x, sample) in samples.iter().enumerate() {
                        if let Some(to) = (x * stride + column).checked_sub(cut.left).and_then(|x| line.get_mut(x)) {
                            *to += *weight * *sample;
                        }
                    }
                }
            }
        }
    });
    out
}
