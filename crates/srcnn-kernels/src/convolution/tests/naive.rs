//! One layer and map as plain values: the passes by definition, and runs of the kernels.

use crate::buffer::Buffer;
use crate::convolution::{Channels, Convolution, Map, Place};
use crate::isa::Isa;
use crate::proof::bound::{Expected, Sum};
use crate::proof::pattern::Pattern;
use crate::proof::poison::Poisoned;

/// Plain values of one layer and map, and the passes by definition.
pub(super) struct Naive {
    pub(super) pattern: Pattern,
    pub(super) taps: usize,
    pub(super) inputs: Channels,
    pub(super) outputs: Channels,
    pub(super) width: usize,
    pub(super) height: usize,
    /// Filter, input, row, column.
    pub(super) kernels: Vec<f32>,
    pub(super) biases: Vec<f32>,
    /// Channel, row, column.
    pub(super) input: Vec<f32>,
    /// Filter, row, column.
    pub(super) gradient: Vec<f32>,
}

impl Naive {
    pub(super) fn new(
        pattern: Pattern,
        (taps, inputs, outputs): (usize, Channels, Channels),
        size: (usize, usize),
    ) -> Self {
        let (width, height) = size;
        let (out_width, out_height) = (width + 1 - taps, height + 1 - taps);
        Self {
            pattern,
            taps,
            inputs,
            outputs,
            width,
            height,
            kernels: pattern.weights(outputs.count() * inputs.count() * taps * taps, 1),
            biases: pattern.weights(outputs.count(), 2),
            input: pattern.values(inputs.count() * width * height, 3),
            gradient: pattern.values(outputs.count() * out_width * out_height, 4),
        }
    }

    fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    pub(super) fn out_size(&self) -> (usize, usize) {
        (self.width + 1 - self.taps, self.height + 1 - self.taps)
    }

