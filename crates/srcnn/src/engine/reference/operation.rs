//! Operations over a band of rows.

use std::ops::Range;

use super::convolution::Kernels;
use super::rows::{Rows, places};
use super::transposed;
use crate::Size;
use crate::model::LayerWeights;
use crate::model::graph::{Enlargement, Function, Operation, Sides};
use crate::plane::Plane;
use crate::real::Real;
use crate::resample::Resampler;

/// An operation with its weights in the order of their use.
#[derive(Clone, Debug)]
pub(super) struct Packed<T> {
    operation: Operation,
    weights: Weights<T>,
}

#[derive(Clone, Debug)]
enum Weights<T> {
    None,
    Convolution(Kernels<T>),
    /// Kernels, slopes or factors; biases or summands.
    Plain(Vec<T>, Vec<T>),
}

impl<T: Real> Packed<T> {
    pub(super) fn new(operation: &Operation, weights: &LayerWeights) -> Self {
        let convert = |values: &[f32]| values.iter().map(|v| T::from_f64(f64::from(*v))).collect();
        let packed = match operation {
            Operation::Convolution(convolution) => Weights::Convolution(Kernels::pack(*convolution, weights)),
            _ if operation.weights().total() == 0 => Weights::None,
            _ => Weights::Plain(convert(&weights.kernels), convert(&weights.biases)),
        };
        Self { operation: operation.clone(), weights: packed }
    }

    /// The rows of what it takes, of `size`, that rows `rows` of the result depend on.
    pub(super) fn reads(&self, rows: &Range<usize>, size: Size) -> Range<usize> {
        let height = size.height;
        let Range { start, end } = *rows;
        let range = match &self.operation {
            // A single sample for all rows.
            _ if height == 1 => 0..1,
            Operation::Convolution(c) => {
                let from = (start * c.stride) as i64 - c.padding.top as i64;
                let to = ((end - 1) * c.stride + c.span()[0]) as i64 - c.padding.top as i64;
                places(from, to, height, c.fill)
            }
            Operation::Transposed(t) => transposed::reads(t, rows, height),
            Operation::Function(_)
            | Operation::Affine { .. }
            | Operation::Add
            | Operation::Multiply
            | Operation::Concatenate
            | Operation::Slice { .. } => start..end,
            Operation::Shuffle { factor } | Operation::Enlarge { factor, by: Enlargement::Nearest } => {
                start / factor..end.div_ceil(*factor)
            }
            Operation::Enlarge { factor, by: Enlargement::By(convention) } => {
                let resampler = Resampler::new(size, size.times(*factor), *convention);
                resampler.expect("planes are not empty").reads(start..end)
            }
            Operation::Unshuffle { factor } => start * factor..end * factor,
            Operation::Mean => 0..height,
            Operation::Crop(Sides { top, .. }) => start + top..end + top,
        };
        range.start..range.end.min(height)
    }

