//! The transform by SSE2, which every CPU of this architecture has: a vector is a row.

use std::arch::x86_64::*;

use super::constants::{CONSTANT_BITS, EVEN, FIRST, Factors, INNER, OUTER, PASS_BITS, SECOND, SIDE, SUMS};

/// A block, row by row.
type Rows = [__m128i; SIDE];

/// The samples of a block, written to 8 rows that are `stride` apart.
#[inline(always)]
pub(super) fn transform(block: &[i16; 64], steps: &[i16; 64], out: &mut [u8], stride: usize) {
    let (block, steps) = (rows(block), rows(steps));
    // SAFETY: the architecture has the instructions.
    unsafe {
        let mut numbers = block;
        let mut below = _mm_setzero_si128();
        for y in 0..SIDE {
            numbers[y] = _mm_mullo_epi16(block[y], steps[y]);
            if y > 0 {
                below = _mm_or_si128(below, block[y]);
            }
        }
        let between = if _mm_movemask_epi8(_mm_cmpeq_epi8(below, _mm_setzero_si128())) == 0xFFFF {
            // Only the first row.
            spread(_mm_slli_epi16::<PASS_BITS>(numbers[0]))
        } else {
            transposed(pass::<FIRST>(numbers))
        };
        let samples = transposed(pass::<SECOND>(between));
        for (pair, y) in samples.as_chunks::<2>().0.iter().zip((0..SIDE).step_by(2)) {
            // From -128..=127 to 0..=255.
            let bytes = _mm_xor_si128(_mm_packs_epi16(pair[0], pair[1]), _mm_set1_epi8(-128));
            let mut both = [0_u8; 2 * SIDE];
            _mm_storeu_si128(both.as_mut_ptr().cast(), bytes);
            out[y * stride..][..SIDE].copy_from_slice(&both[..SIDE]);
            out[(y + 1) * stride..][..SIDE].copy_from_slice(&both[SIDE..]);
        }
    }
}

#[inline(always)]
fn rows(block: &[i16; 64]) -> Rows {
    // SAFETY: the architecture has the instructions.
    let mut rows = unsafe { [_mm_setzero_si128(); SIDE] };
    for (row, numbers) in rows.iter_mut().zip(block.as_chunks::<SIDE>().0) {
        // SAFETY: a row has 16 bytes.
        *row = unsafe { _mm_loadu_si128(numbers.as_ptr().cast()) };
    }
    rows
}

/// Rows of which each has one number of `row` in all places.
///
/// # Safety
/// SSE2.
#[inline(always)]
unsafe fn spread(row: __m128i) -> Rows {
    // SAFETY: guaranteed by the caller.
    unsafe {
        let (low, high) = (_mm_unpacklo_epi16(row, row), _mm_unpackhi_epi16(row, row));
        [
            _mm_shuffle_epi32::<0x00>(low),
            _mm_shuffle_epi32::<0x55>(low),
            _mm_shuffle_epi32::<0xAA>(low),
            _mm_shuffle_epi32::<0xFF>(low),
            _mm_shuffle_epi32::<0x00>(high),
            _mm_shuffle_epi32::<0x55>(high),
            _mm_shuffle_epi32::<0xAA>(high),
            _mm_shuffle_epi32::<0xFF>(high),
        ]
    }
}

/// Place `x` of row `y` becomes place `y` of row `x`.
///
/// # Safety
/// SSE2.
#[inline(always)]
unsafe fn transposed(rows: Rows) -> Rows {
    let mut rows = rows;
    // Rows `y` and `y + 4` are interleaved to rows `2 y` and `2 y + 1`, three times.
    for _ in 0..3 {
        let before = rows;
        for y in 0..SIDE / 2 {
            // SAFETY: guaranteed by the caller.
            unsafe {
                rows[2 * y] = _mm_unpacklo_epi16(before[y], before[y + SIDE / 2]);
                rows[2 * y + 1] = _mm_unpackhi_epi16(before[y], before[y + SIDE / 2]);
            }
        }
    }
    rows
}

