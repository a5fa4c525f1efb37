//! Planes to pixels.

use super::channels::check;
use crate::isa::Isa;
use crate::kernel::loops_for_isa;

/// Pixels that are converted at a time, so that their samples stay in the first-level cache.
const CHUNK: usize = 64;

/// Joins planes to interleaved 8-bit pixels, as MATLAB's `uint8(255 x)`: 0.0 to 1.0 becomes 0 to 255, rounded to nearest,
/// halves up, by the exact product; values outside are clamped, and NaN becomes 0.
///
/// # Panics
/// If there are no planes or more than [`MOST_CHANNELS`](super::MOST_CHANNELS), or their lengths are not the number of pixels.
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
    // SAFETY: from 0 to `levels`, at most 65536; the conversion that checks is not vectorised.
    let below: i32 = unsafe { product.to_int_unchecked() };
    let fraction = product - below as f32;
    // Rounding the product passes no half; on a half, what was lost decides.
    let up = (fraction > 0.5) | ((fraction == 0.5) & (lost >= 0.0));
    below + i32::from(up)
}

#[inline(always)]
fn body<T: Copy + Default>(planes: &[&[f32]], pixels: &mut [T], store: impl Fn(f32) -> T) {
    match planes {
        [a] => pixels.iter_mut().zip(*a).for_each(|(to, &value)| *to = store(value)),
        [a, b] => interleave([a, b], pixels, store),
        [a, b, c] => interleave([a, b, c], pixels, store),
        [a, b, c, d] => interleave([a, b, c, d], pixels, store),
        _ => {}
    }
}

#[inline(always)]
fn interleave<T: Copy + Default, const C: usize>(planes: [&[f32]; C], pixels: &mut [T], store: impl Fn(f32) -> T) {
    let (pixels, _) = pixels.as_chunks_mut::<C>();
    let (chunks, rest) = pixels.as_chunks_mut::<CHUNK>();
    let mut samples = [[T::default(); CHUNK]; C];
    let whole = chunks.len() * CHUNK;
    for (i, chunk) in chunks.iter_mut().enumerate() {
        for (samples, plane) in samples.iter_mut().zip(planes) {
            let plane = &plane[i * CHUNK..][..CHUNK];
            samples.iter_mut().zip(plane).for_each(|(to, &value)| *to = store(value));
        }
        for (x, pixel) in chunk.iter_mut().enumerate() {
            for c in 0..C {
                pixel[c] = samples[c][x];
            }
        }
    }
    for (x, pixel) in rest.iter_mut().enumerate() {
        *pixel = planes.map(|plane| store(plane[whole + x]));
    }
}
