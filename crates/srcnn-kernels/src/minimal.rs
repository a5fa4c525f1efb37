//! Minimal filtering (Winograd 1980; Lavin and Gray 2016): tiles of 4x4 outputs of a 3x3 or 5x5 convolution.
//!
//! Input patches of P x P pixels (P = 6 or 8) and kernels are transformed; then the convolution is P^2 products of matrices,
//! one for each position, over all channels; their sums are transformed back. That takes P^2 / 16 multiplications for each
//! output, input channel and filter, 2.25 instead of 9, or 4 instead of 25. The points are 0, +-1, +-2, infinity and, for
//! P = 8, +-1/2. Kernels are transformed in f64.

use crate::isa::for_isa;
use crate::matmul::{Matrix, product};
use crate::simd::Simd;
use crate::{Buffer, GROUP, Isa, TILE, padded};

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
    matrices: Vec<Matrix>,
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
    /// `value(o, i, row, column)`.
    ///
    /// # Panics
    /// If `taps` is neither 3 nor 5, or there is not one bias a filter.
    pub fn pack(
        isa: Isa,
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
        let matrices = transformed
            .chunks_exact(inputs * outputs)
            .map(|position| Matrix::pack(isa, inputs, outputs, |i, o| position[i * outputs + o]))
            .collect();
        let mut biases = biases.to_vec();
        biases.resize(padded(outputs), 0.0);
        Self { isa, points, inputs, matrices, biases, floor: if relu { 0.0 } else { f32::NEG_INFINITY } }
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
        if self.points == 6 {
            for_isa!(self.isa, run_six(kernels: &MinimalKernels, tiles: Tiles<'_>, out: &mut [f32], scratch: &mut Scratch));
        } else {
            for_isa!(self.isa, run_eight(kernels: &MinimalKernels, tiles: Tiles<'_>, out: &mut [f32], scratch: &mut Scratch));
        }
    }
}

/// The values of the points; the last is infinity.
const POINTS: [f64; 7] = [0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5];

/// G: powers of each point, scaled so that the input's transform has small whole numbers.
fn kernel_transform(points: usize, taps: usize) -> Vec<Vec<f64>> {
    let scale: &[f64] = if points == 6 {
        &[1.0 / 4.0, -1.0 / 6.0, -1.0 / 6.0, 1.0 / 24.0, 1.0 / 24.0]
    } else {
        &[1.0, -2.0 / 9.0, -2.0 / 9.0, 1.0 / 90.0, 1.0 / 90.0, 32.0 / 45.0, 32.0 / 45.0]
    };
    let finite = scale.iter().zip(POINTS).map(|(s, p)| (0..taps as i32).map(|j| s * p.powi(j)).collect());
    let infinite = (0..taps).map(|j| f64::from(u8::from(j + 1 == taps))).collect();
    finite.chain([infinite]).collect()
}

/// # Safety
/// The CPU has the instructions of `S`; [`MinimalKernels::run`] checked the lengths.
#[inline(always)]
unsafe fn run_six<S: Simd>(kernels: &MinimalKernels, tiles: Tiles<'_>, out: &mut [f32], scratch: &mut Scratch) {
    // SAFETY: the caller's.
    unsafe { run::<S, Six, 6>(kernels, tiles, out, scratch) }
}

/// # Safety
/// As of [`run_six`].
#[inline(always)]
unsafe fn run_eight<S: Simd>(kernels: &MinimalKernels, tiles: Tiles<'_>, out: &mut [f32], scratch: &mut Scratch) {
    // SAFETY: the caller's.
    unsafe { run::<S, Eight, 8>(kernels, tiles, out, scratch) }
}

/// # Safety
/// As of [`run_six`].
#[expect(clippy::needless_range_loop, reason = "columns are written, of arrays of rows")]
#[inline(always)]
unsafe fn run<S: Simd, T: Transform<P>, const P: usize>(
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
                    let mut half = [[S::zero(); P]; P];
                    for c in 0..P {
                        let at = (column + c) * inputs + channel;
                        let mut patch = [S::zero(); P];
                        for r in 0..P {
                            patch[r] = S::load(rows[r].add(at));
                        }
                        let transformed = T::forward(patch);
                        for r in 0..P {
                            half[r][c] = transformed[r];
                        }
                    }
                    for r in 0..P {
                        let transformed = T::forward(half[r]);
                        for c in 0..P {
                            let at = (r * P + c) * patch_stride + t * inputs + channel;
                            transformed[c].store(scratch.patches.as_mut_ptr().add(at));
                        }
                    }
                    channel += S::LANES;
                }
            }
            for (position, matrix) in kernels.matrices.iter().enumerate() {
                let patches = scratch.patches.as_ptr().add(position * patch_stride);
                let sums = scratch.sums.as_mut_ptr().add(position * sum_stride);
                product::<S>(matrix.data(), matrix.depth(), outputs, patches, inputs, count, sums, outputs);
            }
            for t in 0..count {
                let mut filter = 0;
                while filter < outputs {
                    let bias = S::load(kernels.biases.as_ptr().add(filter));
                    let floor = S::splat(kernels.floor);
                    let mut half = [[S::zero(); P]; TILE];
                    for c in 0..P {
                        let mut sums = [S::zero(); P];
                        for r in 0..P {
                            sums[r] =
                                S::load(scratch.sums.as_ptr().add((r * P + c) * sum_stride + t * outputs + filter));
                        }
                        let transformed = T::back(sums);
                        for r in 0..TILE {
                            half[r][c] = transformed[r];
                        }
                    }
                    for r in 0..TILE {
                        let transformed = T::back(half[r]);
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

/// The transforms of one set of points, along one axis. (A trait and not functions passed on: those are not compiled for the
/// instruction set of their caller.)
trait Transform<const P: usize> {
    /// B, transposed, times a row or column of a patch.
    ///
    /// # Safety
    /// The CPU has the instructions of `S`.
    unsafe fn forward<S: Simd>(d: [S; P]) -> [S; P];
    /// A, transposed, times a row or column of sums.
    ///
    /// # Safety
    /// The CPU has the instructions of `S`.
    unsafe fn back<S: Simd>(m: [S; P]) -> [S; TILE];
}

/// 0, 1, -1, 2, -2, infinity.
struct Six;

/// 0, 1, -1, 2, -2, 1/2, -1/2, infinity.
struct Eight;

impl Transform<6> for Six {
    #[inline(always)]
    unsafe fn forward<S: Simd>(d: [S; 6]) -> [S; 6] {
        // SAFETY: the caller's.
        unsafe {
            let (two, four) = (S::splat(2.0), S::splat(4.0));
            let (minus_four, minus_five) = (S::splat(-4.0), S::splat(-5.0));
            let (even, odd) = (d[2].mul_add(minus_four, d[4]), d[1].mul_add(minus_four, d[3]));
            let (even_two, odd_two) = (d[4].sub(d[2]), d[3].sub(d[1]).mul(two));
            [
                d[2].mul_add(minus_five, d[0].mul_add(four, d[4])),
                even.add(odd),
                even.sub(odd),
                even_two.add(odd_two),
                even_two.sub(odd_two),
                d[3].mul_add(minus_five, d[1].mul_add(four, d[5])),
            ]
        }
    }

    #[inline(always)]
    unsafe fn back<S: Simd>(m: [S; 6]) -> [S; TILE] {
        // SAFETY: the caller's.
        unsafe {
            let (s1, d1) = (m[1].add(m[2]), m[1].sub(m[2]));
            let (s2, d2) = (m[3].add(m[4]), m[3].sub(m[4]));
            [
                m[0].add(s1).add(s2),
                d2.mul_add(S::splat(2.0), d1),
                s2.mul_add(S::splat(4.0), s1),
                d2.mul_add(S::splat(8.0), d1).add(m[5]),
            ]
        }
    }
}

impl Transform<8> for Eight {
    #[inline(always)]
    unsafe fn forward<S: Simd>(d: [S; 8]) -> [S; 8] {
        // SAFETY: the caller's.
        unsafe {
            let (half, two) = (S::splat(0.5), S::splat(2.0));
            let minus_five_halves = S::splat(-2.5);
            let minus_17_quarters = S::splat(-4.25);
            let a1 = d[4].mul_add(minus_17_quarters, d[2].add(d[6]));
            let b1 = d[3].mul_add(minus_17_quarters, d[1].add(d[5]));
            let a2 = d[4].mul_add(S::splat(-1.25), d[2].mul_add(S::splat(0.25), d[6]));
            let b2 = d[5].mul_add(two, d[3].mul_add(minus_five_halves, d[1].mul(half)));
            let a3 = d[4].mul_add(S::splat(-5.0), d[2].mul_add(S::splat(4.0), d[6]));
            let b3 = d[5].mul_add(half, d[3].mul_add(minus_five_halves, d[1].mul(two)));
            let k = S::splat(5.25);
            [
                d[4].sub(d[2]).mul_add(k, d[0].sub(d[6])),
                a1.add(b1),
                a1.sub(b1),
                a2.add(b2),
                a2.sub(b2),
                a3.add(b3),
                a3.sub(b3),
                d[3].sub(d[5]).mul_add(k, d[7].sub(d[1])),
            ]
        }
    }

    #[inline(always)]
    unsafe fn back<S: Simd>(m: [S; 8]) -> [S; TILE] {
        // SAFETY: the caller's.
        unsafe {
            let (s1, d1) = (m[1].add(m[2]), m[1].sub(m[2]));
            let (s2, d2) = (m[3].add(m[4]), m[3].sub(m[4]));
            let (s3, d3) = (m[5].add(m[6]), m[5].sub(m[6]));
            [
                m[0].add(s1).add(s2).add(s3),
                d3.mul_add(S::splat(0.5), d2.mul_add(S::splat(2.0), d1)),
                s3.mul_add(S::splat(0.25), s2.mul_add(S::splat(4.0), s1)),
                d3.mul_add(S::splat(0.125), d2.mul_add(S::splat(8.0), d1)).add(m[7]),
            ]
        }
    }
}