/// Transforms the columns, and drops `SHIFT` fraction bits.
///
/// # Safety
/// SSE2.
#[inline(always)]
unsafe fn pass<const SHIFT: i32>([v0, v1, v2, v3, v4, v5, v6, v7]: Rows) -> Rows {
    // SAFETY: guaranteed by the caller.
    unsafe {
        let (s73, s51) = (_mm_add_epi16(v7, v3), _mm_add_epi16(v5, v1));
        let (sum, difference) = (wide(_mm_add_epi16(v0, v4)), wide(_mm_sub_epi16(v0, v4)));
        let (high, low) = (products(v2, v6, EVEN[0]), products(v2, v6, EVEN[1]));
        let (sums, others) = (products(s73, s51, SUMS[0]), products(s73, s51, SUMS[1]));
        let first = add(products(v7, v1, OUTER[0]), sums);
        let second = add(products(v5, v3, INNER[0]), others);
        let third = add(products(v5, v3, INNER[1]), sums);
        let fourth = add(products(v7, v1, OUTER[1]), others);
        let (even0, even1, even2, even3) = (add(sum, high), add(difference, low), sub(difference, low), sub(sum, high));
        [
            rounded::<SHIFT>(add(even0, first)),
            rounded::<SHIFT>(add(even1, second)),
            rounded::<SHIFT>(add(even2, third)),
            rounded::<SHIFT>(add(even3, fourth)),
            rounded::<SHIFT>(sub(even3, fourth)),
            rounded::<SHIFT>(sub(even2, third)),
            rounded::<SHIFT>(sub(even1, second)),
            rounded::<SHIFT>(sub(even0, first)),
        ]
    }
}

/// Eight numbers of 32 bits.
type Wide = [__m128i; 2];

/// Numbers with the fraction bits of the constants.
///
/// # Safety
/// SSE2.
#[inline(always)]
unsafe fn wide(v: __m128i) -> Wide {
    const DOWN: i32 = 16 - CONSTANT_BITS;
    // SAFETY: guaranteed by the caller.
    unsafe {
        let zero = _mm_setzero_si128();
        [_mm_srai_epi32::<DOWN>(_mm_unpacklo_epi16(zero, v)), _mm_srai_epi32::<DOWN>(_mm_unpackhi_epi16(zero, v))]
    }
}

/// Sums of two products.
///
/// # Safety
/// SSE2.
#[inline(always)]
unsafe fn products(a: __m128i, b: __m128i, [first, second]: Factors) -> Wide {
    let both = i32::from(first as u16) | i32::from(second) << 16;
    // SAFETY: guaranteed by the caller.
    unsafe {
        let factors = _mm_set1_epi32(both);
        [_mm_madd_epi16(_mm_unpacklo_epi16(a, b), factors), _mm_madd_epi16(_mm_unpackhi_epi16(a, b), factors)]
    }
}

/// # Safety
/// SSE2.
#[inline(always)]
unsafe fn add(a: Wide, b: Wide) -> Wide {
    // SAFETY: guaranteed by the caller.
    unsafe { [_mm_add_epi32(a[0], b[0]), _mm_add_epi32(a[1], b[1])] }
}

/// # Safety
/// SSE2.
#[inline(always)]
unsafe fn sub(a: Wide, b: Wide) -> Wide {
    // SAFETY: guaranteed by the caller.
    unsafe { [_mm_sub_epi32(a[0], b[0]), _mm_sub_epi32(a[1], b[1])] }
}

/// Numbers of 16 bits without the fraction bits.
///
/// # Safety
/// SSE2.
#[inline(always)]
unsafe fn rounded<const SHIFT: i32>(v: Wide) -> __m128i {
    // SAFETY: guaranteed by the caller.
    unsafe {
        let half = _mm_set1_epi32(1 << (SHIFT - 1));
        _mm_packs_epi32(
            _mm_srai_epi32::<SHIFT>(_mm_add_epi32(v[0], half)),
            _mm_srai_epi32::<SHIFT>(_mm_add_epi32(v[1], half)),
        )
    }
}
