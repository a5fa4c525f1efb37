//! Color quantization: pictures as indices into a palette of at most 256 colors.
//!
//! A picture of at most 256 colors is stored exactly. For more, boxes of colors are split where the squared error falls most
//! (M. Orchard and C. Bouman's measure, along one axis); their means, refined by k-means (Lloyd's iteration), are the palette.
//! A pixel then gets the nearest color, with or without dithering (error diffusion by R. Floyd and L. Steinberg). Everything is
//! in sRGB as stored, and gives the same for every number of threads.

use std::collections::HashMap;

use rayon::prelude::*;

use srcnn_image::image::Pixels;

/// A picture with its palette.
pub(super) struct Indexed {
    /// One index per pixel, row after row.
    pub(super) indices: Vec<u8>,
    /// At most 256 colors, including the transparent one.
    pub(super) palette: Vec<[u8; 3]>,
    /// The index of transparent pixels.
    pub(super) transparent: Option<u8>,
    /// Whether the picture has more colors than the palette.
    pub(super) colors_lost: bool,
    /// Whether the picture has partial transparency.
    pub(super) alpha_lost: bool,
}

/// How pixels get a color of the palette if the picture has more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mapping {
    /// The nearest: a pixel that stays the same in the next frame of an animation mostly keeps its color.
    Nearest,
    /// Dithered: gradients stay smooth, but small changes alter pixels far from them.
    Dithered,
}

/// Alpha from here on is opaque.
const OPAQUE: u8 = 128;
/// Bits of a sample by which colors are gathered.
const BITS: u32 = 6;
const BINS: usize = 1 << (3 * BITS);
/// Iterations of k-means.
const MOVES: usize = 4;
/// The share of a pixel's error that dithering passes on: of more, noise accumulates where the palette has no color near; of
/// less, gradients keep contours.
const DIFFUSED: f32 = 0.75;
/// The numerators of Floyd and Steinberg, over 16: ahead in the row; behind, below and ahead in the next.
const AHEAD: f32 = 7.0 / 16.0;
const NEXT_ROW: [f32; 3] = [3.0 / 16.0, 5.0 / 16.0, 1.0 / 16.0];

/// Colors that are near to each other: their mean, how many pixels they have, and the sum of the squares of their samples.
#[derive(Clone, Copy, Default)]
struct Point {
    mean: [f64; 3],
    weight: f64,
}

impl Indexed {
    /// Quantizes a picture of 1 to 4 channels. The palette has a transparent index if `clear`, or if a pixel needs it.
    pub(super) fn of(pixels: &Pixels<u8>, clear: bool, mapping: Mapping) -> Self {
        let channels = pixels.channels();
        let alpha = channels.is_multiple_of(2);
        let color = |p: &[u8]| -> Option<[u8; 3]> {
            let shown = !alpha || p[channels - 1] >= OPAQUE;
            shown.then(|| if channels < 3 { [p[0]; 3] } else { [p[0], p[1], p[2]] })
        };
        let colors: Vec<Option<[u8; 3]>> = pixels.as_slice().chunks_exact(channels).map(color).collect();
        let alpha_lost =
            alpha && pixels.as_slice().iter().skip(channels - 1).step_by(channels).any(|a| (1..255).contains(a));
        let clear = clear || colors.contains(&None);
        let most = 256 - usize::from(clear);
        let few = few_colors(&colors, most);
        let colors_lost = few.is_none();
        let mut palette = few.unwrap_or_else(|| chosen(&colors, most));
        let transparent = clear.then_some(palette.len() as u8);
        let gone = transparent.unwrap_or(0);
        let indices = if colors_lost && mapping == Mapping::Dithered {
            dithered(&colors, pixels.width(), &palette, gone)
        } else {
            let nearest = Nearest::new(&palette);
            colors.par_iter().map(|color| color.map_or(gone, |color| nearest.of(color))).collect()
        };
        if clear {
            palette.push([0; 3]);
        }
        Self { indices, palette, transparent, colors_lost, alpha_lost }
    }
}

/// All colors, if there are no more than `most`.
fn few_colors(colors: &[Option<[u8; 3]>], most: usize) -> Option<Vec<[u8; 3]>> {
    let mut found = HashMap::new();
    let mut last = None;
    for &color in colors {
        if color == last {
            continue;
        }
        last = color;
        if let Some(color) = color {
            found.entry(color).or_insert(());
            if found.len() > most {
                return None;
            }
        }
    }
    let mut palette: Vec<_> = found.into_keys().collect();
    palette.sort_unstable();
    Some(palette)
}

