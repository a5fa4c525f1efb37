//! OpenCV's `resize` on uint8: `INTER_LINEAR`, `INTER_CUBIC` (without Intel's IPP) and `INTER_AREA`, bit for bit.
//!
//! Determined by experiments on OpenCV 3.4.18 and 5.0.0; `tools/oracles/opencv_arithmetic.py` describes it in numpy. A
//! position is `(i + 0.5) scale - 0.5`, computed in f64 and rounded to f32. Filters are not widened when shrinking,
//! except for `INTER_AREA`.

use super::taps::Taps;
use crate::image::Pixels;
use crate::size::Size;

/// 1.0 as a weight: weights are fixed-point numbers with 11 fractional bits.
const WEIGHT_ONE: f32 = 2048.0;

/// `INTER_LINEAR`. If both axes shrink by exactly two, OpenCV takes the mean of each 2x2 square instead.
pub(super) fn linear(pixels: &Pixels<u8>, size: Size) -> Pixels<u8> {
    if pixels.size() == size {
        return pixels.clone();
    }
    if whole_factors(pixels.size(), size) == Some((2, 2)) {
        return area(pixels, size);
    }
    let columns = positions(pixels.width(), size.width, Placement::Centres);
    let rows = positions(pixels.height(), size.height, Placement::Centres);
    linear_at(pixels, &columns, &rows)
}

/// `INTER_CUBIC`: a = -0.75, replicated edges, weights not normalised.
pub(super) fn cubic(pixels: &Pixels<u8>, size: Size) -> Pixels<u8> {
    if pixels.size() == size {
        return pixels.clone();
    }
    let channels = pixels.channels();
    let columns: Vec<_> = positions(pixels.width(), size.width, Placement::Centres)
        .iter()
        .map(|p| (p.around::<4>(pixels.width()), fixed(cubic_weights(p.fraction))))
        .collect();
    let stride = size.width * channels;
    let mut sums = vec![0i32; stride * pixels.height()];
    for (y, sums) in sums.chunks_exact_mut(stride).enumerate() {
        let row = pixels.row(y);
        for ((at, weights), out) in columns.iter().zip(sums.chunks_exact_mut(channels)) {
            for (c, out) in out.iter_mut().enumerate() {
                *out = (0..4).map(|k| i32::from(row[at[k] * channels + c]) * weights[k]).sum();
            }
        }
    }
    let mut data = Vec::with_capacity(stride * size.height);
    // OpenCV's vector loop computes whole groups of eight values of a row in f32, and the rest of the row in integers.
    let vector_end = stride / 8 * 8;
    for position in positions(pixels.height(), size.height, Placement::Centres) {
        let weights = fixed(cubic_weights(position.fraction));
        let rows = position.around::<4>(pixels.height()).map(|y| &sums[y * stride..(y + 1) * stride]);
        let scaled = weights.map(|w| w as f32 * (1.0 / (1 << 22) as f32));
        data.extend((0..vector_end).map(|x| {
            let t = |k: usize| rows[k][x] as f32 * scaled[k];
            (t(0) + (t(1) + (t(2) + t(3)))).round_ties_even().clamp(0.0, 255.0) as u8
        }));
        data.extend((vector_end..stride).map(|x| {
            let sum: i64 = (0..4).map(|k| i64::from(rows[k][x]) * i64::from(weights[k])).sum();
            ((sum + (1 << 21)) >> 22).clamp(0, 255) as u8
        }));
    }
    Pixels::new(size.width, size.height, channels, data).expect("one value a position and channel")
}

/// `INTER_AREA`: means over areas if both axes shrink; else linear, with its own positions.
pub(super) fn area(pixels: &Pixels<u8>, size: Size) -> Pixels<u8> {
    if pixels.size() == size {
        return pixels.clone();
    }
    if let Some(factors) = whole_factors(pixels.size(), size) {
        return area_whole(pixels, size, factors);
    }
    if shrinks(pixels.size(), size) {
        return area_fractional(pixels, size);
    }
    let columns = positions(pixels.width(), size.width, Placement::Areas);
    let rows = positions(pixels.height(), size.height, Placement::Areas);
    linear_at(pixels, &columns, &rows)
}

/// The linear filter in floating point.
pub(super) fn linear_taps(input: usize, output: usize) -> Taps {
    tent_taps(&positions(input, output, Placement::Centres), input)
}

/// The cubic filter in floating point.
pub(super) fn cubic_taps(input: usize, output: usize) -> Taps {
    let mut taps = Taps::new();
    for position in positions(input, output, Placement::Centres) {
        let weights = cubic_weights(position.fraction).map(f64::from);
        taps.push(position.around::<4>(input).into_iter().zip(weights));
    }
    taps
}

