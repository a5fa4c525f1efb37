//! A row of tiles as plain values: the convolution by definition, the bound of what Winograd's way may be off, and a
//! run of the kernels.

use super::matrices::{Matrices, both_ways};
use crate::isa::{Isa, Precision};
use crate::layout::padded;
use crate::proof::bound::{Expected, UNIT, UNIT_BF16, gamma};
use crate::proof::pattern::Pattern;
use crate::proof::poison::Poisoned;
use crate::winograd::{Scratch, TILE, WinogradKernels};

/// Kernels and pixels.
pub(super) struct Operands {
    pub(super) pattern: Pattern,
    pub(super) sizes: Sizes,
    /// Filter, input, row, column.
    weights: Vec<f32>,
    biases: Vec<f32>,
    /// Row, pixel, channel.
    pixels: Vec<f32>,
}

/// Channels, filters and tiles.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) taps: usize,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) count: usize,
}

impl Operands {
    pub(super) fn new(pattern: Pattern, sizes: Sizes) -> Self {
        let Sizes { taps, inputs, outputs, count } = sizes;
        let seed = (taps * 1_000_000 + inputs * 1000 + outputs) as u32;
        let points = taps + TILE - 1;
        Self {
            pattern,
            sizes,
            weights: pattern.weights(outputs * inputs * taps * taps, seed),
            biases: pattern.weights(outputs, seed + 1),
            pixels: pattern.values(points * (TILE * (count - 1) + points) * inputs, seed + 2),
        }
    }

    fn points(&self) -> usize {
        self.sizes.taps + TILE - 1
    }

    /// Pixels of a row of the input.
    fn line(&self) -> usize {
        TILE * (self.sizes.count - 1) + self.points()
    }

    fn pixel(&self, row: usize, x: usize, channel: usize) -> f32 {
        self.pixels[(row * self.line() + x) * self.sizes.inputs + channel]
    }

    fn weight(&self, o: usize, i: usize, row: usize, column: usize) -> f32 {
        self.weights[((o * self.sizes.inputs + i) * self.sizes.taps + row) * self.sizes.taps + column]
    }

    /// The convolution by definition, in the order row, pixel, filter, with the bound of [`Self::bounds`]. Channels
    /// that pad are zero.
    pub(super) fn expected(&self, precision: Precision) -> Vec<Expected> {
        let (columns, stored) = (TILE * self.sizes.count, padded(self.sizes.outputs));
        let bounds = self.bounds(precision);
        let mut expected = Vec::with_capacity(TILE * columns * stored);
        for y in 0..TILE {
            for x in 0..columns {
                for o in 0..stored {
                    if o >= self.sizes.outputs {
                        expected.push(Expected { value: 0.0, bound: 0.0 });
                        continue;
                    }
                    let mut value = f64::from(self.biases[o]);
                    for i in 0..self.sizes.inputs {
                        for row in 0..self.sizes.taps {
                            for column in 0..self.sizes.taps {
                                let pixel = f64::from(self.pixel(y + row, x + column, i));
                                value += pixel * f64::from(self.weight(o, i, row, column));
                            }
                        }
                    }
                    let tile = (x / TILE * self.sizes.outputs + o) * TILE * TILE;
                    expected.push(Expected { value, bound: bounds[tile + y * TILE + x % TILE] });
                }
            }
        }
        expected
    }

