use crate::isa::Isa;
use crate::jpeg::{Block, ForwardDct};
use crate::proof::panics::assert_panics;
use crate::proof::poison::POISON;

/// How far a number may be from a half that the definition rounds the other way. Of this, taking off what goes toward zero makes
/// at most 1/32: one rounding of a quotient below 2048, by 2 to the -14th.
const TOLERANCE: f64 = 1.0 / 512.0;
/// Below, at and above the blocks of one vector and of two.
const BLOCKS: [usize; 6] = [0, 1, 2, 3, 4, 5];

/// The definition (T.81, A.3.3), column by column.
fn definition(samples: &[f32; 64]) -> [f64; 64] {
    let scale = |k: usize| if k == 0 { 0.5_f64.sqrt() } else { 1.0 };
    let cosine = |n: usize, k: usize| ((2 * n + 1) as f64 * k as f64 * std::f64::consts::PI / 16.0).cos();
    std::array::from_fn(|at| {
        let (u, v) = (at / 8, at % 8);
        let term = |i: usize| f64::from(samples[i]) * cosine(i % 8, u) * cosine(i / 8, v);
        (0..64).map(term).sum::<f64>() * scale(u) * scale(v) / 4.0
    })
}

/// Blocks of samples: noise, extremes, impulses and each cosine at full swing.
fn pictures() -> Vec<[f32; 64]> {
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as f32 - 128.0
    };
    let mut blocks: Vec<[f32; 64]> = (0..40).map(|_| std::array::from_fn(|_| noise())).collect();
    blocks.extend([-128.0, -0.5, 0.0, 0.25, 127.0, 128.0].map(|v| [v; 64]));
    blocks.push(std::array::from_fn(|i| if (i / 8 + i) % 2 == 0 { 127.0 } else { -128.0 }));
    for k in 0..64 {
        blocks.push(std::array::from_fn(|i| if i == k { 127.0 } else { 0.0 }));
        let wave = |i: usize| {
            let cosine = |n: usize, k: usize| ((2 * n + 1) as f64 * k as f64 * std::f64::consts::PI / 16.0).cos();
            cosine(i % 8, k / 8) * cosine(i / 8, k % 8)
        };
        blocks.push(std::array::from_fn(|i| if wave(i) > 0.0 { 127.0 } else { -128.0 }));
    }
    blocks
}

/// Transforms blocks side by side; what is not theirs is poison.
fn run(dct: &ForwardDct, blocks: &[[f32; 64]]) -> Vec<Block> {
    let stride = 8 * blocks.len().next_multiple_of(2) + 3;
    let mut samples = vec![POISON; 8 * stride];
    for (at, block) in blocks.iter().enumerate() {
        for (y, row) in block.chunks_exact(8).enumerate() {
            samples[y * stride + 8 * at..][..8].copy_from_slice(row);
        }
    }
    let mut out = vec![Block { values: [99; 64], nonzero: 99 }; blocks.len()];
    dct.run(&samples, stride, &mut out);
    out
}

pub(crate) fn coefficients_agree_with_their_definition() {
    let pictures = pictures();
    // All ones, steps of their own, large ones; nothing toward zero, numbers of their own, nearly half a step.
    let tables = [[1; 64], std::array::from_fn(|i| 1 + 7 * i as u16 % 50), [255; 64]];
    let zones = [[0.0; 64], std::array::from_fn(|i| (11 * i % 64) as f32 / 130.0), [0.499; 64]];
    for (steps, toward_zero) in tables.iter().flat_map(|steps| zones.iter().map(move |zone| (steps, zone))) {
        let best = run(&ForwardDct::new(Isa::best(), steps, toward_zero), &pictures);
        for isa in Isa::available() {
            let dct = ForwardDct::new(isa, steps, toward_zero);
            let blocks = run(&dct, &pictures);
            assert_eq!(blocks, best, "{isa:?}");
            for (block, samples) in blocks.iter().zip(&pictures) {
                for (i, exact) in definition(samples).into_iter().enumerate() {
                    let by = f64::from(toward_zero[i % 8 * 8 + i / 8]);
                    let exact = exact / f64::from(steps[i % 8 * 8 + i / 8]);
                    let less = (exact.abs() - by).max(0.0).copysign(exact);
                    let value = block.values[i];
                    assert!((f64::from(value) - less).abs() <= 0.5 + TOLERANCE, "{isa:?}, {i}: {value}, {exact}, {by}");
                    assert_eq!(block.nonzero >> i & 1 == 1, value != 0, "{isa:?}, {i}");
                }
            }
            for count in BLOCKS {
                for (part, expected) in pictures.chunks_exact(count.max(1)).zip(blocks.chunks_exact(count.max(1))) {
                    assert_eq!(run(&dct, &part[..count]), expected[..count], "{isa:?}, {count}");
                }
            }
        }
    }
}

#[test]
fn the_dead_zone_is_that_of_its_definition() {
    // A sample of DC alone gives a quotient of 8 / 8 its value; the other coefficients are 0.
    let steps = [8; 64];
    for isa in Isa::available() {
        for by in [0.0, 0.0625, 0.25, 0.4375] {
            let dct = ForwardDct::new(isa, &steps, &[by; 64]);
            let levels = (-64..=64).map(|i| i as f32 / 16.0);
            for (level, block) in levels.clone().zip(run(&dct, &levels.map(|v| [v; 64]).collect::<Vec<_>>())) {
                let less = (f64::from(level.abs()) - f64::from(by)).max(0.0).round_ties_even().copysign(level.into());
                assert_eq!(f64::from(block.values[0]), less, "{isa:?}: {level}, {by}");
                assert_eq!(block.values[1..], [0; 63], "{isa:?}: {level}, {by}");
            }
        }
    }
}

#[test]
fn too_few_samples_and_steps_of_0_are_refused() {
    let isa = Isa::best();
    let dct = ForwardDct::new(isa, &[1; 64], &[0.0; 64]);
    // A row of two blocks is read even for one.
    dct.run(&[0.0; 128], 16, &mut [Block::ZERO]);
    assert_panics("samples", || dct.run(&[0.0; 127], 16, &mut [Block::ZERO]));
    assert_panics("stride", || dct.run(&[0.0; 128], 15, &mut [Block::ZERO]));
    assert_panics("blocks", || dct.run(&[0.0; 128], 16, &mut [Block::ZERO; 3]));
    let mut steps = [1; 64];
    steps[63] = 0;
    assert_panics("step", || ForwardDct::new(isa, &steps, &[0.0; 64]));
    for by in [0.5, -0.1, f32::NAN] {
        assert_panics("toward zero", || ForwardDct::new(isa, &[1; 64], &[by; 64]));
    }
}
