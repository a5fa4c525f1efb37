//! That results do not depend on how tiles are cut, on what ran before, or on the precision that was wished for in
//! vain; and that slices which do not fit are refused.

use super::operands::{Operands, Sizes};
use super::tiles::{COUNTS, MOST};
use crate::bf16::is_available;
use crate::isa::{Isa, Precision};
use crate::layout::{GROUP, padded};
use crate::proof::bound::assert_same_bits;
use crate::proof::panics::assert_panics;
use crate::proof::pattern::Pattern;
use crate::proof::poison::{POISON, Poisoned};
use crate::winograd::{Scratch, TILE, WinogradKernels};

const PRECISIONS: [Precision; 2] = [Precision::Exact, Precision::Fast];

#[test]
fn results_do_not_depend_on_how_many_tiles_are_computed_together() {
    for taps in [3, 5] {
        for (inputs, outputs) in [(5, 19), (17, 64)] {
            let operands = Operands::new(Pattern::Noise, Sizes { taps, inputs, outputs, count: MOST });
            for (isa, precision) in Isa::available().into_iter().flat_map(|isa| PRECISIONS.map(|p| (isa, p))) {
                let kernels = operands.pack(isa, precision, false);
                let mut scratch = Scratch::default();
                let whole = operands.run(&kernels, (0, MOST), 0, &mut scratch);
                let line = TILE * MOST * padded(outputs);
                for cut in COUNTS.into_iter().filter(|cut| *cut < MOST) {
                    for (first, count) in [(0, cut), (cut, MOST - cut)] {
                        let part = operands.run(&kernels, (first, count), 16 * first, &mut scratch);
                        let tile = TILE * padded(outputs);
                        let rows = whole.chunks_exact(line).flat_map(|row| &row[first * tile..(first + count) * tile]);
                        let expected: Vec<f32> = rows.copied().collect();
                        let case = format!("{taps} taps, {inputs} to {outputs}, tiles {first} + {count}, {isa:?}");
                        assert_same_bits(&case, &part, &expected);
                    }
                }
            }
        }
    }
}

#[test]
fn results_do_not_depend_on_what_the_scratch_was_used_for() {
    for taps in [3, 5] {
        let operands = Operands::new(Pattern::Noise, Sizes { taps, inputs: 20, outputs: 33, count: 5 });
        for (isa, precision) in Isa::available().into_iter().flat_map(|isa| PRECISIONS.map(|p| (isa, p))) {
            let kernels = operands.pack(isa, precision, true);
            let fresh = operands.run(&kernels, (0, 5), 0, &mut Scratch::default());
            let mut used = Scratch::default();
            // Larger, then smaller; in another number format; of values that are none.
            for (taps, inputs, outputs, count) in [(5, 64, 80, MOST), (3, 1, 1, 1)] {
                let sizes = Sizes { taps, inputs, outputs, count };
                let other = Operands::new(Pattern::Noise, sizes).pack(isa, Precision::Fast, false);
                let row = vec![f32::NAN; (TILE * (count - 1) + other.points()) * padded(inputs)];
                let mut out = vec![0.0; TILE * TILE * count * padded(outputs)];
                let rows = vec![&row[..]; other.points()];
                other.run(&rows, count, &mut out, TILE * count * padded(outputs), &mut used);
            }
            let ours = operands.run(&kernels, (0, 5), 0, &mut used);
            assert_same_bits(&format!("{taps} taps, {precision:?}, {}", isa.name()), &ours, &fresh);
        }
    }
}

