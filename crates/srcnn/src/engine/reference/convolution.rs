//! Convolutions over a band of rows.

use std::ops::Range;

use super::rows::{Rows, place};
use crate::Size;
use crate::model::LayerWeights;
use crate::model::graph::Convolution;
use crate::parallel;
use crate::real::Real;

/// Filters that are computed together, so that each loaded sample is used in as many sums.
const FILTERS: usize = 4;
/// Columns that are computed together: 4 x 8 sums of f32 fill eight SSE registers, and leave eight for other values.
const COLUMNS: usize = 8;

/// A convolution with its kernels in the order of their use.
#[derive(Clone, Debug)]
pub(super) struct Kernels<T> {
    convolution: Convolution,
    /// By group of channels, block of filters, kernel row, input channel and kernel column; then one weight per filter of the block.
    kernels: Vec<[T; FILTERS]>,
    /// By group of channels and block of filters.
    biases: Vec<[T; FILTERS]>,
}

impl<T: Real> Kernels<T> {
    pub(super) fn pack(convolution: Convolution, weights: &LayerWeights) -> Self {
        let Convolution { groups, kernel: [rows, columns], .. } = convolution;
        let (inputs, outputs) = (convolution.inputs / groups, convolution.outputs / groups);
        let each = inputs * rows * columns;
        let value = |values: &[f32], group: usize, filter: usize, at: usize, each: usize| {
            // Filters of zeros, whose sums are not stored, complete the last block.
            let value = if filter < outputs { values[(group * outputs + filter) * each + at] } else { 0.0 };
            T::from_f64(f64::from(value))
        };
        let (mut kernels, mut biases) = (Vec::new(), Vec::new());
        for (group, block) in (0..groups).flat_map(|g| (0..outputs.div_ceil(FILTERS)).map(move |block| (g, block))) {
            let filters = |values: &[f32], at: usize, each: usize| {
                std::array::from_fn(|f| value(values, group, block * FILTERS + f, at, each))
            };
            for (row, input) in (0..rows).flat_map(|row| (0..inputs).map(move |input| (row, input))) {
                let at = (input * rows + row) * columns;
                kernels.extend((0..columns).map(|column| filters(&weights.kernels, at + column, each)));
            }
            biases.push(filters(&weights.biases, 0, 1));
        }
        Self { convolution, kernels, biases }
    }

    /// Rows `rows` of the result, of `size`, from rows of what it takes.
    pub(super) fn run(&self, input: &Rows<T>, rows: &Range<usize>, size: Size) -> Rows<T> {
        let Convolution { outputs, kernel, stride, dilation, groups, .. } = self.convolution;
        let width = size.width;
        let line = (width.next_multiple_of(COLUMNS) - 1) * stride + self.convolution.span()[1];
        let padded = self.padded(input, rows, line);
        let row_length = input.channels * line;
        let each = outputs / groups;
        let blocks = each.div_ceil(FILTERS);
        let mut out = Rows::zeros(rows, size, outputs);
        parallel::for_each(out.data.chunks_mut(outputs * width).enumerate(), |(y, out)| {
            let under: Vec<&[T]> =
                (0..kernel[0]).map(|row| &padded[(y * stride + row * dilation) * row_length..][..row_length]).collect();
            for x in (0..width).step_by(COLUMNS) {
                for (group, block) in (0..groups).flat_map(|g| (0..blocks).map(move |block| (g, block))) {
                    let sums = self.sums(&under, line, x * stride, group, group * blocks + block);
                    for (filter, sums) in (block * FILTERS..each).zip(&sums) {
                        let columns = COLUMNS.min(width - x);
                        out[(group * each + filter) * width + x..][..columns].copy_from_slice(&sums[..columns]);
                    }
                }
            }
        });
        out
    }

    /// The sums of a block of filters at as many columns, from column `x` of the padded lines on.
    fn sums(&self, rows: &[&[T]], line: usize, x: usize, group: usize, block: usize) -> [[T; COLUMNS]; FILTERS] {
        let Convolution { inputs, kernel: [_, columns], stride, dilation, groups, .. } = self.convolution;
        let inputs = inputs / groups;
        let length = inputs * rows.len() * columns;
        let mut sums = self.biases[block].map(|bias| [bias; COLUMNS]);
        let mut kernels = self.kernels[block * length..(block + 1) * length].chunks_exact(columns);
        for row in rows {
            let lines = row.chunks_exact(line).skip(group * inputs).take(inputs);
            for (samples, kernel) in lines.zip(&mut kernels) {
                for (column, weights) in kernel.iter().enumerate() {
                    let under = &samples[x + column * dilation..];
                    let under: [T; COLUMNS] = match stride {
                        1 => under[..COLUMNS].try_into().expect("as many columns"),
                        _ => std::array::from_fn(|i| under[i * stride]),
                    };
                    for (sums, &weight) in sums.iter_mut().zip(weights) {
                        for (sum, sample) in sums.iter_mut().zip(under) {
                            *sum += weight * sample;
                        }
                    }
                }
            }
        }
        sums
    }

    /// What rows `rows` of the result read, with the padding, `line` samples a row and channel.
    fn padded(&self, input: &Rows<T>, rows: &Range<usize>, line: usize) -> Vec<T> {
        let Convolution { stride, padding, fill, .. } = self.convolution;
        let (width, height) = (input.size.width, input.size.height);
        let count = (rows.len() - 1) * stride + self.convolution.span()[0];
        let mut padded = vec![T::ZERO; count * input.channels * line];
        parallel::for_each(padded.chunks_mut(input.channels * line).enumerate(), |(i, out)| {
            let y = (rows.start * stride + i) as i64 - padding.top as i64;
            let Some(y) = place(y, height, fill) else { return };
            for (out, from) in out.chunks_exact_mut(line).zip(input.row(y).chunks_exact(width)) {
                let inside = width.min(line.saturating_sub(padding.left));
                out[padding.left..padding.left + inside].copy_from_slice(&from[..inside]);
                // What lies further to the right than the padding is read, but not kept.
                let right = (padding.left + width..line).take(padding.right);
                for x in (0..padding.left).chain(right) {
                    if let Some(from) = place(x as i64 - padding.left as i64, width, fill).map(|at| from[at]) {
                        out[x] = from;
                    }
                }
            }
        });
        padded
    }
}
