//! Dequantisation and the inverse discrete cosine transform in integers: the algorithm of Loeffler, Ligtenberg and
//! Moschytz (ICASSP 1989) with constants of 13 bits and 2 more bits between the passes, as libjpeg's `islow`. What does
//! not fit into 16 bits, in files that no encoder makes, wraps and saturates as in libjpeg-turbo's code for x86.

#[cfg(any(test, not(target_arch = "x86_64")))]
pub(super) mod plain;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(not(target_arch = "x86_64"))]
use plain::transform;
#[cfg(target_arch = "x86_64")]
use x86::transform;

use crate::isa::Isa;
use crate::kernel::loops_for_isa;

/// Samples of a side of a block.
const SIDE: usize = 8;
/// Fraction bits of the constants.
const CONSTANT_BITS: i32 = 13;
/// Fraction bits of what is between the passes.
const PASS_BITS: i32 = 2;
/// Bits that the first pass drops, and the second one: with those of a scale of 8.
const FIRST: i32 = CONSTANT_BITS - PASS_BITS;
const SECOND: i32 = CONSTANT_BITS + PASS_BITS + 3;

/// The two constants, times 2 to the 13th, by which two coefficients or sums of them are multiplied to be added.
type Factors = [i16; 2];

const C0_298: i16 = 2446;
const C0_390: i16 = 3196;
const C0_541: i16 = 4433;
const C0_765: i16 = 6270;
const C0_899: i16 = 7373;
const C1_175: i16 = 9633;
const C1_501: i16 = 12_299;
const C1_847: i16 = 15_137;
const C1_961: i16 = 16_069;
const C2_053: i16 = 16_819;
const C2_562: i16 = 20_995;
const C3_072: i16 = 25_172;

/// Of coefficients 2 and 6.
const EVEN: [Factors; 2] = [[C0_541 + C0_765, C0_541], [C0_541, C0_541 - C1_847]];
/// Of coefficients 7 + 3 and 5 + 1, for odd coefficients 0 and 2, and 1 and 3.
const SUMS: [Factors; 2] = [[C1_175, C1_175 - C0_390], [C1_175 - C1_961, C1_175]];
/// Of coefficients 7 and 1, for odd coefficients 0 and 3.
const OUTER: [Factors; 2] = [[-C0_899, C1_501 - C0_899], [C0_298 - C0_899, -C0_899]];
/// Of coefficients 5 and 3, for odd coefficients 1 and 2.
const INNER: [Factors; 2] = [[-C2_562, C3_072 - C2_562], [C2_053 - C2_562, -C2_562]];

/// The samples of a block, written to 8 rows that are `stride` apart. Coefficients and quantisation steps are row by row.
///
/// # Panics
/// If there is no room for 8 rows of 8 samples.
pub fn inverse_dct(isa: Isa, block: &[i16; 64], steps: &[i16; 64], out: &mut [u8], stride: usize) {
    assert!(stride >= SIDE && out.len() >= (SIDE - 1) * stride + SIDE, "room for 8 rows");
    loops_for_isa!(
        JpegInverseDct,
        isa,
        transform(block: &[i16; 64], steps: &[i16; 64], out: &mut [u8], stride: usize)
    );
}

/// The same for a block whose only coefficient is the first one.
///
/// # Panics
/// As [`inverse_dct`].
pub fn inverse_dct_flat(dc: i16, step: i16, out: &mut [u8], stride: usize) {
    let between = i32::from(dc.wrapping_mul(step) << PASS_BITS);
    let value = ((between + (1 << (PASS_BITS + 2))) >> (PASS_BITS + 3)).clamp(-128, 127) + 128;
    (0..SIDE).for_each(|y| out[y * stride..][..SIDE].fill(value as u8));
}