/// The area filter in floating point, for columns and rows; its form depends on both axes.
pub(super) fn area_taps(input: Size, output: Size) -> (Taps, Taps) {
    let axis = |input: usize, output: usize| {
        if !shrinks_or_equal(input, output) {
            return tent_taps(&positions(input, output, Placement::Areas), input);
        }
        let mut taps = Taps::new();
        for cells in area_table(input, output) {
            taps.push(cells.into_iter().map(|(at, weight)| (at, f64::from(weight))));
        }
        taps
    };
    if shrinks(input, output) {
        (axis(input.width, output.width), axis(input.height, output.height))
    } else {
        let tent = |input, output| tent_taps(&positions(input, output, Placement::Areas), input);
        (tent(input.width, output.width), tent(input.height, output.height))
    }
}

/// Rule for the positions of output samples.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Placement {
    /// Pixel centres are aligned.
    Centres,
    /// The rule of `INTER_AREA` when enlarging: each input pixel is a flat area with a ramp to its neighbour.
    Areas,
}

/// Position of an output sample in the input; `index` is not yet clamped to the picture.
#[derive(Clone, Copy)]
struct Position {
    index: i64,
    fraction: f32,
}

impl Position {
    /// Positions of the `N` samples around it, clamped to 0..n; the one at `index` is number N / 2 - 1.
    fn around<const N: usize>(&self, n: usize) -> [usize; N] {
        let first = self.index - (N as i64 / 2 - 1);
        std::array::from_fn(|k| (first + k as i64).clamp(0, n as i64 - 1) as usize)
    }
}

/// The scale as OpenCV computes it: the reciprocal of a ratio, which may differ from the inverse ratio in the last bit.
fn scale(input: usize, output: usize) -> f64 {
    1.0 / (output as f64 / input as f64)
}

fn shrinks_or_equal(input: usize, output: usize) -> bool {
    scale(input, output) >= 1.0
}

fn shrinks(input: Size, output: Size) -> bool {
    shrinks_or_equal(input.width, output.width) && shrinks_or_equal(input.height, output.height)
}

/// The factors by which both axes shrink; none if they are not whole numbers.
fn whole_factors(input: Size, output: Size) -> Option<(usize, usize)> {
    let whole = |input: usize, output: usize| {
        let scale = scale(input, output);
        let rounded = scale.round_ties_even();
        (rounded >= 1.0 && (scale - rounded).abs() < f64::EPSILON).then_some(rounded as usize)
    };
    Some((whole(input.width, output.width)?, whole(input.height, output.height)?))
}

fn positions(input: usize, output: usize, placement: Placement) -> Vec<Position> {
    let scale = scale(input, output);
    let inverse = output as f64 / input as f64;
    (0..output)
        .map(|i| match placement {
            Placement::Centres => {
                let at = ((i as f64 + 0.5) * scale - 0.5) as f32;
                let index = at.floor();
                Position { index: index as i64, fraction: at - index }
            }
            Placement::Areas => {
                let index = (i as f64 * scale).floor();
                let ramp = ((i as f64 + 1.0) - (index + 1.0) * inverse) as f32;
                let fraction = if ramp <= 0.0 { 0.0 } else { ramp - ramp.floor() };
                Position { index: index as i64, fraction }
            }
        })
        .collect()
}

fn tent_taps(positions: &[Position], input: usize) -> Taps {
    let mut taps = Taps::new();
    for position in positions {
        let [a, b] = position.around::<2>(input);
        let fraction = f64::from(position.fraction);
        taps.push([(a, 1.0 - fraction), (b, fraction)]);
    }
    taps
}

fn linear_at(pixels: &Pixels<u8>, columns: &[Position], rows: &[Position]) -> Pixels<u8> {
    let channels = pixels.channels();
    let last = pixels.width() as i64 - 1;
    let columns: Vec<_> = columns
        .iter()
        .map(|p| {
            let beyond = p.index < 0 || p.index >= last;
            let fraction = if beyond { 0.0 } else { p.fraction };
            (p.around::<2>(pixels.width()), fixed([1.0 - fraction, fraction]))
        })
        .collect();
    let stride = columns.len() * channels;
    let mut sums = vec![0i32; stride * pixels.height()];
    for (y, sums) in sums.chunks_exact_mut(stride).enumerate() {
        let row = pixels.row(y);
        for ((at, weights), out) in columns.iter().zip(sums.chunks_exact_mut(channels)) {
            for (c, out) in out.iter_mut().enumerate() {
                let sample = |k: usize| i32::from(row[at[k] * channels + c]);
                *out = sample(0) * weights[0] + sample(1) * weights[1];
            }
        }
    }
    let mut data = Vec::with_capacity(stride * rows.len());
    for position in rows {
        let [w0, w1] = fixed([1.0 - position.fraction, position.fraction]);
        let [r0, r1] = position.around::<2>(pixels.height()).map(|y| &sums[y * stride..(y + 1) * stride]);
        data.extend(r0.iter().zip(r1).map(|(t0, t1)| {
            let sum = ((w0 * (t0 >> 4)) >> 16) + ((w1 * (t1 >> 4)) >> 16);
            ((sum + 2) >> 2).clamp(0, 255) as u8
        }));
    }
    Pixels::new(columns.len(), rows.len(), channels, data).expect("one value a position and channel")
}

