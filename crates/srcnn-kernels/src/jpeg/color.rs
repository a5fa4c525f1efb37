//! Samples of 8 bits to luma and color differences (ITU-R BT.601 at full range, as JFIF has it, ITU-T T.871), less the middle,
//! and the color differences at half the resolution.

use crate::isa::Isa;
use crate::kernel::loops_for_isa;

/// Pixels at once.
const PIXELS: usize = 32;
/// The middle of the samples, by which luma is shifted (T.81, A.3.1).
const MIDDLE: f32 = 128.0;

/// Taken from color differences, so that halves are rounded down: those of the purest colors, 127.5 and -127.5, become the
/// largest and the smallest numbers that are stored.
const DOWN: f32 = 1.0 / 1024.0;

/// A row each of luma, less 128, and of blue's and red's difference to it: whole numbers of -128 to 127.
pub struct Planes<'a> {
    /// Y.
    pub luma: &'a mut [f32],
    /// Cb.
    pub blue: &'a mut [f32],
    /// Cr.
    pub red: &'a mut [f32],
}

/// A row of RGB to rows of luma and color differences.
///
/// # Panics
/// If the rows' lengths differ.
pub fn rgb_to_ycc(isa: Isa, rgb: &[u8], out: Planes<'_>) {
    let pixels = rgb.as_chunks::<3>().0;
    assert!(pixels.len() * 3 == rgb.len(), "whole pixels");
    let Planes { luma, blue, red } = out;
    assert!([luma.len(), blue.len(), red.len()] == [pixels.len(); 3], "a sample a pixel");
    loops_for_isa!(JpegColor, isa, convert(pixels: &[[u8; 3]], luma: &mut [f32], blue: &mut [f32], red: &mut [f32]));
}

#[inline(always)]
fn convert(pixels: &[[u8; 3]], luma: &mut [f32], blue: &mut [f32], red: &mut [f32]) {
    let (whole, rest) = pixels.as_chunks::<PIXELS>();
    let (lumas, luma_rest) = luma.as_chunks_mut();
    let (blues, blue_rest) = blue.as_chunks_mut();
    let (reds, red_rest) = red.as_chunks_mut();
    for (((pixels, luma), blue), red) in whole.iter().zip(lumas).zip(blues).zip(reds) {
        [*luma, *blue, *red] = converted(pixels);
    }
    let mut pixels = [[0; 3]; PIXELS];
    pixels[..rest.len()].copy_from_slice(rest);
    for (rest, converted) in [luma_rest, blue_rest, red_rest].into_iter().zip(converted(&pixels)) {
        rest.copy_from_slice(&converted[..rest.len()]);
    }
}

#[inline(always)]
fn converted(pixels: &[[u8; 3]; PIXELS]) -> [[f32; PIXELS]; 3] {
    let mut bytes = [[0; PIXELS]; 3];
    for (x, pixel) in pixels.iter().enumerate() {
        [bytes[0][x], bytes[1][x], bytes[2][x]] = *pixel;
    }
    let mut out = [[0.0; PIXELS]; 3];
    for x in 0..PIXELS {
        let [r, g, b] = [bytes[0][x], bytes[1][x], bytes[2][x]].map(f32::from);
        out[0][x] = whole(0.299 * r + 0.587 * g + (0.114 * b - MIDDLE));
        out[1][x] = whole(0.5 * b - (0.168_735_89 * r + 0.331_264_1 * g) - DOWN);
        out[2][x] = whole(0.5 * r - (0.418_687_6 * g + 0.081_312_41 * b) - DOWN);
    }
    out
}

/// The nearest whole number, halves to even, of numbers of at most 22 bits.
#[inline(always)]
fn whole(v: f32) -> f32 {
    // Floats of this size have no fraction: 1.5 times 2 to the 23rd.
    const WHOLE: f32 = 12_582_912.0;
    (v + WHOLE) - WHOLE
}

/// A row of grey to luma less 128.
///
/// # Panics
/// If the rows' lengths differ.
pub fn grey_to_luma(isa: Isa, grey: &[u8], luma: &mut [f32]) {
    assert!(grey.len() == luma.len(), "a sample a pixel");
    loops_for_isa!(JpegGrey, isa, shift(grey: &[u8], luma: &mut [f32]));
}

#[inline(always)]
fn shift(grey: &[u8], luma: &mut [f32]) {
    for (luma, grey) in luma.iter_mut().zip(grey) {
        *luma = f32::from(*grey) - MIDDLE;
    }
}

/// The means of two by two samples of two rows.
///
/// # Panics
/// If the rows are not twice as long as what is written.
pub fn halve(isa: Isa, upper: &[f32], lower: &[f32], out: &mut [f32]) {
    assert!([upper.len(), lower.len()] == [2 * out.len(); 2], "two samples of each row for one");
    loops_for_isa!(JpegHalve, isa, means(upper: &[f32], lower: &[f32], out: &mut [f32]));
}

#[inline(always)]
fn means(upper: &[f32], lower: &[f32], out: &mut [f32]) {
    for ((out, upper), lower) in out.iter_mut().zip(upper.as_chunks::<2>().0).zip(lower.as_chunks::<2>().0) {
        *out = ((upper[0] + upper[1]) + (lower[0] + lower[1])) * 0.25;
    }
}
