//! The last layer: few filters over many channels, as dot products along the channels.

use crate::isa::for_isa;
use crate::simd::Simd;
use crate::{Buffer, Isa, padded};

/// Pixels that are computed together: each weight that is loaded serves so many sums.
const PIXELS: usize = 8;

/// Kernels of one layer with few filters.
#[derive(Clone, Debug)]
pub struct DotKernels {
    isa: Isa,
    taps: usize,
    inputs: usize,
    /// Filter, row; then channels in vectors, and for each of them the columns.
    weights: Buffer,
    biases: Vec<f32>,
    floor: f32,
}

impl DotKernels {
    /// Packs square kernels whose value for filter `o`, input channel `i`, row and column is `value(o, i, row, column)`.
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

    /// Computes `count` outputs of one filter: output `x` takes the pixels `x..x + taps` of each of the `taps` rows.
    ///
    /// # Panics
    /// If there is no such filter, another number of rows, or a slice is too short.
    pub fn run(&self, filter: usize, rows: &[&[f32]], out: &mut [f32]) {
        assert!(filter < self.biases.len() && rows.len() == self.taps, "filter and rows");
        let width = out.len() + self.taps - 1;
        assert!(rows.iter().all(|row| row.len() >= width * self.inputs), "pixels");
        let kernels = self;
        for_isa!(self.isa, run(kernels: &DotKernels, filter: usize, rows: &[&[f32]], out: &mut [f32]));
    }
}

/// # Safety
/// The CPU has the instructions of `S`; [`DotKernels::run`] checked the lengths.
#[inline(always)]
unsafe fn run<S: Simd>(kernels: &DotKernels, filter: usize, rows: &[&[f32]], out: &mut [f32]) {
    // SAFETY: the caller's.
    unsafe {
        match kernels.taps {
            3 => run_taps::<S, 3>(kernels, filter, rows, out),
            5 => run_taps::<S, 5>(kernels, filter, rows, out),
            _ => run_taps::<S, 1>(kernels, filter, rows, out),
        }
    }
}

/// The columns of a kernel in groups of `TAPS`, of which there are a whole number.
///
/// # Safety
/// As of [`run`].
#[inline(always)]
unsafe fn run_taps<S: Simd, const TAPS: usize>(kernels: &DotKernels, filter: usize, rows: &[&[f32]], out: &mut [f32]) {
    let mut x = 0;
    while x < out.len() {
        // SAFETY: the caller's; whole blocks are computed only where so many outputs are left.
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

/// # Safety
/// As of [`run_taps`]; outputs `x..x + N` exist.
#[inline(always)]
unsafe fn block<S: Simd, const TAPS: usize, const N: usize>(
    kernels: &DotKernels,
    filter: usize,
    rows: &[&[f32]],
    x: usize,
    out: &mut [f32],
) {
    let (taps, inputs) = (kernels.taps, kernels.inputs);
    // SAFETY: the caller's; weights were packed in the order in which they are read here.
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