    /// Calls with (output, input, kernel) indices of every product of the convolution.
    fn each(&self, mut f: impl FnMut(usize, usize, usize)) {
        let (width, height) = self.out_size();
        let inputs = self.inputs.count();
        for o in 0..self.outputs.count() {
            for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                for i in 0..inputs {
                    for (dy, dx) in (0..self.taps).flat_map(|dy| (0..self.taps).map(move |dx| (dy, dx))) {
                        let kernel = ((o * inputs + i) * self.taps + dy) * self.taps + dx;
                        f((o * height + y) * width + x, (i * self.height + y + dy) * self.width + x + dx, kernel);
                    }
                }
            }
        }
    }

    pub(super) fn forward(&self) -> Vec<Sum> {
        let (width, height) = self.out_size();
        let mut out = vec![Sum::default(); self.gradient.len()];
        self.each(|o, i, k| out[o].add_product(self.input[i], self.kernels[k]));
        for (filter, bias) in out.chunks_exact_mut(width * height).zip(&self.biases) {
            filter.iter_mut().for_each(|sum| sum.add(f64::from(*bias)));
        }
        out
    }

    pub(super) fn backward_data(&self) -> Vec<Sum> {
        let mut out = vec![Sum::default(); self.input.len()];
        self.each(|o, i, k| out[i].add_product(self.gradient[o], self.kernels[k]));
        out
    }

    /// Gradients of kernels, then of biases, of this map `times` times.
    pub(super) fn backward_weights(&self, times: usize) -> Vec<Sum> {
        let (width, height) = self.out_size();
        let mut out = vec![Sum::default(); self.kernels.len()];
        let mut biases = vec![Sum::default(); self.biases.len()];
        for _ in 0..times {
            self.each(|o, i, k| out[k].add_product(self.gradient[o], self.input[i]));
            for (sum, filter) in biases.iter_mut().zip(self.gradient.chunks_exact(width * height)) {
                filter.iter().for_each(|value| sum.add(f64::from(*value)));
            }
        }
        out.extend(biases);
        out
    }

    pub(super) fn layer(&self, isa: Isa) -> Convolution {
        let mut layer = Convolution::new(isa, self.taps, self.inputs, self.outputs);
        // Weights replace others.
        layer.load(&vec![f32::NAN; self.kernels.len()], &vec![f32::NAN; self.biases.len()]);
        layer.load(&self.kernels, &self.biases);
        assert_eq!((layer.taps(), layer.inputs(), layer.outputs()), (self.taps, self.inputs, self.outputs));
        layer
    }

    pub(super) fn input(&self) -> Poisoned {
        Poisoned::row(&interleaved(&self.input, self.inputs, self.size(), 0))
    }

    pub(super) fn framed_gradient(&self) -> Poisoned {
        Poisoned::row(&interleaved(&self.gradient, self.outputs, self.out_size(), self.taps - 1))
    }

    pub(super) fn map_of_input<'a>(&self, data: &'a Poisoned) -> Map<'a> {
        Map { data: data.slice(), width: self.width, height: self.height, channels: self.inputs.stored() }
    }

    pub(super) fn map_of_gradient<'a>(&self, data: &'a Poisoned) -> Map<'a> {
        let (width, height) = (self.width + self.taps - 1, self.height + self.taps - 1);
        Map { data: data.slice(), width, height, channels: self.outputs.stored() }
    }

    /// The output of a layer, rows `gap` floats apart.
    pub(super) fn run_forward(&self, isa: Isa, gap: usize) -> Vec<f32> {
        let (width, height) = self.out_size();
        let (row, input) = (width * self.outputs.stored(), self.input());
        let mut out = Poisoned::room(row, row + gap, height);
        let place = Place { data: out.slice_mut(), row_length: row + gap };
        self.layer(isa).forward(self.map_of_input(&input), place);
        out.written("forward")
    }

    /// The gradient of the input, rows `gap` floats apart.
    pub(super) fn run_backward_data(&self, isa: Isa, gap: usize) -> Vec<f32> {
        let (row, gradient) = (self.width * self.inputs.stored(), self.framed_gradient());
        let mut out = Poisoned::room(row, row + gap, self.height);
        let place = Place { data: out.slice_mut(), row_length: row + gap };
        self.layer(isa).backward_data(self.map_of_gradient(&gradient), place);
        out.written("data")
    }

    /// Gradients of kernels, then of biases, of this map twice.
    pub(super) fn run_backward_weights(&self, isa: Isa) -> Vec<f32> {
        let (layer, input, gradient) = (self.layer(isa), self.input(), self.framed_gradient());
        let mut sums = Poisoned::row(&vec![0.0; layer.sums_len()]);
        for _ in 0..2 {
            layer.backward_weights(self.map_of_input(&input), self.map_of_gradient(&gradient), sums.slice_mut());
        }
        let mut kernels = Poisoned::room(self.kernels.len(), self.kernels.len(), 1);
        let mut biases = Poisoned::room(self.biases.len(), self.biases.len(), 1);
        layer.unpack(&sums.written("sums"), kernels.slice_mut(), biases.slice_mut());
        [kernels.written("kernels"), biases.written("biases")].concat()
    }
}

/// Channel, row, column to rows of pixels with a frame of zeros.
fn interleaved(planes: &[f32], channels: Channels, (width, height): (usize, usize), frame: usize) -> Buffer {
    let (stored, row) = (channels.stored(), width + 2 * frame);
    let mut out = Buffer::zeros(row * (height + 2 * frame) * stored);
    for (at, value) in planes.iter().enumerate() {
        let (x, y, c) = (at % width, at / width % height, at / width / height);
        out[((y + frame) * row + x + frame) * stored + c] = *value;
    }
    out
}

/// Channel, row, column to rows of pixels. Channels that pad are zero.
pub(super) fn stored(planes: &[Sum], channels: Channels) -> Vec<Expected> {
    let count = planes.len() / channels.count();
    let mut out = vec![Expected { value: 0.0, bound: 0.0 }; count * channels.stored()];
    for (at, sum) in planes.iter().enumerate() {
        out[at % count * channels.stored() + at / count] = sum.expected();
    }
    out
}
