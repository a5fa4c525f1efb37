//! Numbers of the inverse transform.

/// Samples of a side of a block.
pub(super) const SIDE: usize = 8;
/// Fraction bits of the constants.
pub(super) const CONSTANT_BITS: i32 = 13;
/// Fraction bits of what is between the passes.
pub(super) const PASS_BITS: i32 = 2;
/// Bits that the first pass drops, and the second one: with those of a scale of 8.
pub(super) const FIRST: i32 = CONSTANT_BITS - PASS_BITS;
pub(super) const SECOND: i32 = CONSTANT_BITS + PASS_BITS + 3;

/// The two constants, times 2 to the 13th, by which two coefficients or sums of them are multiplied to be added.
pub(super) type Factors = [i16; 2];

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
pub(super) const EVEN: [Factors; 2] = [[C0_541 + C0_765, C0_541], [C0_541, C0_541 - C1_847]];
/// Of coefficients 7 + 3 and 5 + 1, for odd coefficients 0 and 2, and 1 and 3.
pub(super) const SUMS: [Factors; 2] = [[C1_175, C1_175 - C0_390], [C1_175 - C1_961, C1_175]];
/// Of coefficients 7 and 1, for odd coefficients 0 and 3.
pub(super) const OUTER: [Factors; 2] = [[-C0_899, C1_501 - C0_899], [C0_298 - C0_899, -C0_899]];
/// Of coefficients 5 and 3, for odd coefficients 1 and 2.
pub(super) const INNER: [Factors; 2] = [[-C2_562, C3_072 - C2_562], [C2_053 - C2_562, -C2_562]];