/// The best `most` colors for many.
fn chosen(colors: &[Option<[u8; 3]>], most: usize) -> Vec<[u8; 3]> {
    let mut points = gathered(colors);
    let mut boxes = vec![Part::of(&mut points)];
    while boxes.len() < most {
        let worst = boxes.iter().enumerate().max_by(|(_, a), (_, b)| a.gain.total_cmp(&b.gain));
        let Some((worst, _)) = worst.filter(|(_, part)| part.gain > 0.0) else { break };
        let (a, b) = boxes.swap_remove(worst).split();
        boxes.extend([a, b]);
    }
    let mut palette: Vec<[f64; 3]> = boxes.iter().map(|part| mean(part.points)).collect();
    drop(boxes);
    for _ in 0..MOVES {
        moved(&points, &mut palette);
    }
    let mut rounded: Vec<[u8; 3]> = palette.iter().map(|c| c.map(|v| v.round().clamp(0.0, 255.0) as u8)).collect();
    rounded.sort_unstable();
    rounded.dedup();
    rounded
}

/// The colors, the near ones put together.
fn gathered(colors: &[Option<[u8; 3]>]) -> Vec<Point> {
    let mut bins = vec![([0u64; 3], 0u64); BINS];
    for color in colors.iter().flatten() {
        let place = color.iter().fold(0, |place, v| place << BITS | usize::from(v >> (8 - BITS)));
        let (sums, count) = &mut bins[place];
        sums.iter_mut().zip(color).for_each(|(sum, v)| *sum += u64::from(*v));
        *count += 1;
    }
    let filled = bins.into_iter().filter(|(_, count)| *count > 0);
    filled.map(|(sums, count)| Point { mean: sums.map(|s| s as f64 / count as f64), weight: count as f64 }).collect()
}

fn mean(points: &[Point]) -> [f64; 3] {
    let weight: f64 = points.iter().map(|p| p.weight).sum();
    [0, 1, 2].map(|c| points.iter().map(|p| p.mean[c] * p.weight).sum::<f64>() / weight)
}

/// Colors that share one of the palette, and what it would give to split them.
struct Part<'a> {
    /// Along the axis of the split.
    points: &'a mut [Point],
    /// How many come before it.
    at: usize,
    /// By how much the sum of squared errors would be less.
    gain: f64,
}

impl<'a> Part<'a> {
    fn of(points: &'a mut [Point]) -> Self {
        let middle = mean(points);
        let spread = [0, 1, 2].map(|c| points.iter().map(|p| p.weight * (p.mean[c] - middle[c]).powi(2)).sum::<f64>());
        let axis = (0..3).max_by(|a, b| spread[*a].total_cmp(&spread[*b])).unwrap_or(0);
        points.sort_unstable_by(|a, b| a.mean[axis].total_cmp(&b.mean[axis]));
        let (mut weight, mut sums) = (0.0, [0.0; 3]);
        let all: f64 = points.iter().map(|p| p.weight).sum();
        let (mut at, mut gain) = (0, 0.0);
        for (i, point) in points.iter().enumerate().take(points.len() - 1) {
            weight += point.weight;
            let rest = all - weight;
            let mut less = 0.0;
            for c in 0..3 {
                sums[c] += point.weight * (point.mean[c] - middle[c]);
                // Both sums of what is off the mean are the same, but for the sign.
                less += sums[c] * sums[c] * (1.0 / weight + 1.0 / rest);
            }
            if less > gain {
                (at, gain) = (i + 1, less);
            }
        }
        Self { points, at, gain }
    }

    fn split(self) -> (Self, Self) {
        let (a, b) = self.points.split_at_mut(self.at);
        (Self::of(a), Self::of(b))
    }
}

/// Moves each color of a palette to the mean of the points that are nearest to it.
fn moved(points: &[Point], palette: &mut [[f64; 3]]) {
    let distance = |a: &[f64; 3], b: &[f64; 3]| (0..3).map(|c| (a[c] - b[c]).powi(2)).sum::<f64>();
    let nearest = |p: &Point| {
        let mut best = (f64::INFINITY, 0);
        for (i, color) in palette.iter().enumerate() {
            let distance = distance(&p.mean, color);
            if distance < best.0 {
                best = (distance, i);
            }
        }
        best.1
    };
    let nearest: Vec<usize> = points.par_iter().map(nearest).collect();
    let mut sums = vec![([0.0; 3], 0.0); palette.len()];
    for (point, nearest) in points.iter().zip(nearest) {
        let (sum, weight) = &mut sums[nearest];
        (0..3).for_each(|c| sum[c] += point.mean[c] * point.weight);
        *weight += point.weight;
    }
    for (color, (sum, weight)) in palette.iter_mut().zip(sums).filter(|(_, (_, weight))| *weight > 0.0) {
        *color = sum.map(|v| v / weight);
    }
}

