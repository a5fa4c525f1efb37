//! Features and high frequencies of training pictures, window by window.

use rayon::prelude::*;
use srcnn::crop::modcrop;
use srcnn::plane::Plane;
use srcnn::resample::Edge;
use srcnn::resample::matlab::{resize, resize_by};

use super::super::BaselineError;
use super::super::features::{Derivatives, Differences, window};
use super::super::product::Factor;
use super::{WINDOW, starts};

/// Samples at a time.
const CHUNK: usize = 4096;

/// A picture, degraded: what there is to look at, and what is to be found.
#[derive(Clone, Debug)]
pub(super) struct Degraded {
    scale: usize,
    small: (usize, usize),
    derivatives: Derivatives,
    /// The picture without the interpolated one.
    missing: Plane<f32>,
}

impl Degraded {
    /// Shrinks and enlarges a luma (0.0 to 1.0), cut to a multiple of the scale; none if nothing is left of it.
    pub fn new(luma: &Plane<f64>, scale: usize) -> Option<Self> {
        let luma = luma.crop(modcrop(luma.size(), scale).ok()?).ok()?;
        let small = (luma.width() / scale, luma.height() / scale);
        let large = resize(&resize(&luma, small, Edge::Mirror).ok()?, luma.size(), Edge::Mirror).ok()?;
        let missing = luma.as_slice().iter().zip(large.as_slice()).map(|(a, b)| (a - b) as f32).collect();
        let missing = Plane::new(luma.width(), luma.height(), missing).ok()?;
        let derivatives = Derivatives::new(&large.map(|v| v as f32), Differences::zeyde(scale));
        Some(Self { scale, small, derivatives, missing })
    }

    /// Top left corners of its windows, in pixels of the large picture, column after column as MATLAB counts.
    fn corners(&self, step: usize) -> impl Iterator<Item = (usize, usize)> {
        let (rows, scale) = (starts(self.small.1, step), self.scale);
        starts(self.small.0, step).flat_map(move |x| rows.clone().map(move |y| (x * scale, y * scale)))
    }

    fn features(&self, step: usize) -> Vec<f32> {
        let mut features = Vec::new();
        for (x, y) in self.corners(step) {
            self.derivatives.window(x, y, WINDOW * self.scale, &mut features);
        }
        features
    }
}

/// The windows of pictures: features, and the high frequencies that belong to them.
pub(super) struct Windows {
    /// One after the other.
    pub features: Vec<f32>,
    /// One after the other.
    pub missing: Vec<f32>,
}

impl Windows {
    /// All windows at a distance of `step` pixels of the small picture.
    pub fn all(pictures: &[Degraded], step: usize) -> Self {
        let features: Vec<Vec<f32>> = pictures.par_iter().map(|picture| picture.features(step)).collect();
        let mut missing = Vec::new();
        for picture in pictures {
            for (x, y) in picture.corners(step) {
                window(&picture.missing, x, y, WINDOW * picture.scale, &mut missing);
            }
        }
        Self { features: features.concat(), missing }
    }
}

/// The sum of `f f'` over samples of `n` features.
pub(super) fn moments(features: &[f32], n: usize) -> Vec<f64> {
    let mut sum = vec![0.0; n * n];
    // A few at a time, so that few partial sums are held.
    for group in features.chunks(16 * CHUNK * n) {
        let parts: Vec<Vec<f32>> = group
            .par_chunks(CHUNK * n)
            .map(|chunk| {
                let count = chunk.len() / n;
                let factor = Factor::new(count, n, |k, j| chunk[k * n + j]);
                let turned: Vec<f32> = (0..n).flat_map(|j| (0..count).map(move |k| chunk[k * n + j])).collect();
                let mut out = Vec::new();
                factor.apply(&turned, count, &mut out);
                out.chunks_exact(factor.stride()).flat_map(|row| row[..n].iter().copied()).collect()
            })
            .collect();
        for part in &parts {
            sum.iter_mut().zip(part).for_each(|(sum, v)| *sum += f64::from(*v));
        }
    }
    sum
}

/// Windows of pictures and of smaller copies of them, described by components of length one.
pub(super) struct Pool {
    scale: usize,
    components: usize,
    /// Component of a sample after component.
    pub low: Vec<f32>,
    /// What the high frequencies of each sample are to be multiplied by.
    shares: Vec<f32>,
    /// High frequencies of a picture, its rows of windows, and the number of its first sample.
    pictures: Vec<(Plane<f32>, usize, usize)>,
}

/// What smaller copies there are, and how many samples are kept.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Levels {
    /// How many sizes, the whole one among them.
    pub count: usize,
    /// What a side is multiplied by from one to the next.
    pub zoom: f64,
    /// Samples that are kept at most: those of the larger copies.
    pub samples: usize,
}

impl Pool {
    /// Features shorter than this keep the size of their high frequencies (A+).
    const SHORT: f32 = 0.1;

    /// Collects the windows of all copies.
    pub fn collect(
        pictures: &[Plane<f64>],
        scale: usize,
        (projection, components): (&Factor, usize),
        levels: Levels,
    ) -> Result<Self, BaselineError> {
        let mut pool = Self { scale, components, low: Vec::new(), shares: Vec::new(), pictures: Vec::new() };
        for level in 0..levels.count {
            let factor = levels.zoom.powi(level as i32);
            let describe = |luma: &Plane<f64>| {
                let luma = if level == 0 { luma.clone() } else { resize_by(luma, factor, Edge::Mirror)? };
                let mut low = Vec::new();
                let picture = Degraded::new(&luma, scale);
                if let Some(picture) = &picture {
                    projection.apply(&picture.features(1), Derivatives::length(WINDOW * scale), &mut low);
                }
                Ok((picture, low))
            };
            let described: Vec<_> = pictures.par_iter().map(describe).collect::<Result<_, BaselineError>>()?;
            for (picture, low) in described {
                let Some(picture) = picture else { continue };
                let rows = starts(picture.small.1, 1).count();
                pool.pictures.push((picture.missing, rows, pool.shares.len()));
                for low in low.chunks_exact(projection.stride()) {
                    if pool.shares.len() == levels.samples {
                        return Ok(pool);
                    }
                    pool.push(&low[..components]);
                }
            }
        }
        Ok(pool)
    }

    fn push(&mut self, low: &[f32]) {
        let length = low.iter().map(|v| v * v).sum::<f32>().sqrt() + f32::EPSILON;
        self.low.extend(low.iter().map(|v| v / length));
        self.shares.push(if length < Self::SHORT { 1.0 } else { 1.0 / length });
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.shares.len()
    }

    /// The components of a sample.
    pub fn low(&self, sample: usize) -> &[f32] {
        &self.low[sample * self.components..][..self.components]
    }

    /// The high frequencies of a sample.
    pub fn high(&self, sample: usize, patch: &mut Vec<f32>) {
        let at = self.pictures.partition_point(|(_, _, first)| *first <= sample) - 1;
        let (missing, rows, first) = &self.pictures[at];
        let number = sample - first;
        let corner = |n: usize| (super::BORDER + n) * self.scale;
        patch.clear();
        window(missing, corner(number / rows), corner(number % rows), WINDOW * self.scale, patch);
        patch.iter_mut().for_each(|v| *v *= self.shares[sample]);
    }
}
