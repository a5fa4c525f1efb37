//! From the planes of AV1 to samples: matrices, ranges, rounding.

use re_rav1d::dav1d::PixelLayout;

use srcnn_image::Size;
use srcnn_image::image::{Pixels, Samples};
use srcnn_image::parallel;

use super::frame::Frame;
use super::planes::{Chroma, Plane};
use crate::decode_error::DecodeError;
use crate::unsupported::UnsupportedSamples;

/// How samples stand for colors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coding {
    /// Matrix coefficients by their number (ITU-T H.273).
    pub(super) matrix: u16,
    /// Whether samples use the whole range.
    pub(super) full: bool,
    /// Only luma matters.
    pub(super) grey: bool,
}

/// A type of samples.
pub(super) trait Sample: Copy + Default + Into<u32> + Send + Sync {
    /// That of white.
    const MOST: u32;

    /// From its value; higher bits are cut off.
    fn of(value: u32) -> Self;
}

impl Sample for u8 {
    const MOST: u32 = u8::MAX as u32;

    fn of(value: u32) -> Self {
        value as u8
    }
}

impl Sample for u16 {
    const MOST: u32 = u16::MAX as u32;

    fn of(value: u32) -> Self {
        value as u16
    }
}

/// How numbers of a plane become 0.0 to 1.0, or -0.5 to 0.5.
#[derive(Clone, Copy)]
struct Range {
    low: f32,
    span: f32,
}

impl Range {
    fn luma(bits: u32, full: bool) -> Self {
        let (low, span) = if full { (0, (1 << bits) - 1) } else { (16 << (bits - 8), 219 << (bits - 8)) };
        Self { low: low as f32, span: span as f32 }
    }

    fn chroma(bits: u32, full: bool) -> Self {
        let span = if full { (1 << bits) - 1 } else { 224 << (bits - 8) };
        Self { low: (1 << (bits - 1)) as f32, span: span as f32 }
    }

    fn of(self, value: f32) -> f32 {
        (value - self.low) / self.span
    }
}

/// How three numbers become a color.
#[derive(Clone, Copy)]
enum Matrix {
    /// Luma and differences: the shares of red and blue in luma, and the range of differences.
    Differences { kr: f32, kb: f32, range: Range },
    /// Green, blue and red themselves.
    Colors,
}

impl Matrix {
    /// The matrix of this number (ITU-T H.273); none if it is none of these.
    fn of(number: u16, range: Range) -> Option<Self> {
        let (kr, kb) = match number {
            0 => return Some(Self::Colors),
            1 => (0.2126, 0.0722),
            4 => (0.30, 0.11),
            // Nothing said is BT.601.
            2 | 5 | 6 => (0.299, 0.114),
            7 => (0.212, 0.087),
            9 => (0.2627, 0.0593),
            _ => return None,
        };
        Some(Self::Differences { kr, kb, range })
    }
}

/// The picture as grey or RGB, of 8 bits, or of 16 if it has more.
pub(super) fn to_samples(frame: &Frame, coding: &Coding) -> Result<Samples, DecodeError> {
    if frame.bits > 8 { of_depth(frame, coding).map(Samples::U16) } else { of_depth(frame, coding).map(Samples::U8) }
}

fn of_depth<T: Sample>(frame: &Frame, coding: &Coding) -> Result<Pixels<T>, DecodeError> {
    let (Size { width, height }, bits, layout) = (frame.size, frame.bits, frame.layout);
    let luma = Plane::luma(frame)?;
    let range = Range::luma(bits, coding.full);
    let channels = if coding.grey || layout == PixelLayout::I400 { 1 } else { 3 };
    let mut samples = vec![T::default(); width * height * channels];
    let rows = samples.chunks_exact_mut((width * channels).max(1)).enumerate();
    if channels == 1 {
        parallel::for_each_with(
            rows,
            || vec![0.0; width],
            |numbers, (y, to)| {
                luma.row(y, numbers);
                to.iter_mut().zip(numbers).for_each(|(to, v)| *to = rounded(range.of(*v)));
            },
        );
    } else {
        let (blue, red) = (Chroma::of(frame, 1)?, Chroma::of(frame, 2)?);
        let matrix = Matrix::of(coding.matrix, Range::chroma(bits, coding.full));
        let matrix = matrix.filter(|matrix| layout == PixelLayout::I444 || !matches!(matrix, Matrix::Colors));
        let matrix = matrix.ok_or(DecodeError::Samples(UnsupportedSamples::AvifMatrix(coding.matrix)))?;
        let scratch = || ([(); 3].map(|()| vec![0.0; width]), blue.scratch());
        parallel::for_each_with(rows, scratch, |(numbers, scratch), (y, to)| {
            let [y_row, cb, cr] = numbers;
            luma.row(y, y_row);
            blue.row(y, scratch, cb);
            red.row(y, scratch, cr);
            colored(matrix, range, [y_row, cb, cr], to);
        });
    }
    Pixels::new(width, height, channels, samples).map_err(|_| DecodeError::Empty)
}

