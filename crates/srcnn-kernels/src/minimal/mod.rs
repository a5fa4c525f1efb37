//! Minimal filtering (Winograd 1980; Lavin and Gray 2016): tiles of 4x4 outputs of a 3x3 or 5x5 convolution.
//!
//! Input patches of P x P pixels (P = 6 or 8) and kernels are transformed; then the convolution is P^2 products of matrices,
//! one for each position, over all channels; their sums are transformed back. That takes P^2 / 16 multiplications for each
//! output, input channel and filter, 2.25 instead of 9, or 4 instead of 25. The points are 0, +-1, +-2, infinity and, for
//! P = 8, +-1/2. Kernels are transformed in f64.
//!
//! In bf16 the products at all positions but one are: that one alone sees a patch's mean, whose rounding the way back would
//! magnify.

mod arithmetic;
mod transform;

use std::mem::MaybeUninit;

use crate::bf16::{self, Bf16Matrix};
use crate::isa::for_isa;
use crate::matmul::Matrix;
use crate::simd::Simd;
use crate::{Buffer, GROUP, Isa, Precision, TILE, padded};
use arithmetic::{Arithmetic, Exact, Kernels, is_steady};
use transform::{Eight, Six, Transform, kernel_transform};

/// Tiles that are computed together: their transformed patches should stay in the second-level cache, while the
/// transformed kernels, which are read once for all of them, stream through it.
const CHUNK: usize = 24;

/// Floats from one position's patches (or sums) to the next one's: not a multiple of 4096 bytes, at which all positions of a
/// tile would compete for the same few lines of the first-level cache.
fn position_stride(channels: usize) -> usize {
    CHUNK * channels + GROUP
}

/// Kernels of one layer, transformed and packed for one instruction set.
#[derive(Clone, Debug)]
pub struct MinimalKernels {
    isa: Isa,
    points: usize,
    inputs: usize,
    /// One for each position of a transformed patch.
    kernels: Vec<Kernels>,
    precision: Precision,
    biases: Vec<f32>,
    floor: f32,
}

/// Room for the transforms of one thread.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    patches: Buffer,
    sums: Buffer,
}

/// One call's tiles: a row of them, `count` long.
#[derive(Clone, Copy)]
struct Tiles<'a> {
    rows: &'a [&'a [f32]],
    count: usize,
    out_stride: usize,
}

impl MinimalKernels {
    /// Transforms kernels of 3x3 or 5x5 whose value for filter `o`, input channel `i`, row and column is
    /// `value(o, i, row, column)`. They are [`Precision::Exact`] where the CPU does not multiply bf16.
    ///
    /// # Panics
    /// If `taps` is neither 3 nor 5, or there is not one bias a filter.
    pub fn pack(
        isa: Isa,
        precision: Precision,
        taps: usize,
        inputs: usize,
        biases: &[f32],
        relu: bool,
        value: impl Fn(usize, usize, usize, usize) -> f32,
    ) -> Self {
        assert!(matches!(taps, 3 | 5), "minimal filtering is for 3x3 and 5x5");
        let outputs = biases.len();
        let points = taps + TILE - 1;
        let transform = kernel_transform(points, taps);
        // Transformed kernels: position, input, filter.
        let mut transformed = vec![0.0f32; points * points * inputs * outputs];
        for o in 0..outputs {
            for i in 0..inputs {
                for (r, left) in transform.iter().enumerate() {
                    for (c, right) in transform.iter().enumerate() {
                        let mut sum = 0.0;
                        for (row, left) in left.iter().enumerate() {
                            for (column, right) in right.iter().enumerate() {
                                sum += left * f64::from(value(o, i, row, column)) * right;
                            }
                        }
                        transformed[((r * points + c) * inputs + i) * outputs + o] = sum as f32;
                    }
                }
            }
        }
        let precision = if bf16::is_available(isa) { precision } else { Precision::Exact };
        let kernels = transformed.chunks_exact(inputs * outputs).enumerate().map(|(position, values)| {
            let value = |i: usize, o: usize| values[i * outputs + o];
            if precision == Precision::Exact || is_steady(position / points, position % points) {
                Kernels::F32(Matrix::pack(isa, inputs, outputs, value))
            } else {
                Kernels::Bf16(Bf16Matrix::pack(inputs, outputs, value))
            }
        });
        let kernels = kernels.collect();
        let mut biases = biases.to_vec();
        biases.resize(padded(outputs), 0.0);
        Self { isa, points, inputs, kernels, precision, biases, floor: if relu { 0.0 } else { f32::NEG_INFINITY } }
    }