    /// Bounds of the errors of each output, in the order tile, filter, row, column.
    ///
    /// A transformed patch `d` is off by at most `e = gamma(2 F)` times the transform of the patch's absolute values by
    /// the absolute values of B: it passes through F roundings along each axis, as many as a row of B has entries.
    /// (Integers are transformed exactly: `e` is 0.) Each of its products `g d` then passes through one rounding of
    /// `g`, those of a sum over the channels, A roundings along each axis of the transform back, and that of the bias:
    /// it is off by at most `|g| (e + gamma(n) (|d| + e))`. In bf16, `g` and `d` are both rounded once more, to 8 bits.
    /// The transform back adds these errors, times the absolute values of its entries.
    ///
    /// `g` is computed in f64. Its own error, some units of 2^-53 of the transform of absolute values, is less than
    /// `UNIT` times that transform, which is added to `|g|`.
    fn bounds(&self, precision: Precision) -> Vec<f64> {
        let (taps, points) = (self.sizes.taps, self.points());
        let Matrices { b, g, a, .. } = Matrices::of(taps);
        let entries = |matrix: &[f64]| {
            let count = |row: &[f64]| row.iter().filter(|entry| **entry != 0.0).count();
            matrix.chunks_exact(points).map(count).max().unwrap_or(0)
        };
        let error_of_patch = if self.pattern.is_whole() { 0.0 } else { gamma(2 * entries(b)) };
        let exact = gamma(1 + self.sizes.inputs + 2 * entries(a) + 1);
        // A position sees the mean of a patch if it is not zero for a constant one.
        let sees_mean = |row: usize| b[row * points..][..points].iter().sum::<f64>() != 0.0;
        let rounding = |position: usize| match precision {
            Precision::Fast if !(sees_mean(position / points) && sees_mean(position % points)) => {
                (1.0 + UNIT_BF16) * (1.0 + UNIT_BF16) * (1.0 + exact) - 1.0
            }
            Precision::Exact | Precision::Fast => exact,
        };
        let positions = points * points;
        // Input, filter, position.
        let mut kernels = Vec::with_capacity(self.sizes.inputs * self.sizes.outputs * positions);
        for i in 0..self.sizes.inputs {
            for o in 0..self.sizes.outputs {
                let kernel: Vec<f64> =
                    (0..taps * taps).map(|at| f64::from(self.weight(o, i, at / taps, at % taps))).collect();
                let (value, size) = (both_ways(g, &kernel, taps, |v| v), both_ways(g, &kernel, taps, f64::abs));
                kernels.extend(value.iter().zip(size).map(|(value, size)| value.abs() + UNIT * size));
            }
        }
        let mut bounds = Vec::with_capacity(self.sizes.count * self.sizes.outputs * TILE * TILE);
        for t in 0..self.sizes.count {
            // Filter, position.
            let mut errors = vec![0.0; self.sizes.outputs * positions];
            for i in 0..self.sizes.inputs {
                let pixel = |at: usize| f64::from(self.pixel(at / points, TILE * t + at % points, i));
                let patch: Vec<f64> = (0..positions).map(pixel).collect();
                if patch.iter().all(|value| *value == 0.0) {
                    continue;
                }
                let (value, size) = (both_ways(b, &patch, points, |v| v), both_ways(b, &patch, points, f64::abs));
                let error = |position: usize| {
                    let e = error_of_patch * size[position];
                    e + rounding(position) * (value[position].abs() + e)
                };
                let error: Vec<f64> = (0..positions).map(error).collect();
                let kernels = &kernels[i * self.sizes.outputs * positions..][..self.sizes.outputs * positions];
                for (sums, kernel) in errors.chunks_exact_mut(positions).zip(kernels.chunks_exact(positions)) {
                    for ((sum, kernel), error) in sums.iter_mut().zip(kernel).zip(&error) {
                        *sum += kernel * error;
                    }
                }
            }
            for (sums, bias) in errors.chunks_exact(positions).zip(&self.biases) {
                let back = both_ways(a, sums, points, f64::abs);
                // A bias is rounded with what it is added to, unless that is exactly zero.
                bounds.extend(back.iter().map(|e| if *e == 0.0 { 0.0 } else { e + gamma(1) * f64::from(bias.abs()) }));
            }
        }
        bounds
    }

    pub(super) fn pack(&self, isa: Isa, precision: Precision, relu: bool) -> WinogradKernels {
        WinogradKernels::pack(
            isa,
            precision,
            self.sizes.taps,
            self.sizes.inputs,
            &self.biases,
            relu,
            |o, i, row, column| self.weight(o, i, row, column),
        )
    }

    /// Rows of the patches of tiles `first..first + count`. Channels that pad are zero, pixels beyond are poison.
    pub(super) fn rows(&self, first: usize, count: usize) -> Vec<Poisoned> {
        let (width, stored) = (TILE * (count - 1) + self.points(), padded(self.sizes.inputs));
        let row = |y: usize| {
            let mut pixels = vec![0.0; width * stored];
            for (x, pixel) in pixels.chunks_exact_mut(stored).enumerate() {
                (0..self.sizes.inputs).for_each(|i| pixel[i] = self.pixel(y, TILE * first + x, i));
            }
            Poisoned::row(&pixels)
        };
        (0..self.points()).map(row).collect()
    }

    /// Runs the kernels on tiles `first..first + count`. Rows of the output are `gap` floats apart. Results are in the
    /// order row, pixel, filter.
    pub(super) fn run(
        &self,
        kernels: &WinogradKernels,
        (first, count): (usize, usize),
        gap: usize,
        scratch: &mut Scratch,
    ) -> Vec<f32> {
        let rows = self.rows(first, count);
        let rows: Vec<_> = rows.iter().map(Poisoned::slice).collect();
        let line = TILE * count * padded(self.sizes.outputs);
        let mut out = Poisoned::room(line, line + gap, TILE);
        kernels.run(&rows, count, out.slice_mut(), line + gap, scratch);
        out.written("tiles")
    }
}