/// The colors of a row of numbers, those of luma in this range.
fn colored<T: Sample>(matrix: Matrix, luma: Range, numbers: [&[f32]; 3], to: &mut [T]) {
    match matrix {
        Matrix::Differences { kr, kb, range } => mapped(numbers, to, |y, cb, cr| {
            let (y, cb, cr) = (luma.of(y), range.of(cb), range.of(cr));
            let (r, b) = (y + 2.0 * (1.0 - kr) * cr, y + 2.0 * (1.0 - kb) * cb);
            [r, (y - kr * r - kb * b) / (1.0 - kr - kb), b]
        }),
        Matrix::Colors => mapped(numbers, to, |g, b, r| [luma.of(r), luma.of(g), luma.of(b)]),
    }
}

/// Pixels that are worked on at a time.
const BLOCK: usize = 64;

/// Interleaves the three samples that become of each three numbers.
fn mapped<T: Sample>(numbers: [&[f32]; 3], to: &mut [T], color: impl Fn(f32, f32, f32) -> [f32; 3]) {
    let [a, b, c] = numbers.map(|row| row.chunks(BLOCK));
    for (((a, b), c), to) in a.zip(b).zip(c).zip(to.chunks_mut(3 * BLOCK)) {
        let mut planes = [[T::default(); BLOCK]; 3];
        let [red, green, blue] = &mut planes;
        // One loop that is vectorised, and one that is not.
        for ((((a, b), c), r), (g, b_to)) in
            a.iter().zip(b).zip(c).zip(red.iter_mut()).zip(green.iter_mut().zip(blue.iter_mut()))
        {
            let [x, y, z] = color(*a, *b, *c);
            (*r, *g, *b_to) = (rounded(x), rounded(y), rounded(z));
        }
        for (to, ((r, g), b)) in to.as_chunks_mut::<3>().0.iter_mut().zip(red.iter().zip(green).zip(blue)) {
            *to = [*r, *g, *b];
        }
    }
}

/// A sample of 0.0 to 1.0, rounded to the nearest, halves up; what is beyond is cut off.
fn rounded<T: Sample>(value: f32) -> T {
    /// From here on numbers are whole, so that their last bits are those of an integer.
    const WHOLE: f32 = (1u32 << 23) as f32;
    let most = T::MOST as f32;
    let value = value * most;
    let value = if value > 0.0 { value } else { 0.0 };
    let value = if value < most { value } else { most };
    // To even where two are as near.
    let even = value + WHOLE;
    let up = value - (even - WHOLE) == 0.5;
    T::of(even.to_bits() + u32::from(up))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_to_the_nearest_and_halves_go_up() {
        fn check<T: Sample>(value: f32) {
            let most = T::MOST as f32;
            let expected = (value * most).round().clamp(0.0, most) as u32;
            assert_eq!(rounded::<T>(value).into(), expected, "{value} of {most}");
        }
        let both = |v: f32| {
            check::<u8>(v);
            check::<u16>(v);
        };
        for twice in -4..=2 * 65_535 + 8 {
            for most in [255.0, 65_535.0] {
                let half = twice as f32 / 2.0 / most;
                [half.next_down(), half, half.next_up()].into_iter().for_each(both);
            }
        }
        let extremes = [0.499_999_97 / 255.0, -0.0, 1e9, -1e9, f32::MIN_POSITIVE, f32::INFINITY, f32::NEG_INFINITY];
        extremes.into_iter().for_each(both);
        assert_eq!(rounded::<u8>(f32::NAN), 0);
    }

    #[test]
    fn blocks_are_interleaved_at_every_width() {
        for width in [1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 5] {
            let row = |from: usize| -> Vec<f32> { (0..width).map(|x| ((from + x) % 256) as f32).collect() };
            let rows = [row(0), row(50), row(100)];
            let mut to = vec![0u8; 3 * width];
            mapped([&rows[0], &rows[1], &rows[2]], &mut to, |g, b, r| [r / 255.0, g / 255.0, b / 255.0]);
            let expected: Vec<u8> = (0..width).flat_map(|x| [x + 100, x, x + 50].map(|v| (v % 256) as u8)).collect();
            assert_eq!(to, expected, "{width}");
        }
    }
}
