//! The three passes of a convolution in training: forward, gradient of the data, gradient of the weights.
//!
//! Maps are rows of pixels; a pixel is its channels as stored. All convolutions are `valid`: padding is part of the
//! map. Gradients of a layer's output have a frame of zeros, `taps - 1` wide, so that the gradient of the data is a
//! convolution with flipped kernels.

use crate::buffer::Buffer;
use crate::dot::DotKernels;
use crate::isa::Isa;
use crate::layout::{GROUP, padded};
use crate::strided::{Extent, Left, Right, accumulate};

/// Number of channels of a map, and their storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// Stored without padding: for pictures of one or a few channels. At most one side of a convolution is narrow.
    Narrow(usize),
    /// Stored in whole groups ([`padded`]); the channels that pad are zero.
    Wide(usize),
}

impl Channels {
    /// Number of channels without padding.
    pub fn count(self) -> usize {
        match self {
            Self::Narrow(n) | Self::Wide(n) => n,
        }
    }

    /// Number of channels as stored: floats of a pixel.
    pub fn stored(self) -> usize {
        match self {
            Self::Narrow(n) => n,
            Self::Wide(n) => padded(n),
        }
    }
}

/// A map: pixels of `channels` floats.
#[derive(Clone, Copy, Debug)]
pub struct Map<'a> {
    /// Rows without gaps.
    pub data: &'a [f32],
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Floats of a pixel.
    pub channels: usize,
}

impl<'a> Map<'a> {
    /// Floats of a row.
    fn row_length(&self) -> usize {
        self.width.checked_mul(self.channels).expect("a row of the map")
    }

    /// The data from row `y`, column `x` on.
    fn from(&self, y: usize, x: usize) -> &'a [f32] {
        &self.data[y * self.row_length() + x * self.channels..]
    }
}

/// Room for a result: a rectangle of a map.
#[derive(Debug)]
pub struct Place<'a> {
    /// Data of the map from the rectangle's first pixel on.
    pub data: &'a mut [f32],
    /// Floats of a row of the map.
    pub row_length: usize,
}

impl Place<'_> {
    /// Panics if there is no room for a map of this size, or its rows would overlap.
    fn check(&self, width: usize, height: usize, stored: usize) {
        let needed = || {
            let row = width.checked_mul(stored).filter(|row| *row <= self.row_length)?;
            self.row_length.checked_mul(height.checked_sub(1)?)?.checked_add(row)
        };
        assert!(height == 0 || needed().is_some_and(|needed| self.data.len() >= needed), "room for the map");
    }
}

/// Kernels of one layer, packed for all passes. [`Convolution::load`] replaces the weights.
#[derive(Clone, Debug)]
pub struct Convolution {
    isa: Isa,
    taps: usize,
    inputs: Channels,
    outputs: Channels,
    /// Weights in the order row, column, input, filter (padded).
    forward: Buffer,
    /// The weights once more, if the filters are narrow and were loaded.
    dots: Option<DotKernels>,
    /// Weights of flipped kernels in the order row, column, filter, input (padded).
    backward: Buffer,
    biases: Buffer,
}

impl Convolution {
    /// A convolution with square kernels of `taps` rows, all weights and biases zero.
    ///
    /// # Panics
    /// If both sides are narrow.
    pub fn new(isa: Isa, taps: usize, inputs: Channels, outputs: Channels) -> Self {
        assert!(
            matches!(inputs, Channels::Wide(_)) || matches!(outputs, Channels::Wide(_)),
            "one side of a convolution is wide"
        );
        let area = taps * taps;
        let forward = Buffer::zeros(area * inputs.stored() * padded(outputs.count()));
        let backward = Buffer::zeros(area * outputs.stored() * padded(inputs.count()));
        let biases = Buffer::zeros(padded(outputs.count()));
        Self { isa, taps, inputs, outputs, forward, dots: None, backward, biases }
    }

    /// Rows of a kernel.
    pub fn taps(&self) -> usize {
        self.taps
    }

    /// Channels of the input.
    pub fn inputs(&self) -> Channels {
        self.inputs
    }

    /// Channels of the output: the filters.
    pub fn outputs(&self) -> Channels {
        self.outputs
    }

