//! Sampling of sub-images.

use std::sync::{Mutex, PoisonError};

use srcnn::plane::{Plane, Rect};
use srcnn::random::SplitMix64;

use super::corpus::{Corpus, Entry};
use crate::config::Config;
use crate::linear::Symmetric;
use crate::parametrisation::Statistics;

/// A sub-image.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Input of the network, `crop` x `crop` pixels.
    pub input: Vec<Plane<f32>>,
    /// Target, of the size of the network's output.
    pub truth: Vec<Plane<f32>>,
    /// Weight of each pixel in the loss; 0 for excluded ones.
    pub weights: Plane<f32>,
}

/// Draws sub-images. Those of a step depend only on the seed and the step, so that a resumed run needs no state of it.
#[derive(Debug)]
pub struct Sampler {
    corpus: Corpus,
    seed: u64,
    batch: usize,
    crop: usize,
    loss: usize,
    reach: usize,
    mask: bool,
    orientations: bool,
    /// Picture, entry, x, y of all sub-images on the grid; empty for random positions.
    grid: Vec<[u32; 4]>,
    /// The last requested epoch and its order.
    order: Mutex<(u64, Vec<u32>)>,
}

/// Distinguish the random numbers of sub-images, of orders on the grid and of statistics, which have the same seed.
const SAMPLES: u64 = 1;
const ORDER: u64 = 2;
const STATISTICS: u64 = 3;

impl Sampler {
    /// A sampler of `corpus` with the settings of `config`.
    pub fn new(config: &Config, corpus: Corpus) -> Self {
        let loss = config.architecture().map_or(0, |a| a.border_loss());
        let mut grid = Vec::new();
        if config.stride > 0 {
            for (p, entries) in corpus.pictures.iter().enumerate() {
                for (e, entry) in entries.iter().enumerate() {
                    for y in (0..=entry.height - config.crop).step_by(config.stride) {
                        let columns = (0..=entry.width - config.crop).step_by(config.stride);
                        grid.extend(columns.map(|x| [p as u32, e as u32, x as u32, y as u32]));
                    }
                }
            }
        }
        Self {
            corpus,
            seed: config.seed,
            batch: config.batch,
            crop: config.crop,
            loss,
            // Networks without padding never reach beyond the edge.
            reach: if loss == config.reach() { 0 } else { config.reach() },
            mask: config.mask,
            orientations: config.orientations,
            grid,
            order: Mutex::new((u64::MAX, Vec::new())),
        }
    }

    /// The training pictures.
    pub fn corpus(&self) -> &Corpus {
        &self.corpus
    }

    /// Number of sub-images on the grid; 0 for random positions.
    pub fn on_grid(&self) -> usize {
        self.grid.len()
    }

    /// Sub-image `index` of a step.
    ///
    /// # Errors
    /// Those of the file system, for pictures on disk.
    pub fn sample(&self, step: u64, index: usize) -> std::io::Result<Sample> {
        let mut random = SplitMix64::of(&[self.seed, SAMPLES, step, index as u64]);
        let (entry, x, y) = if self.grid.is_empty() {
            let pictures = &self.corpus.pictures;
            let entries = &pictures[random.below(pictures.len())];
            let entry = &entries[random.below(entries.len())];
            (entry, self.anywhere(entry.width, &mut random), self.anywhere(entry.height, &mut random))
        } else {
            let [p, e, x, y] = self.grid[self.in_order(step * self.batch as u64 + index as u64)];
            (&self.corpus.pictures[p as usize][e as usize], x as usize, y as usize)
        };
        let orientation = if self.orientations { random.below(8) } else { 0 };
        self.cut(entry, (x, y), orientation)
    }

    /// A random position along a side. Positions beyond the ends are clamped, so that pixels at the picture's edges, which
    /// are in few sub-images, are drawn more often.
    fn anywhere(&self, side: usize, random: &mut SplitMix64) -> usize {
        let past = if self.mask { self.reach } else { 0 };
        random.below(side - self.crop + 2 * past + 1).saturating_sub(past).min(side - self.crop)
    }

