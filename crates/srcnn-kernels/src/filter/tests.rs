use super::{MOST_PHASES, Phase, interleaved, weighted};
use crate::isa::Isa;
use crate::proof::bound::assert_same_bits;
use crate::proof::panics::assert_panics;
use crate::proof::pattern::Pattern;
use crate::proof::poison::Poisoned;

/// Around one and two chunks and vectors of eight.
const WIDTHS: [usize; 12] = [0, 1, 3, 7, 8, 9, 63, 64, 65, 127, 129, 200];

pub(crate) fn weighted_sums_agree_with_their_definition() {
    for (taps, width) in (0..7).flat_map(|taps| WIDTHS.map(|width| (taps, width))) {
        let samples = Pattern::Noise.values(taps * width, 7);
        let weights = Pattern::Noise.weights(taps, 8);
        let rows: Vec<_> = (0..taps).map(|k| Poisoned::row(&samples[k * width..(k + 1) * width])).collect();
        let slices: Vec<_> = rows.iter().map(Poisoned::slice).collect();
        let expected: Vec<f32> =
            (0..width).map(|x| (0..taps).fold(0.0, |sum, k| sum + samples[k * width + x] * weights[k])).collect();
        for isa in Isa::available() {
            let case = format!("{taps} rows of {width}, {}", isa.name());
            let mut out = Poisoned::room(width, width, 1);
            weighted(isa, &slices, &weights, out.slice_mut());
            assert_same_bits(&case, &out.written(&case), &expected);
        }
    }
}

pub(crate) fn interleaved_filters_agree_with_their_definition() {
    for (phases, taps) in (1..=MOST_PHASES).flat_map(|phases| (0..7).map(move |taps| (phases, taps))) {
        for count in WIDTHS {
            let phases: Vec<Phase> =
                (0..phases).map(|p| Phase { start: p % 2, weights: Pattern::Noise.weights(taps, p as u32) }).collect();
            let row = Pattern::Noise.values(count + taps + 1, 9);
            let expected: Vec<f32> = (0..count * phases.len())
                .map(|x| {
                    let (i, phase) = (x / phases.len(), &phases[x % phases.len()]);
                    (0..taps).fold(0.0, |sum, k| sum + row[phase.start + i + k] * phase.weights[k])
                })
                .collect();
            let row = Poisoned::row(&row);
            for isa in Isa::available() {
                let case = format!("{} phases of {taps} taps, {count} outputs, {}", phases.len(), isa.name());
                let mut out = Poisoned::room(expected.len(), expected.len(), 1);
                interleaved(isa, row.slice(), &phases, out.slice_mut());
                assert_same_bits(&case, &out.written(&case), &expected);
            }
        }
    }
}

#[test]
fn wrong_lengths_are_refused() {
    let isa = Isa::best();
    let phase = |start, taps| Phase { start, weights: vec![1.0; taps] };
    assert_panics("weights", || weighted(isa, &[&[1.0; 3]], &[1.0, 2.0], &mut [0.0; 3]));
    assert_panics("a short row", || weighted(isa, &[&[1.0; 2]], &[1.0], &mut [0.0; 3]));
    let refused = |case, samples, phases: &[Phase], outputs| {
        assert_panics(case, || interleaved(isa, &vec![1.0; samples], phases, &mut vec![0.0; outputs]));
    };
    refused("no phase", 9, &[], 3);
    refused("phases", 9, &vec![phase(0, 1); MOST_PHASES + 1], MOST_PHASES + 1);
    refused("outputs", 9, &[phase(0, 1), phase(0, 1)], 3);
    refused("samples", 5, &[phase(1, 3)], 3);
    interleaved(isa, &[1.0; 6], &[phase(1, 3)], &mut [0.0; 3]);
}