    /// Replaces the weights: `kernels` in the order filter, input, row, column; one bias for each filter.
    ///
    /// # Panics
    /// If the lengths are not those of the layer.
    pub fn load(&mut self, kernels: &[f32], biases: &[f32]) {
        let (taps, inputs, outputs) = (self.taps, self.inputs.count(), self.outputs.count());
        assert!(kernels.len() == outputs * inputs * taps * taps && biases.len() == outputs, "weights of the layer");
        let value =
            |o: usize, i: usize, row: usize, column: usize| kernels[((o * inputs + i) * taps + row) * taps + column];
        let (wide_in, wide_out) = (padded(inputs), padded(outputs));
        for row in 0..taps {
            for column in 0..taps {
                let (tap, flipped) = (row * taps + column, (taps - 1 - row) * taps + taps - 1 - column);
                for o in 0..outputs {
                    for i in 0..inputs {
                        let value = value(o, i, row, column);
                        self.forward[(tap * self.inputs.stored() + i) * wide_out + o] = value;
                        self.backward[(flipped * self.outputs.stored() + o) * wide_in + i] = value;
                    }
                }
            }
        }
        if let Channels::Narrow(_) = self.outputs {
            self.dots = Some(DotKernels::pack(self.isa, taps, inputs, biases, false, value));
        }
        self.biases[..outputs].copy_from_slice(biases);
    }

    /// Convolves `input` and adds the biases. `output` has `taps - 1` rows and columns less.
    ///
    /// # Panics
    /// If the input is smaller than a kernel or has other channels, the room is too little, or the filters are narrow
    /// and weights were never loaded.
    pub fn forward(&self, input: Map<'_>, output: Place<'_>) {
        assert_eq!(input.channels, self.inputs.stored(), "channels");
        let (width, height) = (input.width + 1 - self.taps, input.height + 1 - self.taps);
        let stored = self.outputs.stored();
        output.check(width, height, stored);
        if let Channels::Narrow(filters) = self.outputs {
            let dots = self.dots.as_ref().expect("weights were loaded");
            let mut line = vec![0.0; width];
            for (y, out) in output.data.chunks_mut(output.row_length).take(height).enumerate() {
                let rows: Vec<&[f32]> = (y..y + self.taps).map(|y| &input.from(y, 0)[..input.row_length()]).collect();
                for filter in 0..filters {
                    dots.run(filter, &rows, &mut line);
                    out[filter..].iter_mut().step_by(stored).zip(&line).for_each(|(out, value)| *out = *value);
                }
            }
            return;
        }
        let run = self.taps * input.channels;
        for (y, out) in output.data.chunks_mut(output.row_length).take(height).enumerate() {
            out.chunks_exact_mut(stored).take(width).for_each(|pixel| pixel.copy_from_slice(&self.biases));
            let left = Left { data: input.from(y, 0), row: input.channels, step: 1, segment: input.row_length() };
            let right = Right { data: &self.forward, step: stored, segment: run * stored };
            let extent = Extent { rows: width, columns: stored, depth: run, segments: self.taps };
            accumulate(self.isa, left, right, extent, out, stored);
        }
    }

    /// Computes the gradient of the input from that of the output, `gradient`, which is framed by `taps - 1` zeros. The
    /// result has the size of the input and overwrites `input`.
    ///
    /// # Panics
    /// If the input is narrow, the channels are not those of the layer, or the room is too little.
    pub fn backward_data(&self, gradient: Map<'_>, input: Place<'_>) {
        assert!(matches!(self.inputs, Channels::Wide(_)), "gradients are for wide inputs");
        assert_eq!(gradient.channels, self.outputs.stored(), "channels");
        let frame = self.taps - 1;
        let (width, height) = (gradient.width - frame, gradient.height - frame);
        let stored = self.inputs.stored();
        input.check(width, height, stored);
        let run = self.taps * gradient.channels;
        for (y, out) in input.data.chunks_mut(input.row_length).take(height).enumerate() {
            out[..width * stored].fill(0.0);
            // Rows of the frame are zero.
            let first = frame.saturating_sub(y);
            let end = self.taps.min(gradient.height - frame - y);
            let left = Left {
                data: gradient.from(y + first, 0),
                row: gradient.channels,
                step: 1,
                segment: gradient.row_length(),
            };
            let right = Right { data: &self.backward[first * run * stored..], step: stored, segment: run * stored };
            let extent = Extent { rows: width, columns: stored, depth: run, segments: end.saturating_sub(first) };
            accumulate(self.isa, left, right, extent, out, stored);
        }
    }

