//! Convolutions of few filters over many channels (the last layer of a network): dot products along the channels.

use crate::buffer::Buffer;
use crate::isa::Isa;
use crate::kernel::for_isa;
use crate::layout::padded;
use crate::simd::Simd;

/// Pixels that are computed together: a weight is loaded once for all of them.
const PIXELS: usize = 8;

/// Kernels of one layer with few filters, packed for one instruction set.
#[derive(Clone, Debug)]
pub struct DotKernels {
    isa: Isa,
    taps: usize,
    inputs: usize,
    /// Weights in the order filter, row, vector of channels, column, channel of the vector.
    weights: Buffer,
    biases: Vec<f32>,
    floor: f32,
}

impl DotKernels {
    /// Packs square kernels of `taps` rows, one filter for each of `biases`. `value(o, i, row, column)` is the weight
    /// of filter `o` for input channel `i`. With `relu`, negative outputs become zero.
    pub fn pack(
        isa: Isa,
        taps: usize,
        inputs: usize,
        biases: &[f32],
        relu: bool,
        value: impl Fn(usize, usize, usize, usize) -> f32,
    ) -> Self {
        let (lanes, stored) = (isa.lanes(), padded(inputs));
        let mut weights = Vec::with_capacity(biases.len() * taps * taps * stored);
        for o in 0..biases.len() {
            for row in 0..taps {
                for channel in (0..stored).step_by(lanes) {
                    for column in 0..taps {
                        let lane = |i: usize| if i < inputs { value(o, i, row, column) } else { 0.0 };
                        weights.extend((channel..channel + lanes).map(lane));
                    }
                }
            }
        }
        let floor = if relu { 0.0 } else { f32::NEG_INFINITY };
        Self { isa, taps, inputs: stored, weights: Buffer::from(&weights[..]), biases: biases.to_vec(), floor }
    }

    /// Computes one row of outputs of a filter, bias and ReLU included. Output `x` takes the pixels `x..x + taps` of
    /// each of the `taps` rows. Pixels have [`padded`] channels; those that only pad are read and must be finite.
    ///
    /// # Panics
    /// If there is no such filter, `rows` are not `taps`, or a row has fewer than `out.len() + taps - 1` pixels.
    pub fn run(&self, filter: usize, rows: &[&[f32]], out: &mut [f32]) {
        assert!(filter < self.biases.len() && rows.len() == self.taps, "filter and rows");
        let width = out.len() + self.taps - 1;
        assert!(rows.iter().all(|row| row.len() >= width * self.inputs), "pixels");
        let kernels = self;
        for_isa!(Dot, self.isa, run(kernels: &DotKernels, filter: usize, rows: &[&[f32]], out: &mut [f32]));
    }
}

/// Computes a row of outputs with blocks for this number of taps.
///
/// # Safety
/// The CPU has the instructions of `S`; [`DotKernels::run`] checked the lengths.
#[inline(always)]
unsafe fn run<S: Simd>(kernels: &DotKernels, filter: usize, rows: &[&[f32]], out: &mut [f32]) {
    // SAFETY: guaranteed by the caller.
    unsafe {
        match kernels.taps {
            3 => run_taps::<S, 3>(kernels, filter, rows, out),
            5 => run_taps::<S, 5>(kernels, filter, rows, out),
            _ => run_taps::<S, 1>(kernels, filter, rows, out),
        }
    }
}

/// Computes a row of outputs, with the columns of a kernel in groups of `TAPS`, which divides their number.
///
/// # Safety
/// As for [`run`].
#[inline(always)]
unsafe fn run_taps<S: Simd, const TAPS: usize>(kernels: &DotKernels, filter: usize, rows: &[&[f32]], out: &mut [f32]) {
    let mut x = 0;
    while x < out.len() {
        // SAFETY: guaranteed by the caller; whole blocks are computed only where so many outputs are left.
        unsafe {
            if out.len() - x >= PIXELS {
                block::<S, TAPS, PIXELS>(kernels, filter, rows, x, out);
                x += PIXELS;
            } else {
                block::<S, TAPS, 1>(kernels, filter, rows, x, out);
                x += 1;
            }
        }
    }
}

/// Computes outputs `x..x + N`.
///
/// # Safety
/// As for [`run_taps`]; these outputs exist.
#[inline(always)]
unsafe fn block<S: Simd, const TAPS: usize, const N: usize>(
    kernels: &DotKernels,
    filter: usize,
    rows: &[&[f32]],
    x: usize,
    out: &mut [f32],
) {
    let (taps, inputs) = (kernels.taps, kernels.inputs);
    // SAFETY: guaranteed by the caller; weights were packed in the order in which they are read here.
    unsafe {
        let mut weight = kernels.weights.as_ptr().add(filter * taps * taps * inputs);
        let mut sums = [S::zero(); N];
        for row in rows {
            let pixels = row.as_ptr().add(x * inputs);
            let mut channel = 0;
            while channel < inputs {
                let mut column = 0;
                while column < taps {
                    let mut factors = [S::zero(); TAPS];
                    for factor in &mut factors {
                        *factor = S::load(weight);
                        weight = weight.add(S::LANES);
                    }
                    let first = pixels.add(column * inputs + channel);
                    // Each pixel is loaded once for all sums that it belongs to.
                    for pixel in 0..N + TAPS - 1 {
                        let value = S::load(first.add(pixel * inputs));
                        for tap in 0..TAPS {
                            if pixel >= tap && pixel - tap < N {
                                sums[pixel - tap] = value.mul_add(factors[tap], sums[pixel - tap]);
                            }
                        }
                    }
                    column += TAPS;
                }
                channel += S::LANES;
            }
        }
        for (out, sum) in out[x..x + N].iter_mut().zip(sums) {
            *out = (sum.total() + kernels.biases[filter]).max(kernels.floor);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
