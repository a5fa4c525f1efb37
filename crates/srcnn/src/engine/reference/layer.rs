//! A convolution over a band of rows.

use crate::model::{Activation, LayerSpec, LayerWeights, Padding};
use crate::parallel;
use crate::plane::Plane;
use crate::real::Real;

/// Filters that are computed together, so that each loaded sample is used in as many sums.
const FILTERS: usize = 4;
/// Columns that are computed together: 4 x 8 sums of f32 fill eight SSE registers, and leave eight for other values.
const COLUMNS: usize = 8;

/// Rows from `start` on of a picture of several channels, stored row by row, within a row channel by channel.
#[derive(Clone, Debug)]
pub(super) struct Rows<T> {
    start: usize,
    channels: usize,
    width: usize,
    data: Vec<T>,
}

impl<T: Real> Rows<T> {
    pub(super) fn of_planes(planes: &[Plane<T>], start: usize, end: usize) -> Self {
        let rows = (start..end).flat_map(|y| planes.iter().map(move |p| p.row(y)));
        let data = rows.flatten().copied().collect();
        Self { start, channels: planes.len(), width: planes[0].width(), data }
    }

    pub(super) fn append_channel(&self, channel: usize, out: &mut Vec<T>) {
        let rows = self.data.chunks_exact(self.width).skip(channel).step_by(self.channels);
        rows.for_each(|row| out.extend_from_slice(row));
    }

    /// The rows as planes, one per channel.
    pub(super) fn to_planes(&self) -> Vec<Plane<T>> {
        let height = self.data.len() / (self.channels * self.width);
        let plane = |channel| {
            let mut data = Vec::with_capacity(self.width * height);
            self.append_channel(channel, &mut data);
            Plane::new(self.width, height, data).expect("a value a pixel")
        };
        (0..self.channels).map(plane).collect()
    }

    /// All channels of row `y` of the picture.
    fn row(&self, y: usize) -> &[T] {
        let stride = self.channels * self.width;
        &self.data[(y - self.start) * stride..][..stride]
    }
}

/// A layer with its kernels in the order of their use.
#[derive(Clone, Debug)]
pub(super) struct Layer<T> {
    spec: LayerSpec,
    /// By group of filters, kernel row, input channel and kernel column; then one weight per filter of the group.
    kernels: Vec<[T; FILTERS]>,
    biases: Vec<[T; FILTERS]>,
}

impl<T: Real> Layer<T> {
    pub(super) fn pack(spec: LayerSpec, weights: &LayerWeights) -> Self {
        let k = spec.kernel;
        let groups = spec.outputs.div_ceil(FILTERS);
        let value = |values: &[f32], filter: usize, at: usize, each: usize| {
            // Filters of zeros, whose sums are not stored, complete the last group.
            if filter < spec.outputs { T::from_f64(f64::from(values[filter * each + at])) } else { T::ZERO }
        };
        let group = |values: &[f32], group: usize, at: usize, each: usize| {
            std::array::from_fn(|f| value(values, group * FILTERS + f, at, each))
        };
        let mut kernels = Vec::with_capacity(groups * spec.inputs * k * k);
        for g in 0..groups {
            for row in 0..k {
                for input in 0..spec.inputs {
                    let at = |column: usize| (input * k + row) * k + column;
                    kernels.extend((0..k).map(|c| group(&weights.kernels, g, at(c), spec.inputs * k * k)));
                }
            }
        }
        let biases = (0..groups).map(|g| group(&weights.biases, g, 0, 1)).collect();
        Self { spec, kernels, biases }
    }

    /// Width of the padding at the left and the top.
    fn margin(&self) -> usize {
        match self.spec.padding {
            Padding::Valid => 0,
            Padding::Zero | Padding::Replicate => self.spec.kernel / 2,
        }
    }

    /// Rows (and columns) by which the output is smaller than the input.
    pub(super) fn height_loss(&self) -> usize {
        self.spec.kernel - 1 - 2 * self.margin()
    }

