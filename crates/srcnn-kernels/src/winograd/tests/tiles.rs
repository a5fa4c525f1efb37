//! Rows of tiles against the definition of a convolution.

use std::cell::RefCell;

use super::operands::{Operands, Sizes};
use crate::bf16::is_available;
use crate::isa::{Isa, Precision};
use crate::layout::padded;
use crate::proof::bound::{Expected, assert_each};
use crate::proof::pattern::Pattern;
use crate::winograd::{CHUNK, Scratch, TILE};

/// Below, at and above one group and two.
const INPUTS: [usize; 5] = [1, 15, 16, 17, 33];
/// Panels of one, two and four vectors, and those around them.
const OUTPUTS: [usize; 9] = [1, 15, 16, 17, 32, 48, 64, 65, 80];
/// Below, at and above blocks of 1, 2, 4, 6 and 12 tiles, and one and two chunks of [`CHUNK`].
pub(super) const COUNTS: [usize; 17] = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 23, 24, 25, 47, 48, 49];
pub(super) const MOST: usize = 49;

const _: () = assert!(CHUNK == 24 && MOST == 2 * CHUNK + 1, "counts are chosen for these chunks");

/// The proof of [`Kernel::Winograd3x3`](crate::kernel::Kernel::Winograd3x3).
pub(crate) fn tiles_of_3x3_agree_with_their_definition() {
    prove(3, Precision::Exact);
}

/// The proof of [`Kernel::Winograd5x5`](crate::kernel::Kernel::Winograd5x5).
pub(crate) fn tiles_of_5x5_agree_with_their_definition() {
    prove(5, Precision::Exact);
}

/// The proof of [`Kernel::Winograd3x3Bf16`](crate::kernel::Kernel::Winograd3x3Bf16).
#[cfg(target_arch = "x86_64")]
pub(crate) fn tiles_of_3x3_in_bf16_agree_with_their_definition() {
    prove(3, Precision::Fast);
}

/// The proof of [`Kernel::Winograd5x5Bf16`](crate::kernel::Kernel::Winograd5x5Bf16).
#[cfg(target_arch = "x86_64")]
pub(crate) fn tiles_of_5x5_in_bf16_agree_with_their_definition() {
    prove(5, Precision::Fast);
}

fn prove(taps: usize, precision: Precision) {
    // One for all: what was left over from other sizes must not matter.
    let scratch = RefCell::default();
    for pattern in Pattern::ALL {
        for (i, inputs) in INPUTS.into_iter().enumerate() {
            for (j, outputs) in OUTPUTS.into_iter().enumerate() {
                let count = 1 + (i + j) % 3;
                let sizes = Sizes { taps, inputs, outputs, count };
                compare(&Operands::new(pattern, sizes), &[count], (i + j) % 2 == 0, precision, &scratch);
            }
        }
        let operands = Operands::new(pattern, Sizes { taps, inputs: 5, outputs: 19, count: MOST });
        for relu in [false, true] {
            compare(&operands, &COUNTS, relu, precision, &scratch);
        }
        compare_slopes(&operands, &COUNTS, precision, &scratch);
    }
}

/// Compares the first tiles, as many as each of `counts`.
fn compare(operands: &Operands, counts: &[usize], relu: bool, precision: Precision, scratch: &RefCell<Scratch>) {
    let Operands { sizes, pattern, .. } = operands;
    let isas = Isa::available().into_iter().filter(|isa| precision == Precision::Exact || is_available(*isa));
    let kernels: Vec<_> = isas.map(|isa| (isa, operands.pack(isa, precision, relu))).collect();
    for (_, kernels) in &kernels {
        assert_eq!((kernels.precision(), kernels.points()), (precision, sizes.taps + TILE - 1));
    }
    let (tile, all) = (TILE * padded(sizes.outputs), operands.expected(precision));
    for &count in counts {
        let rows = all.chunks_exact(sizes.count * tile).flat_map(|row| &row[..count * tile]);
        let expected: Vec<Expected> = rows.map(|expected| expected.relu(relu)).collect();
        let case = format!("{pattern:?}, {sizes:?}, the first {count}, relu {relu}, {precision:?}");
        let gap = [0, 37][count % 2];
        assert_each(&case, &expected, &kernels, |(_, kernels)| {
            operands.run(kernels, (0, count), gap, &mut scratch.borrow_mut())
        });
    }
}

/// As [`compare`], with a slope for each filter; that of the first is zero, as ReLU's.
fn compare_slopes(operands: &Operands, counts: &[usize], precision: Precision, scratch: &RefCell<Scratch>) {
    let Operands { sizes, pattern, .. } = operands;
    let slopes: Vec<f32> = (0..sizes.outputs).map(|filter| filter as f32 * 0.3 - (filter / 4) as f32).collect();
    let isas = Isa::available().into_iter().filter(|isa| precision == Precision::Exact || is_available(*isa));
    let kernels = isas.map(|isa| (isa, operands.pack(isa, precision, false).with_slopes(&slopes)));
    let kernels: Vec<_> = kernels.collect();
    let (stored, all) = (padded(sizes.outputs), operands.expected(precision));
    for &count in counts {
        let rows = all.chunks_exact(sizes.count * TILE * stored).flat_map(|row| &row[..count * TILE * stored]);
        let slope = |i: usize| slopes.get(i % stored).copied().unwrap_or(0.0);
        let expected: Vec<Expected> = rows.enumerate().map(|(i, expected)| expected.bent(slope(i))).collect();
        let case = format!("{pattern:?}, {sizes:?}, the first {count}, slopes, {precision:?}");
        assert_each(&case, &expected, &kernels, |(_, kernels)| {
            operands.run(kernels, (0, count), 0, &mut scratch.borrow_mut())
        });
    }
}
