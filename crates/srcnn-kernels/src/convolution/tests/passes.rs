//! All passes against their definition.

use super::naive::{Naive, stored};
use crate::convolution::Channels;
use crate::convolution::Channels::{Narrow, Wide};
use crate::isa::Isa;
use crate::proof::bound::{Expected, Sum, assert_every_isa, assert_same_bits};
use crate::proof::pattern::Pattern;

/// Rows of kernels, inputs, filters.
const LAYERS: [(usize, Channels, Channels); 12] = [
    (1, Wide(64), Wide(32)),
    (3, Wide(17), Wide(16)),
    (5, Wide(16), Wide(33)),
    (9, Narrow(1), Wide(64)),
    (3, Narrow(3), Wide(48)),
    (5, Wide(32), Narrow(1)),
    (3, Wide(5), Narrow(3)),
    (2, Wide(16), Wide(112)),
    (1, Narrow(1), Wide(1)),
    (4, Wide(1), Wide(15)),
    (7, Wide(33), Narrow(2)),
    (1, Wide(15), Narrow(1)),
];

/// The smallest maps for such kernels, and others whose rows are below, at and above blocks of 12 pixels.
fn sizes(taps: usize) -> [(usize, usize); 5] {
    [(taps, taps), (taps + 1, taps + 2), (taps + 10, taps), (taps + 11, taps + 5), (taps + 24, taps + 1)]
}

/// Errors are far below their bounds where sums are long: their signs differ. Relative to the largest value they are
/// less than this.
#[track_caller]
fn assert_close(case: &str, ours: &[f32], truth: &[Expected]) {
    const CLOSE: f64 = 2e-6;
    let size = truth.iter().fold(0.0f64, |m, v| m.max(v.value.abs()));
    for (at, (a, b)) in ours.iter().zip(truth).enumerate() {
        let error = (f64::from(*a) - b.value).abs();
        assert!(error <= CLOSE * size.max(1.0), "{case}: {a}, expected {}, at {at}", b.value);
    }
}

/// Compares a pass on every instruction set.
fn compare(naive: &Naive, pass: &str, expected: &[Expected], run: impl Fn(Isa) -> Vec<f32>) {
    let Naive { pattern, taps, inputs, outputs, width, height, .. } = naive;
    let case = format!("{pass}, {pattern:?}, {taps} taps, {inputs:?} to {outputs:?}, {width}x{height}");
    for (isa, ours) in assert_every_isa(&case, expected, run) {
        assert_close(&format!("{case}, {}", isa.name()), &ours, expected);
    }
}

#[test]
fn all_passes_agree_with_their_definition_on_every_instruction_set() {
    println!("instruction sets: {:?}", Isa::available());
    for pattern in Pattern::ALL {
        for (i, layer) in LAYERS.into_iter().enumerate() {
            for (j, size) in sizes(layer.0).into_iter().enumerate() {
                let naive = Naive::new(pattern, layer, size);
                let gap = [0, 1, 33][(i + j) % 3];
                let forward = stored(&naive.forward(), naive.outputs);
                compare(&naive, "forward", &forward, |isa| naive.run_forward(isa, gap));
                if let Wide(_) = naive.inputs {
                    let data = stored(&naive.backward_data(), naive.inputs);
                    compare(&naive, "data", &data, |isa| naive.run_backward_data(isa, gap));
                }
                let weights: Vec<_> = naive.backward_weights(2).into_iter().map(Sum::expected).collect();
                compare(&naive, "weights", &weights, |isa| naive.run_backward_weights(isa));
            }
        }
    }
}

/// Parts of a map, each with the pixels that its outputs take, give the outputs of the whole map.
#[test]
fn outputs_do_not_depend_on_how_a_map_is_cut() {
    for layer in LAYERS {
        let taps = layer.0;
        let whole = Naive::new(Pattern::Noise, layer, (taps + 24, taps + 1));
        let ((width, height), stored) = (whole.out_size(), whole.outputs.stored());
        for isa in Isa::available() {
            let expected = whole.run_forward(isa, 0);
            for (left, top, columns, rows) in [(0, 0, 1, 1), (0, 1, 12, 1), (7, 0, 13, 2), (23, 1, 2, 1), (24, 0, 1, 2)]
            {
                let (part_width, part_height) = (columns + taps - 1, rows + taps - 1);
                let pixel = |at: usize| {
                    let (x, y, c) = (at % part_width, at / part_width % part_height, at / part_width / part_height);
                    whole.input[(c * whole.height + top + y) * whole.width + left + x]
                };
                let part = Naive {
                    width: part_width,
                    height: part_height,
                    input: (0..whole.inputs.count() * part_width * part_height).map(pixel).collect(),
                    kernels: whole.kernels.clone(),
                    biases: whole.biases.clone(),
                    gradient: Vec::new(),
                    ..whole
                };
                assert!(left + columns <= width && top + rows <= height, "the part lies in the map");
                let row = |y: usize| &expected[((top + y) * width + left) * stored..][..columns * stored];
                let expected: Vec<f32> = (0..rows).flat_map(row).copied().collect();
                let case = format!("{layer:?}, {columns}x{rows} at {left}, {top}, {}", isa.name());
                assert_same_bits(&case, &part.run_forward(isa, 3), &expected);
            }
        }
    }
}
