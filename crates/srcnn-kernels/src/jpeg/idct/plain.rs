//! The transform in plain Rust.

use super::constants::{CONSTANT_BITS, EVEN, FIRST, Factors, INNER, OUTER, PASS_BITS, SECOND, SUMS};

/// The samples of a block, written to 8 rows that are `stride` apart.
#[inline(always)]
pub(in crate::jpeg) fn transform(block: &[i16; 64], steps: &[i16; 64], out: &mut [u8], stride: usize) {
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
        transposed(&pass::<FIRST>(&numbers))
    };
    let samples = pass::<SECOND>(&between);
    let samples = transposed(&samples.map(sample));
    for (row, samples) in out.chunks_mut(stride).zip(samples.as_chunks::<8>().0) {
        row[..8].copy_from_slice(samples);
    }
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
fn pass<const SHIFT: i32>(block: &[i16; 64]) -> [i16; 64] {
    let mut out = [0; 64];
    for x in 0..8 {
        let [v0, v1, v2, v3, v4, v5, v6, v7]: [i16; 8] = std::array::from_fn(|y| block[8 * y + x]);
        let sum = i32::from(v0.wrapping_add(v4)) << CONSTANT_BITS;
        let difference = i32::from(v0.wrapping_sub(v4)) << CONSTANT_BITS;
        let [high, low] = EVEN.map(|factors| products(v2, v6, factors));
        let even = [
            sum.wrapping_add(high),
            difference.wrapping_add(low),
            difference.wrapping_sub(low),
            sum.wrapping_sub(high),
        ];
        let [sums, others] = SUMS.map(|factors| products(v7.wrapping_add(v3), v5.wrapping_add(v1), factors));
        let [first, fourth] = OUTER.map(|factors| products(v7, v1, factors));
        let [second, third] = INNER.map(|factors| products(v5, v3, factors));
        let odd = [
            first.wrapping_add(sums),
            second.wrapping_add(others),
            third.wrapping_add(sums),
            fourth.wrapping_add(others),
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

/// The sum of two products.
#[inline(always)]
fn products(a: i16, b: i16, factors: Factors) -> i32 {
    i32::from(a) * i32::from(factors[0]) + i32::from(b) * i32::from(factors[1])
}