    /// Rows `rows` of the result, of `size`, from rows of what it takes.
    pub(super) fn run(&self, inputs: &[&Rows<T>], rows: &Range<usize>, size: Size) -> Rows<T> {
        let input = inputs[0];
        match (&self.operation, &self.weights) {
            (Operation::Convolution(_), Weights::Convolution(kernels)) => kernels.run(input, rows, size),
            (Operation::Transposed(t), Weights::Plain(kernels, biases)) => {
                transposed::run(t, kernels, biases, input, rows, size)
            }
            (Operation::Function(Function::Prelu { .. }), Weights::Plain(slopes, _)) => {
                by_channel(input, rows, |channel, v| if v < T::ZERO { slopes[channel] * v } else { v })
            }
            (Operation::Function(function), _) => by_channel(input, rows, |_, v| apply(*function, v)),
            (Operation::Affine { .. }, Weights::Plain(factors, summands)) => {
                by_channel(input, rows, |channel, v| factors[channel] * v + summands[channel])
            }
            (Operation::Add, _) => folded(inputs, rows, size, |a, b| a + b),
            (Operation::Multiply, _) => folded(inputs, rows, size, |a, b| a * b),
            (Operation::Concatenate, _) => {
                let channels = inputs.iter().map(|input| input.channels).sum();
                let lines = rows.clone().flat_map(|y| inputs.iter().flat_map(move |input| input.row(y)));
                Rows { start: rows.start, size, channels, data: lines.copied().collect() }
            }
            (Operation::Slice { first, count }, _) => {
                sampled(rows, size, *count, |x, y, channel| input.line(y, first + channel)[x])
            }
            (Operation::Shuffle { factor }, _) => {
                let f = *factor;
                sampled(rows, size, input.channels / (f * f), |x, y, channel| {
                    input.line(y / f, (channel * f + y % f) * f + x % f)[x / f]
                })
            }
            (Operation::Unshuffle { factor }, _) => {
                let f = *factor;
                sampled(rows, size, input.channels * f * f, |x, y, channel| {
                    let (from, row, column) = (channel / (f * f), channel / f % f, channel % f);
                    input.line(y * f + row, from)[x * f + column]
                })
            }
            (Operation::Enlarge { factor, by: Enlargement::Nearest }, _) => {
                sampled(rows, size, input.channels, |x, y, channel| input.line(y / factor, channel)[x / factor])
            }
            (Operation::Enlarge { by: Enlargement::By(convention), .. }, _) => {
                let resampler = Resampler::new(input.size, size, *convention).expect("planes are not empty");
                let enlarged = |plane: Plane<T>| resampler.rows(&plane.map(T::to_f64), input.start, rows.clone());
                let planes: Vec<_> = input.to_planes().into_iter().map(enlarged).collect();
                let lines = (0..rows.len()).flat_map(|y| planes.iter().flat_map(move |plane| plane.row(y)));
                let data = lines.map(|v| T::from_f64(*v)).collect();
                Rows { start: rows.start, size, channels: input.channels, data }
            }
            (Operation::Mean, _) => {
                let mean = |channel| {
                    let lines = input.range().flat_map(|y| input.line(y, channel));
                    T::from_f64(lines.map(|v| v.to_f64()).sum::<f64>() / input.size.pixels() as f64)
                };
                Rows { start: 0, size, channels: input.channels, data: (0..input.channels).map(mean).collect() }
            }
            (Operation::Crop(Sides { top, left, .. }), _) => {
                sampled(rows, size, input.channels, |x, y, channel| input.line(y + top, channel)[x + left])
            }
            (Operation::Convolution(_) | Operation::Transposed(_) | Operation::Affine { .. }, _) => {
                unreachable!("packed with its weights")
            }
        }
    }
}

fn apply<T: Real>(function: Function, v: T) -> T {
    let by = |f: fn(f64) -> f64| T::from_f64(f(v.to_f64()));
    match function {
        Function::Relu | Function::Prelu { .. } => {
            if v < T::ZERO {
                T::ZERO
            } else {
                v
            }
        }
        Function::Leaky { slope } => {
            if v < T::ZERO {
                T::from_f64(f64::from(slope)) * v
            } else {
                v
            }
        }
        Function::Clip { low, high } => {
            let (low, high) = (T::from_f64(f64::from(low)), T::from_f64(f64::from(high)));
            if v < low {
                low
            } else if v > high {
                high
            } else {
                v
            }
        }
        Function::Tanh => by(f64::tanh),
        Function::Sigmoid => by(sigmoid),
        Function::Silu => by(|v| v * sigmoid(v)),
    }
}

fn sigmoid(v: f64) -> f64 {
    1.0 / (1.0 + (-v).exp())
}

fn by_channel<T: Real>(input: &Rows<T>, rows: &Range<usize>, f: impl Fn(usize, T) -> T) -> Rows<T> {
    let mut data = Vec::with_capacity(rows.len() * input.stride());
    for y in rows.clone() {
        for channel in 0..input.channels {
            data.extend(input.line(y, channel).iter().map(|v| f(channel, *v)));
        }
    }
    Rows { start: rows.start, size: input.size, channels: input.channels, data }
}

/// All inputs, sample by sample; those of a single sample a channel give it everywhere.
fn folded<T: Real>(inputs: &[&Rows<T>], rows: &Range<usize>, size: Size, f: impl Fn(T, T) -> T) -> Rows<T> {
    let sample = |input: &Rows<T>, x: usize, y: usize, channel: usize| match input.size.pixels() {
        1 => input.line(0, channel)[0],
        _ => input.line(y, channel)[x],
    };
    sampled(rows, size, inputs[0].channels, |x, y, channel| {
        let first = sample(inputs[0], x, y, channel);
        inputs[1..].iter().fold(first, |sum, input| f(sum, sample(input, x, y, channel)))
    })
}

/// Rows, one sample at a time.
fn sampled<T: Real>(
    rows: &Range<usize>,
    size: Size,
    channels: usize,
    sample: impl Fn(usize, usize, usize) -> T,
) -> Rows<T> {
    let mut data = Vec::with_capacity(rows.len() * channels * size.width);
    for y in rows.clone() {
        for channel in 0..channels {
            data.extend((0..size.width).map(|x| sample(x, y, channel)));
        }
    }
    Rows { start: rows.start, size, channels, data }
}
