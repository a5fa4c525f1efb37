use super::{DotKernels, PIXELS};
use crate::isa::Isa;
use crate::layout::padded;
use crate::proof::bound::{Sum, assert_every_isa, assert_same_bits};
use crate::proof::panics::assert_panics;
use crate::proof::pattern::Pattern;
use crate::proof::poison::{POISON, Poisoned};

/// Those with blocks of their own (3 and 5), those around them, and large ones.
const TAPS: [usize; 8] = [1, 2, 3, 4, 5, 6, 7, 9];
/// Below, at and above one and two vectors of sixteen.
const INPUTS: [usize; 7] = [1, 15, 16, 17, 31, 32, 33];
/// Below, at and above one to three blocks of [`PIXELS`].
const WIDTHS: [usize; 12] = [0, 1, 2, 7, 8, 9, 15, 16, 17, 23, 24, 25];
const MOST: usize = 25;
const FILTERS: usize = 3;

const _: () = assert!(PIXELS == 8 && MOST == 3 * PIXELS + 1, "widths are chosen for these blocks");

/// Weights and pixels as plain values.
struct Operands {
    taps: usize,
    inputs: usize,
    /// Filter, input, row, column.
    weights: Vec<f32>,
    biases: Vec<f32>,
    /// Row, pixel, channel.
    pixels: Vec<f32>,
}

impl Operands {
    fn new(pattern: Pattern, taps: usize, inputs: usize) -> Self {
        let seed = (taps * 1000 + inputs) as u32;
        Self {
            taps,
            inputs,
            weights: pattern.weights(FILTERS * inputs * taps * taps, seed),
            biases: pattern.weights(FILTERS, seed + 1),
            pixels: pattern.values(taps * (MOST + taps - 1) * inputs, seed + 2),
        }
    }

    fn weight(&self, o: usize, i: usize, row: usize, column: usize) -> f32 {
        self.weights[((o * self.inputs + i) * self.taps + row) * self.taps + column]
    }

    /// Pixels of a row of the input that [`MOST`] outputs take.
    fn line(&self) -> usize {
        MOST + self.taps - 1
    }

    /// The outputs of a filter by definition.
    fn definition(&self, filter: usize) -> Vec<Sum> {
        let mut sums = vec![Sum::default(); MOST];
        for (x, sum) in sums.iter_mut().enumerate() {
            for row in 0..self.taps {
                for column in 0..self.taps {
                    for i in 0..self.inputs {
                        let pixel = self.pixels[(row * self.line() + x + column) * self.inputs + i];
                        sum.add_product(pixel, self.weight(filter, i, row, column));
                    }
                }
            }
            sum.add(f64::from(self.biases[filter]));
        }
        sums
    }

    fn pack(&self, isa: Isa, relu: bool) -> DotKernels {
        DotKernels::pack(isa, self.taps, self.inputs, &self.biases, relu, |o, i, row, column| {
            self.weight(o, i, row, column)
        })
    }

    /// Runs the kernels on outputs `first..first + width`. Channels that pad are zero, pixels beyond are poison.
    fn run(&self, kernels: &DotKernels, filter: usize, (first, width): (usize, usize)) -> Vec<f32> {
        let stored = padded(self.inputs);
        let rows: Vec<_> = (0..self.taps)
            .map(|row| {
                let mut pixels = vec![0.0; (width + self.taps - 1) * stored];
                for (x, pixel) in pixels.chunks_exact_mut(stored).enumerate() {
                    let from = (row * self.line() + first + x) * self.inputs;
                    pixel[..self.inputs].copy_from_slice(&self.pixels[from..from + self.inputs]);
                }
                Poisoned::row(&pixels)
            })
            .collect();
        let rows: Vec<_> = rows.iter().map(Poisoned::slice).collect();
        let mut out = Poisoned::room(width, width, 1);
        kernels.run(filter, &rows, out.slice_mut());
        out.written("outputs")
    }
}

/// The proof of [`Kernel::Dot`](crate::kernel::Kernel::Dot).
pub(crate) fn outputs_agree_with_their_definition() {
    for pattern in Pattern::ALL {
        for taps in TAPS {
            for inputs in INPUTS {
                let operands = Operands::new(pattern, taps, inputs);
                for filter in 0..FILTERS {
                    let sums = operands.definition(filter);
                    for relu in [false, true] {
                        for width in WIDTHS {
                            let expected: Vec<_> = sums[..width].iter().map(|sum| sum.expected().relu(relu)).collect();
                            let case = format!(
                                "{pattern:?}, {taps} taps, {inputs} inputs, filter {filter}, {width} pixels, relu {relu}"
                            );
                            let run = |isa| operands.run(&operands.pack(isa, relu), filter, (0, width));
                            assert_every_isa(&case, &expected, run);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn results_do_not_depend_on_how_many_pixels_are_computed_together() {
    for isa in Isa::available() {
        for taps in TAPS {
            for inputs in INPUTS {
                let operands = Operands::new(Pattern::Noise, taps, inputs);
                let kernels = operands.pack(isa, false);
                let whole = operands.run(&kernels, 1, (0, MOST));
                for cut in 0..=MOST {
                    let mut parts = operands.run(&kernels, 1, (0, cut));
                    parts.extend(operands.run(&kernels, 1, (cut, MOST - cut)));
                    let case = format!("{taps} taps, {inputs} inputs, cut at {cut}, {}", isa.name());
                    assert_same_bits(&case, &whole, &parts);
                }
            }
        }
    }
}

/// A filter of one tap that is 1 gives a channel as it is: no other input, row or column adds to it.
#[test]
fn a_filter_of_one_tap_gives_the_pixels() {
    for isa in Isa::available() {
        for taps in TAPS {
            let operands = Operands::new(Pattern::Noise, taps, 17);
            for (input, row, column) in [(0, 0, 0), (16, 0, taps - 1), (7, taps - 1, 0), (15, taps / 2, taps / 2)] {
                let one =
                    |_: usize, i: usize, r: usize, c: usize| f32::from(u8::from((i, r, c) == (input, row, column)));
                let kernels = DotKernels::pack(isa, taps, 17, &[0.0], false, one);
                let ours = operands.run(&kernels, 0, (0, MOST));
                let channel = |x: usize| operands.pixels[(row * operands.line() + x + column) * 17 + input];
                let expected: Vec<f32> = (0..MOST).map(channel).collect();
                assert_same_bits(&format!("{taps} taps, {input} {row} {column}, {}", isa.name()), &ours, &expected);
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (taps, inputs, width) = (3, 20, 9);
    for isa in Isa::available() {
        let kernels = DotKernels::pack(isa, taps, inputs, &[1.0, 2.0], false, |_, _, _, _| 1.0);
        let needed = (width + taps - 1) * padded(inputs);
        let run = |filter: usize, lengths: &[usize]| {
            let rows: Vec<Vec<f32>> = lengths.iter().map(|length| vec![1.0; *length]).collect();
            let rows: Vec<&[f32]> = rows.iter().map(|row| &row[..]).collect();
            kernels.run(filter, &rows, &mut vec![POISON; width]);
        };
        run(1, &[needed; 3]);
        assert_panics("no such filter", || run(2, &[needed; 3]));
        assert_panics("a row too few", || run(0, &[needed; 2]));
        assert_panics("a row too many", || run(0, &[needed; 4]));
        for short in 0..taps {
            let mut lengths = [needed; 3];
            lengths[short] -= 1;
            assert_panics(&format!("row {short} is too short"), || run(0, &lengths));
        }
    }
}
