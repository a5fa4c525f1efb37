use crate::isa::Isa;
use crate::jpeg::idct::plain;
use crate::jpeg::{inverse_dct, inverse_dct_flat};
use crate::proof::panics::assert_panics;

/// The definition (T.81, A.3.3), in floating point.
fn definition(block: &[i16; 64]) -> [f64; 64] {
    std::array::from_fn(|at| {
        let (y, x) = (at / 8, at % 8);
        let cosine = |n: usize, k: usize| {
            let scale = if k == 0 { 0.5_f64.sqrt() } else { 1.0 };
            scale * ((2 * n + 1) as f64 * k as f64 * std::f64::consts::PI / 16.0).cos() / 2.0
        };
        let term = |k: usize| f64::from(block[k]) * cosine(y, k / 8) * cosine(x, k % 8);
        (0..64).map(term).sum::<f64>() + 128.0
    })
}

/// Blocks of noise in their first coefficients, of `bits` bits.
fn blocks(bits: u32) -> impl Iterator<Item = [i16; 64]> {
    let mut state = 1_u32;
    (0..200).flat_map(|_| [1, 2, 8, 9, 20, 64]).map(move |coefficients| {
        let mut block = [0; 64];
        for number in &mut block[..coefficients] {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *number = (state as i32 >> (32 - bits)) as i16;
        }
        block
    })
}

/// Samples in rows that are a little apart; what is between them must stay.
fn samples(isa: Isa, block: &[i16; 64], steps: &[i16; 64]) -> [u8; 64] {
    let mut out = [77; 7 * 11 + 8];
    inverse_dct(isa, block, steps, &mut out, 11);
    assert!(out.chunks(11).all(|row| row[8..].iter().all(|sample| *sample == 77)));
    std::array::from_fn(|i| out[i / 8 * 11 + i % 8])
}

pub(crate) fn samples_agree_with_their_definition() {
    for isa in Isa::available() {
        for block in blocks(8) {
            for (sample, exact) in samples(isa, &block, &[1; 64]).into_iter().zip(definition(&block)) {
                assert!((f64::from(sample) - exact.clamp(0.0, 255.0)).abs() < 1.0, "{isa:?}: {block:?}");
            }
        }
        // Numbers that wrap and saturate, too.
        let steps = std::array::from_fn(|i| 1 + 37 * i as i16 % 255);
        for bits in [8, 11, 13, 16] {
            for block in blocks(bits) {
                let mut plain = [0; 64];
                plain::transform(&block, &steps, &mut plain, 8);
                assert_eq!(samples(isa, &block, &steps), plain, "{isa:?}: {block:?}");
            }
        }
    }
}

#[test]
fn flat_blocks_are_the_same_either_way() {
    for dc in i16::MIN..=i16::MAX {
        let mut block = [0; 64];
        block[0] = dc;
        let mut out = [0; 64];
        inverse_dct_flat(dc, 3, &mut out, 8);
        assert_eq!(samples(Isa::best(), &block, &[3; 64]), out);
    }
}

#[test]
fn too_little_room_is_refused() {
    let isa = Isa::best();
    inverse_dct(isa, &[1; 64], &[1; 64], &mut [0; 78], 10);
    assert_panics("a sample missing", || inverse_dct(isa, &[1; 64], &[1; 64], &mut [0; 77], 10));
    assert_panics("rows that overlap", || inverse_dct(isa, &[1; 64], &[1; 64], &mut [0; 100], 7));
}
