//! Winograd convolutions F(4x4, 3x3) and F(4x4, 5x5) (Lavin and Gray 2015, "Fast Algorithms for Convolutional Neural
//! Networks").
//!
//! Input patches of P x P pixels (P = 6 or 8) and kernels are transformed; the convolution then is P^2 matrix products
//! over all channels, one for each position of a patch; their sums are transformed back to tiles of 4x4 outputs. That
//! takes P^2 / 16 multiplications for each output, input channel and filter: 2.25 instead of 9, or 4 instead of 25. The
//! interpolation points are 0, +-1, +-2, infinity and, for P = 8, +-1/2. Kernels are transformed in f64.
//!
//! With [`Precision::Fast`], products are in bf16 at all positions but one. The transform back would magnify the
//! rounding of the patch's mean, which only that position sees.

mod arithmetic;
mod transform;

use std::mem::MaybeUninit;

use crate::bf16::{self, Bf16Matrix};
use crate::buffer::Buffer;
use crate::isa::{Isa, Precision};
#[cfg(target_arch = "x86_64")]
use crate::kernel::for_bf16;
use crate::kernel::for_isa;
use crate::layout::{GROUP, padded};
use crate::matmul::Matrix;
use crate::simd::Simd;
use arithmetic::{Arithmetic, Exact, Kernels, sees_mean};
use transform::{Eight, Six, Transform, kernel_transform};

pub use transform::TILE;

/// Tiles that are computed together. Their transformed patches stay in the second-level cache; the transformed kernels
/// are read once for all of them and stream through it.
const CHUNK: usize = 24;

/// Floats from the patches (or sums) of one position to those of the next. Not a multiple of 4096 bytes, at which all
/// positions of a tile would compete for the same few lines of the first-level cache.
fn position_stride(channels: usize) -> usize {
    CHUNK * channels + GROUP
}

/// Kernels of one layer, transformed and packed for one instruction set.
#[derive(Clone, Debug)]
pub struct WinogradKernels {
    isa: Isa,
    points: usize,
    inputs: usize,
    /// One for each position of a transformed patch, row by row.
    kernels: Vec<Kernels>,
    precision: Precision,
    biases: Vec<f32>,
    floor: f32,
    /// Slopes of negative outputs, one for each filter as stored; none where they are as `floor` has them.
    slopes: Vec<f32>,
}

/// Room for the transforms of one thread. It may serve any kernels, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    patches: Buffer,
    sums: Buffer,
}

/// The tiles of one call: a row of `count`.
#[derive(Clone, Copy)]
struct Tiles<'a> {
    rows: &'a [&'a [f32]],
    count: usize,
    out_stride: usize,
}

impl WinogradKernels {
    /// Transforms and packs square kernels of `taps` rows, one filter for each of `biases`. `value(o, i, row, column)`
    /// is the weight of filter `o` for input channel `i`. With `relu`, negative outputs become zero. Where the CPU does
    /// not multiply bf16, the precision is [`Precision::Exact`].
    ///
    /// # Panics
    /// If `taps` is neither 3 nor 5, or there are no inputs or no biases.
    pub fn pack(
        isa: Isa,
        precision: Precision,
        taps: usize,
        inputs: usize,
        biases: &[f32],
        relu: bool,
        value: impl Fn(usize, usize, usize, usize) -> f32,
    ) -> Self {
        assert!(matches!(taps, 3 | 5), "Winograd kernels are 3x3 or 5x5");
        let outputs = biases.len();
        let points = taps + TILE - 1;
        let transformed = if taps == 3 {
            transformed::<3, 6>(inputs, outputs, value)
        } else {
            transformed::<5, 8>(inputs, outputs, value)
        };
        let precision = if bf16::is_available(isa) { precision } else { Precision::Exact };
        let kernels = transformed.chunks_exact(inputs * outputs).enumerate().map(|(position, values)| {
            if precision == Precision::Exact || sees_mean(position / points, position % points) {
                Kernels::F32(Matrix::pack_rows(isa, outputs, values))
            } else {
                Kernels::Bf16(Bf16Matrix::pack(inputs, outputs, |i, o| values[i * outputs + o]))
            }
        });
        let kernels = kernels.collect();
        let mut biases = biases.to_vec();
        biases.resize(padded(outputs), 0.0);
        let floor = if relu { 0.0 } else { f32::NEG_INFINITY };
        Self { isa, points, inputs, kernels, precision, biases, floor, slopes: Vec::new() }
    }

