//! Pixels to planes.

use super::channels::check;
use crate::isa::Isa;
use crate::kernel::loops_for_isa;

/// Splits interleaved 8-bit pixels into their channels, scaled to 0.0 to 1.0: each sample divided by 255, rounded once.
///
/// # Panics
/// If there are no planes or more than [`MOST_CHANNELS`](super::MOST_CHANNELS), or their lengths are not the number of pixels.
pub fn split_u8(isa: Isa, pixels: &[u8], planes: &mut [&mut [f32]]) {
    check(pixels.len(), planes);
    loops_for_isa!(SplitU8, isa, u8_body(pixels: &[u8], planes: &mut [&mut [f32]]));
}

/// Splits interleaved 16-bit pixels into their channels, scaled to 0.0 to 1.0: each sample divided by 65535, rounded once.
///
/// # Panics
/// As [`split_u8`].
pub fn split_u16(isa: Isa, pixels: &[u16], planes: &mut [&mut [f32]]) {
    check(pixels.len(), planes);
    loops_for_isa!(SplitU16, isa, u16_body(pixels: &[u16], planes: &mut [&mut [f32]]));
}

#[inline(always)]
fn u8_body(pixels: &[u8], planes: &mut [&mut [f32]]) {
    body(pixels, planes, |v| f32::from(v) / 255.0);
}

#[inline(always)]
fn u16_body(pixels: &[u16], planes: &mut [&mut [f32]]) {
    body(pixels, planes, |v| f32::from(v) / 65535.0);
}

#[inline(always)]
fn body<T: Copy>(pixels: &[T], planes: &mut [&mut [f32]], unit: impl Fn(T) -> f32) {
    match planes {
        [a] => a.iter_mut().zip(pixels).for_each(|(to, &v)| *to = unit(v)),
        [a, b] => {
            for ((a, b), &[va, vb]) in a.iter_mut().zip(b.iter_mut()).zip(pixels.as_chunks::<2>().0) {
                (*a, *b) = (unit(va), unit(vb));
            }
        }
        [a, b, c] => {
            let planes = a.iter_mut().zip(b.iter_mut()).zip(c.iter_mut());
            for (((a, b), c), &[va, vb, vc]) in planes.zip(pixels.as_chunks::<3>().0) {
                (*a, *b, *c) = (unit(va), unit(vb), unit(vc));
            }
        }
        [a, b, c, d] => {
            let planes = a.iter_mut().zip(b.iter_mut()).zip(c.iter_mut()).zip(d.iter_mut());
            for ((((a, b), c), d), &[va, vb, vc, vd]) in planes.zip(pixels.as_chunks::<4>().0) {
                (*a, *b, *c, *d) = (unit(va), unit(vb), unit(vc), unit(vd));
            }
        }
        _ => {}
    }
}
