//! Rows of three components to pixels: YCbCr of full range (ITU-R BT.601, as JFIF has it) to RGB with 16 fraction bits, as
//! libjpeg; and components as they are.

use crate::isa::Isa;
use crate::kernel::loops_for_isa;

/// Pixels at once.
const PIXELS: usize = 32;

/// Rows of luma, blue's and red's difference to a row of RGB.
///
/// # Panics
/// If a row is shorter than what is written, which are whole pixels.
pub fn ycc_to_rgb(isa: Isa, rows: [&[u8]; 3], rgb: &mut [u8]) {
    let rows = checked(rows, rgb);
    loops_for_isa!(JpegRgb, isa, convert(rows: [&[u8]; 3], rgb: &mut [u8]));
}

/// Rows of red, green and blue to a row of RGB.
///
/// # Panics
/// As [`ycc_to_rgb`].
pub fn interleave(isa: Isa, rows: [&[u8]; 3], rgb: &mut [u8]) {
    let rows = checked(rows, rgb);
    loops_for_isa!(JpegInterleave, isa, join(rows: [&[u8]; 3], rgb: &mut [u8]));
}

/// The samples of `rgb`'s pixels.
fn checked<'a>(rows: [&'a [u8]; 3], rgb: &[u8]) -> [&'a [u8]; 3] {
    let width = rgb.len() / 3;
    assert!(3 * width == rgb.len() && rows.iter().all(|row| row.len() >= width), "a sample a pixel");
    rows.map(|row| &row[..width])
}

#[inline(always)]
fn convert(rows: [&[u8]; 3], rgb: &mut [u8]) {
    pixels::<true>(rows, rgb);
}

#[inline(always)]
fn join(rows: [&[u8]; 3], rgb: &mut [u8]) {
    pixels::<false>(rows, rgb);
}

/// Pixels of three rows, which are luma and color differences (`YCC`) or RGB.
#[inline(always)]
fn pixels<const YCC: bool>([a, b, c]: [&[u8]; 3], rgb: &mut [u8]) {
    let (whole, rest) = rgb.as_chunks_mut::<{ 3 * PIXELS }>();
    let ((a, a_rest), (b, b_rest), (c, c_rest)) = (a.as_chunks(), b.as_chunks(), c.as_chunks());
    for (((a, b), c), out) in a.iter().zip(b).zip(c).zip(&mut *whole) {
        block::<YCC>([a, b, c], out);
    }
    let mut tails = [[0; PIXELS]; 3];
    for (tail, rest) in tails.iter_mut().zip([a_rest, b_rest, c_rest]) {
        tail[..rest.len()].copy_from_slice(rest);
    }
    let mut out = [0; 3 * PIXELS];
    block::<YCC>([&tails[0], &tails[1], &tails[2]], &mut out);
    rest.copy_from_slice(&out[..rest.len()]);
}

#[inline(always)]
fn block<const YCC: bool>([a, b, c]: [&[u8; PIXELS]; 3], out: &mut [u8; 3 * PIXELS]) {
    let mut colors = [*a, *b, *c];
    if YCC {
        for x in 0..PIXELS {
            [colors[0][x], colors[1][x], colors[2][x]] = rgb(a[x], b[x], c[x]);
        }
    }
    for x in 0..PIXELS {
        out[3 * x] = colors[0][x];
        out[3 * x + 1] = colors[1][x];
        out[3 * x + 2] = colors[2][x];
    }
}

/// One number of red, green and blue each; of luma and two of color difference.
#[inline(always)]
fn rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let [y, cb, cr] = [i16::from(y), i16::from(cb) - 128, i16::from(cr) - 128];
    // 1.402, 1.772, 0.34414 and 0.71414, less what is a whole number.
    let red = y + cr + rounded(26_345, cr);
    let blue = y + 2 * cb + rounded(-14_942, cb);
    let green = y - cr + ((i32::from(cr) * 18_734 - i32::from(cb) * 22_554 + 32_768) >> 16) as i16;
    [red, green, blue].map(|v| v.clamp(0, 255) as u8)
}

/// `factor * v / 65536`, rounded to nearest, halves up. Written so that it becomes a multiplication of 16 bits.
#[inline(always)]
fn rounded(factor: i16, v: i16) -> i16 {
    (((i32::from(factor) * i32::from(2 * v)) >> 16) as i16 + 1) >> 1
}
