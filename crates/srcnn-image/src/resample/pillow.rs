//! Pillow's `Image.resize(…, BICUBIC)` on uint8 as of version 13.0, bit for bit. Earlier versions, back to 9.5, differ
//! in the order of passes for some sizes.
//!
//! The kernel is cubic with a = -0.5, widened when shrinking; taps outside the picture are dropped and the others
//! normalised. Weights are fixed-point numbers with 22 fractional bits; samples are rounded and saturated after each
//! pass.

use super::cubic::cubic;
use super::taps::Taps;
use crate::image::Pixels;
use crate::size::Size;

const PRECISION: u32 = 22;

/// Resizes a picture. Pictures of 2 and 4 channels are premultiplied by alpha, their last channel, and divided by it
/// afterwards.
pub(super) fn bicubic(pixels: &Pixels<u8>, size: Size) -> Pixels<u8> {
    if pixels.size() == size {
        return pixels.clone();
    }
    if !pixels.channels().is_multiple_of(2) {
        return both_passes(pixels, size);
    }
    let premultiplied = pixels.map_pixels(pixels.channels(), |from, to| {
        let (alpha, colors) = from.split_last().expect("at least one channel");
        for (from, to) in colors.iter().zip(to.iter_mut()) {
            *to = multiply(*from, *alpha);
        }
        to[colors.len()] = *alpha;
    });
    both_passes(&premultiplied, size).map_pixels(pixels.channels(), |from, to| {
        let (alpha, colors) = from.split_last().expect("at least one channel");
        for (from, to) in colors.iter().zip(to.iter_mut()) {
            *to = if matches!(alpha, 0 | 255) {
                *from
            } else {
                (255 * u32::from(*from) / u32::from(*alpha)).min(255) as u8
            };
        }
        to[colors.len()] = *alpha;
    })
}

/// Pillow's product of two bytes as fractions of 255, rounded.
fn multiply(a: u8, b: u8) -> u8 {
    let product = u32::from(a) * u32::from(b) + 128;
    ((product + (product >> 8)) >> 8) as u8
}

/// The taps of the filter, with weights in floating point.
pub(super) fn bicubic_taps(input: usize, output: usize) -> Taps {
    let scale = input as f64 / output as f64;
    let stretch = scale.max(1.0);
    let support = 2.0 * stretch;
    let mut taps = Taps::new();
    for i in 0..output {
        let centre = (i as f64 + 0.5) * scale;
        let first = (centre - support + 0.5).max(0.0) as usize;
        let end = ((centre + support + 0.5) as usize).min(input);
        let inverse = 1.0 / stretch;
        let weights: Vec<f64> = (first..end).map(|j| cubic((j as f64 - centre + 0.5) * inverse, -0.5)).collect();
        let sum: f64 = weights.iter().sum();
        taps.push((first..end).zip(weights.into_iter().map(|w| if sum == 0.0 { w } else { w / sum })));
    }
    taps
}

fn both_passes(pixels: &Pixels<u8>, Size { width, height }: Size) -> Pixels<u8> {
    // Since 13.0 the vertical pass comes first if that saves work; before, the horizontal one always did.
    let saved_rows = pixels.height() as i64 - height as i64;
    let saved_columns = pixels.width() as i64 - width as i64;
    let vertical_first = saved_rows > 0 && saved_rows > 2 * saved_columns;
    if vertical_first {
        horizontal(&vertical(pixels, height), width)
    } else {
        vertical(&horizontal(pixels, width), height)
    }
}

fn horizontal(pixels: &Pixels<u8>, width: usize) -> Pixels<u8> {
    if pixels.width() == width {
        return pixels.clone();
    }
    let channels = pixels.channels();
    let taps = fixed(&bicubic_taps(pixels.width(), width));
    let mut data = Vec::with_capacity(width * pixels.height() * channels);
    for y in 0..pixels.height() {
        let row = pixels.row(y);
        for taps in &taps {
            data.extend(
                (0..channels).map(|c| narrow(taps.iter().map(|&(x, w)| i64::from(row[x * channels + c]) * w).sum())),
            );
        }
    }
    Pixels::new(width, pixels.height(), channels, data).expect("one value a position and channel")
}

fn vertical(pixels: &Pixels<u8>, height: usize) -> Pixels<u8> {
    if pixels.height() == height {
        return pixels.clone();
    }
    let stride = pixels.width() * pixels.channels();
    let mut data = Vec::with_capacity(stride * height);
    for taps in fixed(&bicubic_taps(pixels.height(), height)) {
        data.extend((0..stride).map(|x| narrow(taps.iter().map(|&(y, w)| i64::from(pixels.row(y)[x]) * w).sum())));
    }
    Pixels::new(pixels.width(), height, pixels.channels(), data).expect("one value a position and channel")
}

/// The taps with weights in fixed point, rounded half away from zero.
fn fixed(taps: &Taps) -> Vec<Vec<(usize, i64)>> {
    let one = f64::from(1u32 << PRECISION);
    (0..taps.len()).map(|i| taps.at(i).iter().map(|&(at, w)| (at, (w * one).round() as i64)).collect()).collect()
}

fn narrow(sum: i64) -> u8 {
    ((sum + (1 << (PRECISION - 1))) >> PRECISION).clamp(0, 255) as u8
}