fn fixed<const N: usize>(weights: [f32; N]) -> [i32; N] {
    weights.map(|w| (w * WEIGHT_ONE).round_ties_even() as i32)
}

/// The four weights at fraction `f`, in f32 and in OpenCV's order of operations.
fn cubic_weights(f: f32) -> [f32; 4] {
    const A: f32 = -0.75;
    let near = |x: f32| ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0;
    let x = f + 1.0;
    let c0 = ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A;
    let c1 = near(f);
    let c2 = near(1.0 - f);
    [c0, c1, c2, 1.0 - c0 - c1 - c2]
}

/// `INTER_AREA` for whole factors: exact integer sums, rounded once.
fn area_whole(pixels: &Pixels<u8>, size: Size, factors: (usize, usize)) -> Pixels<u8> {
    let channels = pixels.channels();
    let reciprocal = 1.0 / (factors.0 * factors.1) as f32;
    let quarters = factors == (2, 2) && matches!(channels, 1 | 3 | 4);
    let mut data = Vec::with_capacity(size.width * size.height * channels);
    for y in 0..size.height {
        for x in 0..size.width {
            for c in 0..channels {
                let sum: u64 = (y * factors.1..(y + 1) * factors.1)
                    .map(|y| &pixels.row(y)[x * factors.0 * channels..(x + 1) * factors.0 * channels])
                    .flat_map(|area| area.iter().skip(c).step_by(channels))
                    .map(|&v| u64::from(v))
                    .sum();
                // 2x2 squares round halves up, others to even.
                data.push(
                    if quarters { (sum + 2) >> 2 } else { (sum as f32 * reciprocal).round_ties_even() as u64 } as u8
                );
            }
        }
    }
    Pixels::new(size.width, size.height, channels, data).expect("one value a position and channel")
}

/// `INTER_AREA` for fractional factors: sums in f32, horizontal pass first.
fn area_fractional(pixels: &Pixels<u8>, size: Size) -> Pixels<u8> {
    let channels = pixels.channels();
    let stride = size.width * channels;
    let columns = area_table(pixels.width(), size.width);
    let mut sums = vec![0f32; stride * pixels.height()];
    for (y, sums) in sums.chunks_exact_mut(stride).enumerate() {
        let row = pixels.row(y);
        for (cells, out) in columns.iter().zip(sums.chunks_exact_mut(channels)) {
            for (c, out) in out.iter_mut().enumerate() {
                *out = cells.iter().map(|&(x, w)| f32::from(row[x * channels + c]) * w).fold(0.0, |a, b| a + b);
            }
        }
    }
    let mut data = Vec::with_capacity(stride * size.height);
    for cells in area_table(pixels.height(), size.height) {
        data.extend((0..stride).map(|x| {
            let sum = cells.iter().map(|&(y, w)| sums[y * stride + x] * w).fold(0.0f32, |a, b| a + b);
            sum.round_ties_even().clamp(0.0, 255.0) as u8
        }));
    }
    Pixels::new(size.width, size.height, channels, data).expect("one value a position and channel")
}

/// For each output position, the input pixels that it covers and their weights.
fn area_table(input: usize, output: usize) -> Vec<Vec<(usize, f32)>> {
    /// Fractions of a pixel below this are ignored.
    const LEAST: f64 = 1e-3;
    let scale = scale(input, output);
    (0..output)
        .map(|i| {
            let begin = i as f64 * scale;
            let end = begin + scale;
            let cell = scale.min(input as f64 - begin);
            let last = (end.floor() as usize).min(input - 1);
            let first = (begin.ceil() as usize).min(last);
            let mut cells = Vec::new();
            if first as f64 - begin > LEAST {
                cells.push((first - 1, ((first as f64 - begin) / cell) as f32));
            }
            cells.extend((first..last).map(|at| (at, (1.0 / cell) as f32)));
            if end - last as f64 > LEAST {
                cells.push((last, ((end - last as f64).min(1.0).min(cell) / cell) as f32));
            }
            cells
        })
        .collect()
}