    /// Has negative outputs multiplied by a slope for each filter (PReLU), in place of ReLU.
    ///
    /// # Panics
    /// If there are more slopes than filters as stored.
    pub fn with_slopes(self, slopes: &[f32]) -> Self {
        assert!(slopes.len() <= self.biases.len(), "a slope for each filter");
        let mut slopes = slopes.to_vec();
        slopes.resize(self.biases.len(), 0.0);
        Self { slopes, ..self }
    }

    /// Precision of the products.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Rows and columns of the input patch of a tile: 6 or 8.
    pub fn points(&self) -> usize {
        self.points
    }

    /// Computes a row of `count` tiles, bias and ReLU included. Tile `t` takes the pixels `4 t..4 t + points` of each
    /// of the [`points`](Self::points) rows, and gives the pixels `4 t..4 t + 4` of each of four rows of `out`, which
    /// begin every `out_stride` floats. Pixels have [`padded`] channels on both sides; those of the input that only pad
    /// may be read and must be finite, those of the output are zero.
    ///
    /// # Panics
    /// If there is another number of rows, or a slice is too short.
    pub fn run(&self, rows: &[&[f32]], count: usize, out: &mut [f32], out_stride: usize, scratch: &mut Scratch) {
        if count == 0 {
            return;
        }
        let (inputs, outputs) = (padded(self.inputs), self.biases.len());
        assert_eq!(rows.len(), self.points, "rows of a patch");
        // Checked: a product that wraps around would let anything pass.
        let columns = count.checked_mul(TILE).expect("columns of the tiles");
        let needed = (columns - TILE).checked_add(self.points).and_then(|width| width.checked_mul(inputs));
        assert!(rows.iter().all(|row| needed.is_some_and(|needed| row.len() >= needed)), "pixels of the patches");
        let line = columns.checked_mul(outputs).expect("a row of the output");
        assert!(out_stride >= line, "rows of the output do not overlap");
        let room = (TILE - 1).checked_mul(out_stride).and_then(|last| last.checked_add(line));
        assert!(room.is_some_and(|room| out.len() >= room), "room for the output");
        let positions = self.points * self.points;
        scratch.patches.resize(positions * position_stride(inputs));
        scratch.sums.resize(positions * position_stride(outputs));
        let (kernels, tiles) = (self, Tiles { rows, count, out_stride });
        #[cfg(target_arch = "x86_64")]
        if self.precision == Precision::Fast {
            // SAFETY: kernels are packed so only where the CPU has these instructions; lengths were checked above.
            unsafe {
                if self.points == 6 {
                    for_bf16!(Winograd3x3Bf16, self.isa, run_six_bf16(kernels: &WinogradKernels, tiles: Tiles<'_>,
                        out: &mut [f32], scratch: &mut Scratch));
                } else {
                    for_bf16!(Winograd5x5Bf16, self.isa, run_eight_bf16(kernels: &WinogradKernels, tiles: Tiles<'_>,
                        out: &mut [f32], scratch: &mut Scratch));
                }
            }
            return;
        }
        if self.points == 6 {
            for_isa!(Winograd3x3, self.isa, run_six(kernels: &WinogradKernels, tiles: Tiles<'_>, out: &mut [f32],
                scratch: &mut Scratch));
        } else {
            for_isa!(Winograd5x5, self.isa, run_eight(kernels: &WinogradKernels, tiles: Tiles<'_>, out: &mut [f32],
                scratch: &mut Scratch));
        }
    }
}