    /// The precision of the products.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Rows and columns of input that a tile takes: 6 or 8.
    pub fn points(&self) -> usize {
        self.points
    }

    /// Computes a row of `count` tiles. Tile `t` takes the pixels from column `4 t` on of each of the
    /// [`MinimalKernels::points`] rows, and gives four pixels in each of four rows of `out`, which are `out_stride` floats
    /// apart. Pixels have [`padded`] channels on both sides.
    ///
    /// # Panics
    /// If there is another number of rows, or a slice is too short.
    pub fn run(&self, rows: &[&[f32]], count: usize, out: &mut [f32], out_stride: usize, scratch: &mut Scratch) {
        if count == 0 {
            return;
        }
        let (inputs, outputs) = (padded(self.inputs), self.biases.len());
        assert_eq!(rows.len(), self.points, "rows of a patch");
        let width = TILE * (count - 1) + self.points;
        assert!(rows.iter().all(|row| row.len() >= width * inputs), "pixels of the patches");
        assert!(out_stride >= TILE * count * outputs, "rows of the output do not overlap");
        assert!(out.len() >= (TILE - 1) * out_stride + TILE * count * outputs, "room for the output");
        let positions = self.points * self.points;
        scratch.patches.resize(positions * position_stride(inputs));
        scratch.sums.resize(positions * position_stride(outputs));
        let (kernels, tiles) = (self, Tiles { rows, count, out_stride });
        #[cfg(target_arch = "x86_64")]
        if self.precision == Precision::Fast {
            // SAFETY: kernels are packed so only where the CPU has these instructions; lengths were checked above.
            unsafe {
                match self.points {
                    6 => reduced_six(kernels, tiles, out, scratch),
                    _ => reduced_eight(kernels, tiles, out, scratch),
                }
            }
            return;
        }
        if self.points == 6 {
            for_isa!(self.isa, run_six(kernels: &MinimalKernels, tiles: Tiles<'_>, out: &mut [f32], scratch: &mut Scratch));
        } else {
            for_isa!(self.isa, run_eight(kernels: &MinimalKernels, tiles: Tiles<'_>, out: &mut [f32], scratch: &mut Scratch));
        }
    }
}

/// # Safety
/// The CPU has the instructions of `S`; [`MinimalKernels::run`] checked the lengths.
#[inline(always)]
unsafe fn run_six<S: Simd>(kernels: &MinimalKernels, tiles: Tiles<'_>, out: &mut [f32], scratch: &mut Scratch) {
    // SAFETY: the caller's.
    unsafe { run::<S, Exact, Six, 6>(kernels, tiles, out, scratch) }
}

/// # Safety
/// As of [`run_six`].
#[inline(always)]
unsafe fn run_eight<S: Simd>(kernels: &MinimalKernels, tiles: Tiles<'_>, out: &mut [f32], scratch: &mut Scratch) {
    // SAFETY: the caller's.
    unsafe { run::<S, Exact, Eight, 8>(kernels, tiles, out, scratch) }
}

/// # Safety
/// As of [`run_six`]; kernels are packed as [`Precision::Fast`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bf16")]
unsafe fn reduced_six(kernels: &MinimalKernels, tiles: Tiles<'_>, out: &mut [f32], scratch: &mut Scratch) {
    // SAFETY: the caller's.
    unsafe { run::<crate::simd::Avx512, arithmetic::Reduced, Six, 6>(kernels, tiles, out, scratch) }
}

/// # Safety
/// As of [`reduced_six`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bf16")]
unsafe fn reduced_eight(kernels: &MinimalKernels, tiles: Tiles<'_>, out: &mut [f32], scratch: &mut Scratch) {
    // SAFETY: the caller's.
    unsafe { run::<crate::simd::Avx512, arithmetic::Reduced, Eight, 8>(kernels, tiles, out, scratch) }
}

/// # Safety
/// As of [`run_six`].
#[expect(clippy::needless_range_loop, reason = "columns are written, of arrays of rows")]
#[inline(always)]
unsafe fn run<S: Simd, A: Arithmetic<S>, T: Transform<P>, const P: usize>(
    kernels: &MinimalKernels,
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
        // SAFETY: rows hold the patches of all tiles, `out` their outputs, and the scratch a chunk of transforms: checked by
        // `MinimalKernels::run`.
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
                            A::store(transformed[c], position, t * inputs + channel, is_steady(r, c));
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
                            transformed[c].add(bias).max(floor).store(out.as_mut_ptr().add(at));
                        }
                    }
                    filter += S::LANES;
                }
            }
        }
        first += count;
    }
}