    /// Length of the sums of [`Convolution::backward_weights`].
    pub fn sums_len(&self) -> usize {
        let area = self.taps * self.taps;
        let kernels = match self.outputs {
            Channels::Wide(n) => area * self.inputs.stored() * padded(n),
            Channels::Narrow(n) => area * n * self.inputs.stored(),
        };
        kernels + padded(self.outputs.count())
    }

    /// Adds to `sums` the gradients of weights and biases for one map. [`Convolution::unpack`] brings them into the
    /// order of the weights. `gradient`, that of the output, is framed by `taps - 1` zeros.
    ///
    /// # Panics
    /// If sizes or channels do not fit together or are not those of the layer.
    pub fn backward_weights(&self, input: Map<'_>, gradient: Map<'_>, sums: &mut [f32]) {
        let (taps, frame) = (self.taps, self.taps - 1);
        let (width, height) = (input.width - frame, input.height - frame);
        assert!(gradient.width == width + 2 * frame && gradient.height == height + 2 * frame, "sizes");
        assert!(input.channels == self.inputs.stored() && gradient.channels == self.outputs.stored(), "channels");
        assert_eq!(sums.len(), self.sums_len(), "sums of the layer");
        let (kernels, biases) = sums.split_at_mut(sums.len() - padded(self.outputs.count()));
        for y in 0..height {
            for pixel in gradient.from(y + frame, frame).chunks_exact(gradient.channels).take(width) {
                biases.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
            }
        }
        match self.outputs {
            Channels::Wide(_) => {
                let (rows, stored) = (taps * input.channels, gradient.channels);
                for (dy, out) in kernels.chunks_exact_mut(rows * stored).enumerate() {
                    let left =
                        Left { data: input.from(dy, 0), row: 1, step: input.channels, segment: input.row_length() };
                    let right =
                        Right { data: gradient.from(frame, frame), step: stored, segment: gradient.row_length() };
                    let extent = Extent { rows, columns: stored, depth: width, segments: height };
                    accumulate(self.isa, left, right, extent, out, stored);
                }
            }
            // Flipped: rows of taps x filters of the framed gradient times whole pixels of the input.
            Channels::Narrow(_) => {
                let (rows, stored) = (taps * gradient.channels, input.channels);
                for (dy, out) in kernels.chunks_exact_mut(rows * stored).enumerate() {
                    // Rows of the frame are zero.
                    let first = frame.saturating_sub(dy);
                    let end = input.height.min(gradient.height - frame - dy);
                    let left = Left {
                        data: gradient.from(first + dy, 0),
                        row: 1,
                        step: gradient.channels,
                        segment: gradient.row_length(),
                    };
                    let right = Right { data: input.from(first, 0), step: stored, segment: input.row_length() };
                    let extent = Extent { rows, columns: stored, depth: input.width, segments: end - first };
                    accumulate(self.isa, left, right, extent, out, stored);
                }
            }
        }
    }

    /// Copies the sums of [`Convolution::backward_weights`] to `kernels` and `biases`, in the order of
    /// [`Convolution::load`].
    ///
    /// # Panics
    /// If the lengths are not those of the layer.
    pub fn unpack(&self, sums: &[f32], kernels: &mut [f32], biases: &mut [f32]) {
        let (taps, inputs, outputs) = (self.taps, self.inputs.count(), self.outputs.count());
        assert!(sums.len() == self.sums_len() && kernels.len() == outputs * inputs * taps * taps, "sums and weights");
        for (at, kernel) in kernels.iter_mut().enumerate() {
            let (column, rest) = (at % taps, at / taps);
            let (row, rest) = (rest % taps, rest / taps);
            let (i, o) = (rest % inputs, rest / inputs);
            *kernel = match self.outputs {
                Channels::Wide(_) => sums[((row * taps + column) * self.inputs.stored() + i) * padded(outputs) + o],
                Channels::Narrow(_) => {
                    let flipped = (taps - 1 - row) * taps + taps - 1 - column;
                    sums[(flipped * outputs + o) * self.inputs.stored() + i]
                }
            };
        }
        biases.copy_from_slice(&sums[sums.len() - padded(outputs)..][..outputs]);
    }
}

const _: () = assert!(GROUP == 16, "vectors of every instruction set fill a group");

#[cfg(test)]
mod tests;