    /// The index on the grid of the n-th sub-image of a run; each epoch has a new order.
    fn in_order(&self, n: u64) -> usize {
        let (round, at) = (n / self.grid.len() as u64, n % self.grid.len() as u64);
        let mut order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        if order.0 != round {
            let mut random = SplitMix64::of(&[self.seed, ORDER, round]);
            let mut places: Vec<u32> = (0..self.grid.len() as u32).collect();
            // Fisher's and Yates's shuffle.
            (1..places.len()).rev().for_each(|i| places.swap(i, random.below(i + 1)));
            *order = (round, places);
        }
        order.1[at as usize] as usize
    }

    /// A sub-image at a position and in an orientation.
    fn cut(&self, entry: &Entry, (x, y): (usize, usize), orientation: usize) -> std::io::Result<Sample> {
        let [input, truth] = self.corpus.cut(entry, (x, y), self.crop)?;
        let size = self.crop - 2 * self.loss;
        let inner = Rect { x: self.loss, y: self.loss, width: size, height: size };
        // A pixel counts if its receptive field is inside of the sub-image, or leaves it only where the picture ends.
        let seen = |at: usize, first: usize, side: usize| {
            let at = at + self.loss;
            (at >= self.reach || first == 0) && (at + self.reach < self.crop || first + self.crop == side)
        };
        let weights = Plane::from_fn(size, size, |u, v| {
            let counts = !self.mask || (seen(u, x, entry.width) && seen(v, y, entry.height));
            if counts { entry.weight } else { 0.0 }
        });
        let turned = |planes: Vec<Plane<f32>>| planes.iter().map(|p| turn(p, orientation)).collect();
        let truth = truth.iter().map(|p| p.crop(inner).expect("smaller")).collect();
        Ok(Sample { input: turned(input), truth: turned(truth), weights: turn(&weights, orientation) })
    }

    /// Statistics of the training data for `precondition`, from random sub-images of all pictures.
    ///
    /// # Errors
    /// Those of the file system, for pictures on disk.
    pub fn statistics(&self, taps: usize, residual: bool) -> std::io::Result<Statistics> {
        let mut random = SplitMix64::of(&[self.seed, STATISTICS]);
        let (mut patches, mut squares, mut count) = (Vec::new(), 0.0, 0usize);
        for entries in &self.corpus.pictures {
            let entry = &entries[random.below(entries.len())];
            for _ in 0..SUB_IMAGES {
                let place = (random.below(entry.width - self.crop + 1), random.below(entry.height - self.crop + 1));
                let [input, truth] = self.corpus.cut(entry, place, self.crop)?;
                for (a, b) in input.iter().zip(&truth) {
                    let differences = a.as_slice().iter().zip(b.as_slice());
                    squares +=
                        differences.map(|(a, b)| f64::from(if residual { b - a } else { *b }).powi(2)).sum::<f64>();
                    count += a.as_slice().len();
                }
                for _ in 0..PATCHES {
                    let (x, y) = (random.below(self.crop - taps + 1), random.below(self.crop - taps + 1));
                    let rect = Rect { x, y, width: taps, height: taps };
                    for plane in &input {
                        let patch = plane.crop(rect).expect("inside");
                        patches.extend(patch.as_slice().iter().map(|v| f64::from(*v)));
                    }
                }
            }
        }
        let mean = patches.iter().sum::<f64>() / patches.len() as f64;
        let covariance = Symmetric::covariance(taps * taps * self.corpus.channels, &patches);
        Ok(Statistics { mean, covariance, unit: (squares / count as f64).sqrt() })
    }
}

/// Sub-images of a picture for the statistics.
const SUB_IMAGES: usize = 10;

/// Patches of a sub-image for the statistics.
const PATCHES: usize = 20;

/// A square plane in one of its eight orientations.
fn turn(plane: &Plane<f32>, orientation: usize) -> Plane<f32> {
    if orientation == 0 {
        return plane.clone();
    }
    let last = plane.width() - 1;
    Plane::from_fn(plane.width(), plane.height(), |x, y| {
        let (x, y) = if orientation & 1 == 0 { (x, y) } else { (last - x, y) };
        let (x, y) = if orientation & 2 == 0 { (x, y) } else { (x, last - y) };
        let (x, y) = if orientation & 4 == 0 { (x, y) } else { (y, x) };
        plane.row(y)[x]
    })
}

#[cfg(test)]
mod tests;
