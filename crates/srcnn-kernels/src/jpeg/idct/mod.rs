//! Dequantisation and the inverse discrete cosine transform in integers: the algorithm of Loeffler, Ligtenberg and
//! Moschytz (ICASSP 1989) with constants of 13 bits and 2 more bits between the passes, as libjpeg's `islow`. What does
//! not fit into 16 bits, in files that no encoder makes, wraps and saturates as in libjpeg-turbo's code for x86.

mod constants;
#[cfg(any(test, not(target_arch = "x86_64")))]
pub(super) mod plain;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(not(target_arch = "x86_64"))]
use plain::transform;
#[cfg(target_arch = "x86_64")]
use x86::transform;

use constants::{PASS_BITS, SIDE};

use crate::isa::Isa;
use crate::kernel::loops_for_isa;

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