/// The indices of rows of pixels by error diffusion, in alternate directions; transparent pixels get `gone` and stop the error.
fn dithered(colors: &[Option<[u8; 3]>], width: usize, palette: &[[u8; 3]], gone: u8) -> Vec<u8> {
    let nearest = Nearest::new(palette);
    let mut indices = vec![gone; colors.len()];
    // Errors that come to a row, with a column on either side.
    let (mut here, mut below) = (vec![[0.0; 3]; width + 2], vec![[0.0; 3]; width + 2]);
    let rows = colors.chunks_exact(width.max(1)).zip(indices.chunks_exact_mut(width.max(1)));
    for (y, (row, indices)) in rows.enumerate() {
        for step in 0..width {
            let (x, ahead, behind) = if y % 2 == 0 { (step, 2, 0) } else { (width - 1 - step, 0, 2) };
            let Some(color) = row[x] else { continue };
            let wanted: [f32; 3] = std::array::from_fn(|c| (f32::from(color[c]) + here[x + 1][c]).clamp(0.0, 255.0));
            indices[x] = nearest.of(wanted.map(|v| v.round() as u8));
            let given = palette[usize::from(indices[x])];
            for c in 0..3 {
                let error = DIFFUSED * (wanted[c] - f32::from(given[c]));
                here[x + ahead][c] += AHEAD * error;
                for (to, share) in [behind, 1, ahead].into_iter().zip(NEXT_ROW) {
                    below[x + to][c] += share * error;
                }
            }
        }
        std::mem::swap(&mut here, &mut below);
        below.fill([0.0; 3]);
    }
    indices
}

/// Finds the nearest color of a palette: for each cube of colors, those that are the nearest to some color in it.
struct Nearest {
    cubes: Vec<Vec<(u8, [i32; 3])>>,
}

/// Bits of a sample that tell the cube.
const CUBE_BITS: u32 = 4;

impl Nearest {
    fn new(palette: &[[u8; 3]]) -> Self {
        const SIDES: usize = 1 << CUBE_BITS;
        let side = 1 << (8 - CUBE_BITS);
        // The squared distances of each color to the nearest and the farthest sample of a slab, by axis and slab.
        let slab = |axis: usize, slab: usize| -> Vec<[i32; 2]> {
            let low = slab as i32 * side;
            let bounds = |color: &[u8; 3]| {
                let (below, above) = (low - i32::from(color[axis]), i32::from(color[axis]) - (low + side - 1));
                let far = (side - 1 + below).abs().max((side - 1 + above).abs());
                [below.max(above).max(0), far].map(|distance| distance * distance)
            };
            palette.iter().map(bounds).collect()
        };
        let slabs = [0, 1, 2].map(|axis| (0..SIDES).map(|at| slab(axis, at)).collect::<Vec<_>>());
        let cube = |place: usize| {
            let [red, green, blue] = [2, 1, 0].map(|c| place >> (CUBE_BITS * c) & (SIDES - 1));
            let axes = slabs[0][red].iter().zip(&slabs[1][green]).zip(&slabs[2][blue]);
            let bounds = axes.map(|((r, g), b)| [r[0] + g[0] + b[0], r[1] + g[1] + b[1]]);
            let within = bounds.clone().map(|[_, far]| far).min().unwrap_or(0);
            let colors = palette.iter().zip(0..=255u8).zip(bounds);
            let reached = colors.filter(|(_, [near, _])| *near <= within);
            reached.map(|((color, i), _)| (i, color.map(i32::from))).collect()
        };
        Self { cubes: (0..1usize << (3 * CUBE_BITS)).into_par_iter().map(cube).collect() }
    }

    /// The first of the nearest.
    fn of(&self, color: [u8; 3]) -> u8 {
        let place = color.iter().fold(0, |place, v| place << CUBE_BITS | usize::from(v >> (8 - CUBE_BITS)));
        let color = color.map(i32::from);
        let distance = |other: &[i32; 3]| (0..3).map(|c| (color[c] - other[c]).pow(2)).sum::<i32>();
        self.cubes[place].iter().min_by_key(|(_, other)| distance(other)).map_or(0, |(i, _)| *i)
    }
}

#[cfg(test)]
mod tests;