/// Filters that are transformed together, side by side in vectors.
const FILTERS: usize = 8;

/// Transformed kernels: position, input, filter. `P` is `TAPS + TILE - 1`.
fn transformed<const TAPS: usize, const P: usize>(
    inputs: usize,
    outputs: usize,
    value: impl Fn(usize, usize, usize, usize) -> f32,
) -> Vec<f32> {
    let transform = kernel_transform(P, TAPS);
    let mut transformed = vec![0.0f32; P * P * inputs * outputs];
    for (i, first) in (0..inputs).flat_map(|i| (0..outputs).step_by(FILTERS).map(move |o| (i, o))) {
        let filters = FILTERS.min(outputs - first);
        let mut kernels = [[[0.0f64; FILTERS]; TAPS]; TAPS];
        for (row, column) in (0..TAPS).flat_map(|row| (0..TAPS).map(move |column| (row, column))) {
            for (f, kernel) in kernels[row][column][..filters].iter_mut().enumerate() {
                *kernel = f64::from(value(first + f, i, row, column));
            }
        }
        for (r, c) in (0..P).flat_map(|r| (0..P).map(move |c| (r, c))) {
            let mut sums = [0.0f64; FILTERS];
            for (left, row) in transform[r].iter().zip(&kernels) {
                for (right, kernels) in transform[c].iter().zip(row) {
                    sums.iter_mut().zip(kernels).for_each(|(sum, kernel)| *sum += left * kernel * right);
                }
            }
            let at = ((r * P + c) * inputs + i) * outputs + first;
            transformed[at..at + filters].iter_mut().zip(sums).for_each(|(to, sum)| *to = sum as f32);
        }
    }
    transformed
}

/// Computes the tiles of F(4x4, 3x3).
///
/// # Safety
/// The CPU has the instructions of `S`; [`WinogradKernels::run`] checked the lengths.
#[inline(always)]
unsafe fn run_six<S: Simd>(kernels: &WinogradKernels, tiles: Tiles<'_>, out: &mut [f32], scratch: &mut Scratch) {
    // SAFETY: guaranteed by the caller.
    unsafe { run::<S, Exact, Six, 6>(kernels, tiles, out, scratch) }
}

/// Computes the tiles of F(4x4, 5x5).
///
/// # Safety
/// As for [`run_six`].
#[inline(always)]
unsafe fn run_eight<S: Simd>(kernels: &WinogradKernels, tiles: Tiles<'_>, out: &mut [f32], scratch: &mut Scratch) {
    // SAFETY: guaranteed by the caller.
    unsafe { run::<S, Exact, Eight, 8>(kernels, tiles, out, scratch) }
}

/// Computes the tiles of F(4x4, 3x3), products in bf16.
///
/// # Safety
/// The CPU has AVX-512 BF16; kernels are packed as [`Precision::Fast`]; [`WinogradKernels::run`] checked the lengths.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn run_six_bf16(kernels: &WinogradKernels, tiles: Tiles<'_>, out: &mut [f32], scratch: &mut Scratch) {
    // SAFETY: guaranteed by the caller.
    unsafe { run::<crate::simd::Avx512, arithmetic::Reduced, Six, 6>(kernels, tiles, out, scratch) }
}

/// Computes the tiles of F(4x4, 5x5), products in bf16.
///
/// # Safety
/// As for [`run_six_bf16`].
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn run_eight_bf16(kernels: &WinogradKernels, tiles: Tiles<'_>, out: &mut [f32], scratch: &mut Scratch) {
    // SAFETY: guaranteed by the caller.
    unsafe { run::<crate::simd::Avx512, arithmetic::Reduced, Eight, 8>(kernels, tiles, out, scratch) }
}

