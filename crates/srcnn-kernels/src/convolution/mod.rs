//! The three passes of a convolution, as learning needs them: forward, and back to data and to weights.
//!
//! Maps are rows of pixels, a pixel being its channels as stored. All convolutions are `valid`: what pads a map is part of it.
//! Gradients of a layer's output come with a frame of zeros, `taps - 1` wide, so that the way back to data is a convolution
//! with the kernels turned round.

use crate::strided::{Extent, Left, Right, accumulate};
use crate::{Buffer, DotKernels, GROUP, Isa, padded};

/// Channels of a map and how they are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// As they are: for pictures of one or a few channels. A convolution has at most one such side.
    Narrow(usize),
    /// Rounded up to whole groups; those beyond are zero.
    Wide(usize),
}

impl Channels {
    /// Channels that count.
    pub fn count(self) -> usize {
        match self {
            Self::Narrow(n) | Self::Wide(n) => n,
        }
    }

    /// Floats of a pixel.
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
    /// Rows one after the other.
    pub data: &'a [f32],
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Floats of a pixel.
    pub channels: usize,
}

impl<'a> Map<'a> {
    fn row_length(&self) -> usize {
        self.width.checked_mul(self.channels).expect("a row of the map")
    }

    /// From row `y`, column `x` on.
    fn from(&self, y: usize, x: usize) -> &'a [f32] {
        &self.data[y * self.row_length() + x * self.channels..]
    }
}

/// Where a result goes: a part of a larger map, its first pixel being the slice's first.
#[derive(Debug)]
pub struct Place<'a> {
    /// From the first pixel on.
    pub data: &'a mut [f32],
    /// Floats from one row to the next.
    pub row_length: usize,
}

impl Place<'_> {
    /// Makes sure that a map of this size has room.
    fn check(&self, width: usize, height: usize, stored: usize) {
        let needed = || self.row_length.checked_mul(height.checked_sub(1)?)?.checked_add(width.checked_mul(stored)?);
        assert!(height == 0 || needed().is_some_and(|needed| self.data.len() >= needed), "room for the map");
    }
}

/// One layer's kernels, packed for all passes. `load` gives it weights, as often as they change.
#[derive(Clone, Debug)]
pub struct Convolution {
    isa: Isa,
    taps: usize,
    inputs: Channels,
    outputs: Channels,
    /// Row, column, input, filter (wide); or the filters of [`DotKernels`].
    forward: Buffer,
    dots: Option<DotKernels>,
    /// Turned round: row, column, filter, input (wide).
    backward: Buffer,
    biases: Buffer,
}

impl Convolution {
    /// A convolution of square kernels without weights yet.
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

    /// Rows and columns of a kernel.
    pub fn taps(&self) -> usize {
        self.taps
    }

    /// Channels that are read.
    pub fn inputs(&self) -> Channels {
        self.inputs
    }

    /// Filters.
    pub fn outputs(&self) -> Channels {
        self.outputs
    }

    /// Takes weights: kernels in the order filter, input, row, column; one bias a filter.
    ///
    /// # Panics
    /// If there are not as many as the layer has.
    pub fn load(&mut self, kernels: &[f32], biases: &[f32]) {
        let (taps, inputs, outputs) = (self.taps, self.inputs.count(), self.outputs.count());
        assert!(kernels.len() == outputs * inputs * taps * taps && biases.len() == outputs, "weights of the layer");
        let value =
            |o: usize, i: usize, row: usize, column: usize| kernels[((o * inputs + i) * taps + row) * taps + column];
        let (wide_in, wide_out) = (padded(inputs), padded(outputs));
        for row in 0..taps {
            for column in 0..taps {
                let (tap, turned) = (row * taps + column, (taps - 1 - row) * taps + taps - 1 - column);
                for o in 0..outputs {
                    for i in 0..inputs {
                        let value = value(o, i, row, column);
                        self.forward[(tap * self.inputs.stored() + i) * wide_out + o] = value;
                        self.backward[(turned * self.outputs.stored() + o) * wide_in + i] = value;
                    }
                }
            }
        }
        if let Channels::Narrow(_) = self.outputs {
            self.dots = Some(DotKernels::pack(self.isa, taps, inputs, biases, false, value));
        }
        self.biases[..outputs].copy_from_slice(biases);
    }

    /// Convolves `input`; the result has `taps - 1` rows and columns less.
    ///
    /// # Panics
    /// If the input is smaller than a kernel or has other channels, the room is too little, or weights were never loaded.
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

    /// The gradient of the input from that of the output. `gradient` is framed by `taps - 1` zeros; the result has the
    /// input's size and replaces what is there.
    ///
    /// # Panics
    /// If the input is narrow, a size or number of channels is another, or the room is too little.
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
            // Rows of the frame add nothing.
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

    /// Floats that [`Convolution::backward_weights`] adds to.
    pub fn sums_len(&self) -> usize {
        let area = self.taps * self.taps;
        let kernels = match self.outputs {
            Channels::Wide(n) => area * self.inputs.stored() * padded(n),
            Channels::Narrow(n) => area * n * self.inputs.stored(),
        };
        kernels + padded(self.outputs.count())
    }

    /// Adds the gradients of weights and biases for one map to `sums`, in an order of its own:
    /// [`Convolution::unpack`] knows it. `gradient` is framed by `taps - 1` zeros.
    ///
    /// # Panics
    /// If sizes or channels do not agree.
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
            // Turned round: rows of taps x filters of the framed gradient against whole pixels of the input.
            Channels::Narrow(_) => {
                let (rows, stored) = (taps * gradient.channels, input.channels);
                for (dy, out) in kernels.chunks_exact_mut(rows * stored).enumerate() {
                    // Rows of the frame add nothing.
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

    /// Sums as [`Convolution::load`] has weights: kernels in the order filter, input, row, column, and biases. Replaces what
    /// is there.
    ///
    /// # Panics
    /// If lengths do not agree.
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
                    let turned = (taps - 1 - row) * taps + taps - 1 - column;
                    sums[(turned * outputs + o) * self.inputs.stored() + i]
                }
            };
        }
        biases.copy_from_slice(&sums[sums.len() - padded(outputs)..][..outputs]);
    }
}

const _: () = assert!(GROUP == 16, "vectors of every instruction set fill a group");

#[cfg(test)]
mod tests;