    /// The rows of the input, of `height` rows in all, that rows `start..end` of the output depend on.
    pub(super) fn needed_rows(&self, start: usize, end: usize, height: usize) -> (usize, usize) {
        let end = end + self.spec.kernel - 1;
        (start.saturating_sub(self.margin()), end.saturating_sub(self.margin()).min(height))
    }

    /// Computes rows `start..end` of the output, from rows of an input of `height` rows in all.
    pub(super) fn run(&self, input: &Rows<T>, height: usize, start: usize, end: usize) -> Rows<T> {
        let width = input.width - self.height_loss();
        let stride = width.next_multiple_of(COLUMNS) + self.spec.kernel - 1;
        let padded = self.pad(input, height, start, end, stride);
        let outputs = self.spec.outputs;
        let mut data = vec![T::ZERO; (end - start) * outputs * width];
        parallel::for_each(data.chunks_mut(outputs * width).enumerate(), |(y, out)| {
            let row_length = input.channels * stride;
            let rows = &padded[y * row_length..(y + self.spec.kernel) * row_length];
            for x in (0..width).step_by(COLUMNS) {
                for group in 0..self.biases.len() {
                    let sums = self.sums(rows, stride, x, group);
                    let filters = (group * FILTERS..outputs).zip(&sums);
                    for (filter, sums) in filters {
                        let columns = COLUMNS.min(width - x);
                        let out = &mut out[filter * width + x..][..columns];
                        for (out, sum) in out.iter_mut().zip(sums) {
                            *out = self.activate(*sum);
                        }
                    }
                }
            }
        });
        Rows { start, channels: outputs, width, data }
    }

    /// The sums of one group of filters at columns `x..x + COLUMNS`; `rows` has as many rows as the kernel.
    fn sums(&self, rows: &[T], stride: usize, x: usize, group: usize) -> [[T; COLUMNS]; FILTERS] {
        let k = self.spec.kernel;
        let length = self.spec.inputs * k * k;
        let mut sums = self.biases[group].map(|bias| [bias; COLUMNS]);
        let kernels = self.kernels[group * length..(group + 1) * length].chunks_exact(k);
        for (kernel, row) in kernels.zip(rows.chunks_exact(stride)) {
            for (weights, samples) in kernel.iter().zip(row[x..].windows(COLUMNS)) {
                let samples: &[T; COLUMNS] = samples.try_into().expect("windows have this length");
                for (sums, &weight) in sums.iter_mut().zip(weights) {
                    for (sum, &sample) in sums.iter_mut().zip(samples) {
                        *sum += weight * sample;
                    }
                }
            }
        }
        sums
    }

    fn activate(&self, sum: T) -> T {
        match self.spec.activation {
            Activation::Relu if sum < T::ZERO => T::ZERO,
            Activation::Relu | Activation::None => sum,
        }
    }

    /// The input with its padding, `stride` samples per row and channel.
    fn pad(&self, input: &Rows<T>, height: usize, start: usize, end: usize, stride: usize) -> Vec<T> {
        let margin = self.margin();
        let count = end - start + self.spec.kernel - 1;
        let mut padded = vec![T::ZERO; count * input.channels * stride];
        parallel::for_each(padded.chunks_mut(input.channels * stride).enumerate(), |(i, out)| {
            let above = start + i < margin;
            let y = (start + i).saturating_sub(margin);
            if self.spec.padding == Padding::Zero && (above || y >= height) {
                return;
            }
            let channels = input.row(y.min(height - 1)).chunks_exact(input.width);
            for (out, row) in out.chunks_exact_mut(stride).zip(channels) {
                out[margin..margin + row.len()].copy_from_slice(row);
                if self.spec.padding == Padding::Replicate {
                    out[..margin].fill(row[0]);
                    out[margin + row.len()..][..margin].fill(row[row.len() - 1]);
                }
            }
        });
        padded
    }
}