/// Computes the tiles in chunks: transforms patches, multiplies, transforms back.
///
/// # Safety
/// As for [`run_six`].
#[expect(clippy::needless_range_loop, reason = "columns are written, of arrays of rows")]
#[inline(always)]
unsafe fn run<S: Simd, A: Arithmetic<S>, T: Transform<P>, const P: usize>(
    kernels: &WinogradKernels,
    tiles: Tiles<'_>,
    out: &mut [f32],
    scratch: &mut Scratch,
) {
    let (inputs, outputs) = (padded(kernels.inputs), kernels.biases.len());
    let (patch_stride, sum_stride) = (position_stride(inputs), position_stride(outputs));
    // An array, not a slice: of known length, so that loops over it are unrolled.
    let rows: [*const f32; P] = std::array::from_fn(|r| tiles.rows[r].as_ptr());
    let mut first = 0;
    while first < tiles.count {
        let count = (tiles.count - first).min(CHUNK);
        // SAFETY: rows hold the patches of all tiles, `out` their outputs, and the scratch a chunk of transforms:
        // checked by `WinogradKernels::run`.
        unsafe {
            for t in 0..count {
                let column = TILE * (first + t);
                let mut channel = 0;
                while channel < inputs {
                    let mut half = [[MaybeUninit::<S>::uninit(); P]; P];
                    for c in 0..P {
                        let at = (column + c) * inputs + channel;
                        let mut patch = [S::zero(); P];
                        for r in 0..P {
                            patch[r] = S::load(rows[r].add(at));
                        }
                        let transformed = T::forward(patch);
                        for r in 0..P {
                            half[r][c].write(transformed[r]);
                        }
                    }
                    for r in 0..P {
                        let transformed = T::forward(half[r].map(|v| v.assume_init()));
                        for c in 0..P {
                            let position = scratch.patches.as_mut_ptr().add((r * P + c) * patch_stride);
                            A::store(transformed[c], position, t * inputs + channel, sees_mean(r, c));
                        }
                    }
                    channel += S::LANES;
                }
            }
            for (position, kernels) in kernels.kernels.iter().enumerate() {
                let patches = scratch.patches.as_ptr().add(position * patch_stride);
                let sums = scratch.sums.as_mut_ptr().add(position * sum_stride);
                A::multiply(kernels, patches, count, inputs, sums, outputs);
            }
            for t in 0..count {
                let mut filter = 0;
                while filter < outputs {
                    let bias = S::load(kernels.biases.as_ptr().add(filter));
                    let floor = S::splat(kernels.floor);
                    let slope = kernels.slopes.get(filter..).filter(|slopes| slopes.len() >= S::LANES);
                    let slope = slope.map(|slopes| S::load(slopes.as_ptr()));
                    let mut half = [[MaybeUninit::<S>::uninit(); P]; TILE];
                    for c in 0..P {
                        let mut sums = [S::zero(); P];
                        for r in 0..P {
                            sums[r] =
                                S::load(scratch.sums.as_ptr().add((r * P + c) * sum_stride + t * outputs + filter));
                        }
                        let transformed = T::back(sums);
                        for r in 0..TILE {
                            half[r][c].write(transformed[r]);
                        }
                    }
                    for r in 0..TILE {
                        let transformed = T::back(half[r].map(|v| v.assume_init()));
                        for c in 0..TILE {
                            let at = r * tiles.out_stride + (TILE * (first + t) + c) * outputs + filter;
                            let sum = transformed[c].add(bias);
                            let value = match slope {
                                None => sum.max(floor),
                                Some(slope) => {
                                    let positive = sum.max(S::zero());
                                    sum.sub(positive).mul_add(slope, positive)
                                }
                            };
                            value.store(out.as_mut_ptr().add(at));
                        }
                    }
                    filter += S::LANES;
                }
            }
        }
        first += count;
    }
}

#[cfg(test)]
pub(crate) mod tests;
