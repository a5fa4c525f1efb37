//! Dequantisation and the inverse discrete cosine transform in integers: the algorithm of Loeffler, Ligtenberg and
//! Moschytz (ICASSP 1989) with constants of 13 bits and 2 more bits between the passes, as libjpeg's `islow`. What does
//! not fit into 16 bits, in files that no encoder makes, wraps and saturates as in libjpeg-turbo's code for x86.

use super::block::Block;

/// Fraction bits of the constants.
const CONSTANT_BITS: u32 = 13;
/// Fraction bits of what is between the passes.
const PASS_BITS: u32 = 2;

// The constants, times 2 to the 13th.
const C0_298: i32 = 2446;
const C0_390: i32 = 3196;
const C0_541: i32 = 4433;
const C0_765: i32 = 6270;
const C0_899: i32 = 7373;
const C1_175: i32 = 9633;
const C1_501: i32 = 12_299;
const C1_847: i32 = 15_137;
const C1_961: i32 = 16_069;
const C2_053: i32 = 16_819;
const C2_562: i32 = 20_995;
const C3_072: i32 = 25_172;

/// The samples of a block, written to 8 rows that are `stride` apart.
pub(super) fn transform(block: &Block, steps: &Block, out: &mut [u8], stride: usize) {
    let mut numbers = *block;
    numbers.iter_mut().zip(steps).for_each(|(number, step)| *number = number.wrapping_mul(*step));
    let between = if block[8..].iter().fold(0, |any, number| any | number) == 0 {
        // Only the first row.
        let mut columns = [0; 64];
        for (column, number) in columns.as_chunks_mut::<8>().0.iter_mut().zip(numbers) {
            *column = [number << PASS_BITS; 8];
        }
        columns
    } else {
        transposed(&pass::<{ CONSTANT_BITS - PASS_BITS }>(&numbers))
    };
    let samples = pass::<{ CONSTANT_BITS + PASS_BITS + 3 }>(&between);
    let samples = transposed(&samples.map(sample));
    for (row, samples) in out.chunks_mut(stride).zip(samples.as_chunks::<8>().0) {
        row[..8].copy_from_slice(samples);
    }
}

/// The same for a block whose only coefficient is the first one.
pub(super) fn transform_flat(dc: i16, step: i16, out: &mut [u8], stride: usize) {
    let between = i32::from(dc.wrapping_mul(step) << PASS_BITS);
    let value = sample(((between + (1 << (PASS_BITS + 2))) >> (PASS_BITS + 3)) as i16);
    out.chunks_mut(stride).take(8).for_each(|row| row[..8].fill(value));
}

/// A sample from its difference to the middle.
#[inline(always)]
fn sample(number: i16) -> u8 {
    (number.clamp(-128, 127) + 128) as u8
}

#[inline(always)]
fn transposed<T: Copy + Default>(block: &[T; 64]) -> [T; 64] {
    let mut out = [T::default(); 64];
    for y in 0..8 {
        for x in 0..8 {
            out[8 * y + x] = block[8 * x + y];
        }
    }
    out
}

/// Transforms the columns, and drops `SHIFT` fraction bits.
#[inline(always)]
fn pass<const SHIFT: u32>(block: &Block) -> Block {
    let mut out = [0; 64];
    for x in 0..8 {
        let [v0, v1, v2, v3, v4, v5, v6, v7]: [i16; 8] = std::array::from_fn(|y| block[8 * y + x]);
        let wide = |v: i16| i32::from(v);
        // Even coefficients.
        let sum = wide(v0.wrapping_add(v4)) << CONSTANT_BITS;
        let difference = wide(v0.wrapping_sub(v4)) << CONSTANT_BITS;
        let low = wide(v2) * C0_541 + wide(v6) * (C0_541 - C1_847);
        let high = wide(v2) * (C0_541 + C0_765) + wide(v6) * C0_541;
        let even = [
            sum.wrapping_add(high),
            difference.wrapping_add(low),
            difference.wrapping_sub(low),
            sum.wrapping_sub(high),
        ];
        // Odd coefficients.
        let (a, b) = (wide(v7.wrapping_add(v3)), wide(v5.wrapping_add(v1)));
        let (c, d) = (a * (C1_175 - C1_961) + b * C1_175, a * C1_175 + b * (C1_175 - C0_390));
        let [v1, v3, v5, v7] = [v1, v3, v5, v7].map(wide);
        let odd = [
            (v7 * -C0_899 + v1 * (C1_501 - C0_899)).wrapping_add(d),
            (v5 * -C2_562 + v3 * (C3_072 - C2_562)).wrapping_add(c),
            (v5 * (C2_053 - C2_562) + v3 * -C2_562).wrapping_add(d),
            (v7 * (C0_298 - C0_899) + v1 * -C0_899).wrapping_add(c),
        ];
        for (y, (even, odd)) in even.into_iter().zip(odd).enumerate() {
            let rounded = |v: i32| {
                (v.wrapping_add(1 << (SHIFT - 1)) >> SHIFT).clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
            };
            out[8 * y + x] = rounded(even.wrapping_add(odd));
            out[8 * (7 - y) + x] = rounded(even.wrapping_sub(odd));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition (T.81, A.3.3), in floating point.
    fn exact(block: &Block) -> [f64; 64] {
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

    #[test]
    fn samples_are_those_of_the_definition() {
        let mut state = 1_u32;
        for coefficients in [1, 2, 8, 64] {
            let mut block = [0; 64];
            for number in &mut block[..coefficients] {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *number = (state >> 24) as i16 - 128;
            }
            let mut samples = [0; 64];
            transform(&block, &[1; 64], &mut samples, 8);
            for (sample, exact) in samples.iter().zip(exact(&block)) {
                assert!((f64::from(*sample) - exact.clamp(0.0, 255.0)).abs() < 1.0);
            }
        }
    }

    #[test]
    fn flat_blocks_are_the_same_either_way() {
        for dc in i16::MIN..=i16::MAX {
            let mut block = [0; 64];
            block[0] = dc;
            let (mut one, mut other) = ([0; 64], [0; 64]);
            transform(&block, &[3; 64], &mut one, 8);
            transform_flat(dc, 3, &mut other, 8);
            assert_eq!(one, other);
        }
    }
}