#[test]
fn products_are_exact_where_the_cpu_does_not_multiply_bf16() {
    for taps in [3, 5] {
        let operands = Operands::new(Pattern::Noise, Sizes { taps, inputs: 20, outputs: 33, count: 5 });
        for isa in Isa::available() {
            let [exact, fast] = PRECISIONS.map(|precision| operands.pack(isa, precision, false));
            assert_eq!(exact.precision(), Precision::Exact);
            let [a, b] = [&exact, &fast].map(|kernels| operands.run(kernels, (0, 5), 0, &mut Scratch::default()));
            if is_available(isa) {
                assert_eq!(fast.precision(), Precision::Fast);
                assert_ne!(a, b, "{}", isa.name());
            } else {
                assert_eq!(fast.precision(), Precision::Exact);
                assert_same_bits(isa.name(), &a, &b);
            }
        }
    }
}

#[test]
fn no_tiles_touch_nothing() {
    for isa in Isa::available() {
        let operands = Operands::new(Pattern::Noise, Sizes { taps: 3, inputs: 2, outputs: 2, count: 1 });
        let mut out = [POISON; 3];
        operands.pack(isa, Precision::Exact, false).run(&[], 0, &mut out, 0, &mut Scratch::default());
        assert!(out.iter().all(|value| value.to_bits() == POISON.to_bits()));
    }
}

#[test]
fn kernels_of_other_sizes_are_refused() {
    let pack = |taps: usize, inputs: usize, biases: &[f32]| {
        WinogradKernels::pack(Isa::best(), Precision::Exact, taps, inputs, biases, false, |_, _, _, _| 1.0)
    };
    for taps in [0, 1, 2, 4, 6, 7, 9] {
        assert_panics(&format!("{taps} taps"), || pack(taps, 1, &[0.0]));
    }
    assert_panics("no inputs", || pack(3, 0, &[0.0]));
    assert_panics("no filters", || pack(3, 1, &[]));
}

#[test]
fn slices_that_are_too_short_are_refused() {
    let (inputs, outputs, count) = (17, 20, 3);
    for (isa, taps) in Isa::available().into_iter().flat_map(|isa| [(isa, 3), (isa, 5)]) {
        let operands = Operands::new(Pattern::Noise, Sizes { taps, inputs, outputs, count });
        for precision in PRECISIONS {
            let kernels = operands.pack(isa, precision, false);
            let line = TILE * count * padded(outputs);
            let stride = line + 5;
            let needed = 3 * stride + line;
            let rows = operands.rows(0, count);
            let rows: Vec<&[f32]> = rows.iter().map(Poisoned::slice).collect();
            let run = |rows: &[&[f32]], room: usize, stride: usize| {
                kernels.run(rows, count, &mut vec![0.0; room], stride, &mut Scratch::default());
            };
            run(&rows, needed, stride);
            assert_panics("a row too few", || run(&rows[1..], needed, stride));
            assert_panics("a row too many", || run(&[&rows[..], &rows[..1]].concat(), needed, stride));
            assert_panics("room", || run(&rows, needed - 1, stride));
            assert_panics("rows that overlap", || run(&rows, needed, line - 1));
            for short in 0..rows.len() {
                let mut rows = rows.clone();
                rows[short] = &rows[short][1..];
                assert_panics(&format!("row {short} is too short"), || run(&rows, needed, stride));
            }
        }
    }
}

/// Sizes whose product wraps around to a small number.
#[test]
fn sizes_that_overflow_are_refused() {
    let operands = Operands::new(Pattern::Noise, Sizes { taps: 3, inputs: 1, outputs: 1, count: 1 });
    let kernels = operands.pack(Isa::best(), Precision::Exact, false);
    let rows = operands.rows(0, 1);
    let rows: Vec<&[f32]> = rows.iter().map(Poisoned::slice).collect();
    let fourth = usize::MAX / TILE + 1;
    let line = TILE * GROUP;
    for (count, stride) in [(fourth, line), (fourth + 1, line), (fourth / GROUP + 1, line), (1, usize::MAX / 3 + 1)] {
        assert_panics(&format!("{count} tiles, rows every {stride}"), || {
            kernels.run(&rows, count, &mut [0.0; TILE * TILE * GROUP], stride, &mut Scratch::default());
        });
    }
}
