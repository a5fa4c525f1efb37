//! Planes to pixels.

use super::MOST_CHANNELS;
use crate::isa::Isa;
use crate::kernel::loops_for_isa;

/// Pixels that are converted at a time, so that their samples stay in the first-level cache.
const CHUNK: usize = 64;

/// Joins planes to interleaved 8-bit pixels, as MATLAB's `uint8(255 x)`: 0.0 to 1.0 becomes 0 to 255, rounded to nearest,
/// halves up, by the exact product; values outside are clamped, and NaN becomes 0.
///
/// # Panics
/// If there are no planes or more than [`MOST_CHANNELS`], or their lengths are not the number of pixels.
pub fn join_u8(isa: Isa, planes: &[&[f32]], pixels: &mut [u8]) {
    check(pixels.len(), planes);
    loops_for_isa!(JoinU8, isa, u8_body(planes: &[&[f32]], pixels: &mut [u8]));
}

/// Joins planes to interleaved 16-bit pixels, as MATLAB's `uint16(65535 x)`; otherwise as [`join_u8`].
///
/// # Panics
/// As [`join_u8`].
pub fn join_u16(isa: Isa, planes: &[&[f32]], pixels: &mut [u16]) {
    check(pixels.len(), planes);
    loops_for_isa!(JoinU16, isa, u16_body(planes: &[&[f32]], pixels: &mut [u16]));
}

fn check(samples: usize, planes: &[&[f32]]) {
    assert!((1..=MOST_CHANNELS).contains(&planes.len()), "1 to {MOST_CHANNELS} channels");
    assert!(planes.iter().all(|plane| plane.len() * planes.len() == samples), "one sample a pixel and channel");
}

#[inline(always)]
fn u8_body(planes: &[&[f32]], pixels: &mut [u8]) {
    body(planes, pixels, |v| round(v, 256.0) as u8);
}

#[inline(always)]
fn u16_body(planes: &[&[f32]], pixels: &mut [u16]) {
    body(planes, pixels, |v| round(v, 65536.0) as u16);
}

/// `(levels - 1) * value`, rounded to nearest, halves up; `levels` is a power of two.
#[inline(always)]
fn round(value: f32, levels: f32) -> i32 {
    // Comparisons that NaN fails.
    let value = if value > 0.0 { value } else { 0.0 };
    let value = if value < 1.0 { value } else { 1.0 };
    // The product is `levels * value`, which is exact, less the value. What rounding takes away from the difference is
    // computed exactly (Dekker's fast two-sum).
    let large = levels * value;
    let product = large - value;
    let lost = -value - (product - large);
    let below = product as i32;
    let fraction = product - below as f32;
    // Rounding the product passes no half; on a half, what was lost decides.
    let up = (fraction > 0.5) | ((fraction == 0.5) & (lost >= 0.0));
    below + i32::from(up)
}

#[inline(always)]
fn body<T: Copy + Default>(planes: &[&[f32]], pixels: &mut [T], store: impl Fn(f32) -> T) {
    let mut samples = [[T::default(); CHUNK]; MOST_CHANNELS];
    let mut begin = 0;
    for pixels in pixels.chunks_mut(CHUNK * planes.len()) {
        let count = pixels.len() / planes.len();
        for (plane, samples) in planes.iter().zip(&mut samples) {
            let plane = &plane[begin..begin + count];
            samples.iter_mut().zip(plane).for_each(|(to, &value)| *to = store(value));
        }
        match planes.len() {
            1 => pixels.copy_from_slice(&samples[0][..count]),
            2 => interleave::<T, 2>(&samples, pixels),
            3 => interleave::<T, 3>(&samples, pixels),
            _ => interleave::<T, 4>(&samples, pixels),
        }
        begin += count;
    }
}

#[inline(always)]
fn interleave<T: Copy, const C: usize>(samples: &[[T; CHUNK]; MOST_CHANNELS], pixels: &mut [T]) {
    let (pixels, _) = pixels.as_chunks_mut::<C>();
    for (i, pixel) in pixels.iter_mut().enumerate().take(CHUNK) {
        for c in 0..C {
            pixel[c] = samples[c][i];
        }
    }
}
