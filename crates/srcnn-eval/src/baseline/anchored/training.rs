//! Training of anchored regression: dictionaries and regressors.

use half::f16;
use rayon::prelude::*;
use srcnn::plane::Plane;
use srcnn::random::SplitMix64;

pub(in crate::baseline) use super::samples::Levels;
use super::samples::{Degraded, Pool, Windows, moments};
use super::{Anchored, WINDOW};
use crate::baseline::course::Course;
use crate::baseline::error::BaselineError;
use crate::baseline::features::Derivatives;
use crate::baseline::ksvd::{Code, Coded, Ksvd};
use crate::baseline::linear::{eigen, solve};
use crate::baseline::product::Factor;

/// Distance of the windows that a dictionary is learnt from, in pixels of the small picture.
const STEP: usize = 2;
/// The fraction of the features' energy that the principal components keep.
const ENERGY: f64 = 0.999;
/// Samples that are compared with all anchors at a time.
const CHUNK: usize = 8192;
/// Regularisation of ANR's regressors; they are multiplied by `1 + ANR_LAMBDA`, as in the authors' program.
const ANR_LAMBDA: f64 = 0.01;

/// A pair of dictionaries, and the projection to principal components.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::baseline) struct Dictionary {
    /// The factor.
    pub scale: usize,
    /// Number of principal components.
    pub components: usize,
    /// The projection: (feature, component).
    pub projection: Vec<f32>,
    /// Atoms of length one: (atom, component).
    pub low: Vec<f32>,
    /// High frequencies of the atoms: (atom, pixel).
    pub high: Vec<f32>,
}

/// Parameters of dictionary learning.
#[derive(Clone, Copy, Debug)]
pub(in crate::baseline) struct Learning {
    /// Number of atoms.
    pub atoms: usize,
    /// Iterations of K-SVD.
    pub iterations: usize,
}

/// Parameters of A+'s regressors.
#[derive(Clone, Copy, Debug)]
pub(in crate::baseline) struct Adjusting {
    /// Samples of an anchor.
    pub neighbours: usize,
    /// Regularisation.
    pub lambda: f64,
    /// Smaller copies of the pictures.
    pub levels: Levels,
}

impl Dictionary {
    /// Learns from lumas, 0.0 to 1.0. Progress goes from one fraction of `course` to another.
    ///
    /// # Errors
    /// [`BaselineError::TooFewSamples`], [`BaselineError::Cancelled`].
    pub fn learn(
        pictures: &[Plane<f64>],
        scale: usize,
        learning: Learning,
        random: &mut SplitMix64,
        (course, from, to): (&mut Course<'_>, f64, f64),
    ) -> Result<Self, BaselineError> {
        let degraded: Vec<_> = pictures.par_iter().filter_map(|luma| Degraded::new(luma, scale)).collect();
        let windows = Windows::all(&degraded, STEP);
        let side = WINDOW * scale;
        let (length, pixels) = (Derivatives::length(side), side * side);
        let count = windows.features.len() / length;
        if count < learning.atoms {
            return Err(BaselineError::TooFewSamples { found: count, needed: learning.atoms });
        }
        let (projection, components) = principal(&windows.features, length);
        let factor = Factor::new(length, components, |k, n| projection[k * components + n]);
        let mut wide = Vec::new();
        factor.apply(&windows.features, length, &mut wide);
        let samples: Vec<f32> =
            wide.chunks_exact(factor.stride()).flat_map(|row| row[..components].iter().copied()).collect();
        let begun = from + 0.1 * (to - from);
        course.reach(begun)?;
        let ksvd = Ksvd { length: components, atoms: learning.atoms, iterations: learning.iterations };
        let coded = ksvd.learn(&samples, random, |rounds| {
            course.reach(begun + (to - begun) * rounds as f64 / learning.iterations as f64)
        })?;
        let high = high_atoms(&coded, &windows.missing, learning.atoms, pixels)?;
        let low = coded.atoms.iter().map(|&v| v as f32).collect();
        Ok(Self { scale, components, projection, low, high })
    }

    /// Packs the dictionary with regressors.
    pub fn with(&self, regressors: Vec<f32>) -> Anchored {
        Anchored::new(self.scale, self.components, &self.projection, &self.low, regressors)
    }

    /// Rounded to 16-bit floats, as files hold it.
    pub fn rounded(mut self) -> Self {
        for values in [&mut self.projection, &mut self.low, &mut self.high] {
            values.iter_mut().for_each(|v| *v = f16::from_f32(*v).to_f32());
        }
        self
    }

    /// The regressors of ANR, each computed from the `neighbours` nearest atoms.
    ///
    /// # Errors
    /// [`BaselineError::Unsolvable`] if an atom has a NaN.
    pub fn regressors(&self, neighbours: usize) -> Result<Vec<f32>, BaselineError> {
        let (n, side) = (self.components, WINDOW * self.scale);
        let (pixels, atoms) = (side * side, self.low.len() / n);
        let factor = Factor::of_columns(&self.low, n);
        let each = (0..atoms).into_par_iter().map(|atom| {
            let mut products = Vec::new();
            factor.apply(&self.low[atom * n..][..n], n, &mut products);
            let mut order: Vec<usize> = (0..atoms).collect();
            order.sort_by(|&a, &b| products[b].abs().total_cmp(&products[a].abs()));
            order.truncate(neighbours);
            let mut sums = Sums::new(n, pixels);
            order.iter().for_each(|&i| sums.add(&self.low[i * n..][..n], &self.high[i * pixels..][..pixels]));
            sums.regressor(ANR_LAMBDA, 1.0 + ANR_LAMBDA)
        });
        Ok(each.collect::<Result<Vec<_>, _>>()?.concat())
    }

    /// The regressors of A+, each computed from the samples nearest to its atom.
    ///
    /// # Errors
    /// [`BaselineError::TooFewSamples`], [`BaselineError::Cancelled`].
    pub fn adjusted(
        &self,
        pictures: &[Plane<f64>],
        adjusting: Adjusting,
        (course, from, to): (&mut Course<'_>, f64, f64),
    ) -> Result<Vec<f32>, BaselineError> {
        let (n, side) = (self.components, WINDOW * self.scale);
        let length = Derivatives::length(side);
        let factor = Factor::new(length, n, |k, j| self.projection[k * n + j]);
        let pool = Pool::collect(pictures, self.scale, (&factor, n), adjusting.levels)?;
        if pool.len() < adjusting.neighbours {
            return Err(BaselineError::TooFewSamples { found: pool.len(), needed: adjusting.neighbours });
        }
        let begun = from + 0.3 * (to - from);
        course.reach(begun)?;
        let nearest =
            self.nearest(&pool, adjusting.neighbours, |part| course.reach(begun + 0.5 * (to - from) * part))?;
        let each = nearest.par_iter().map(|samples| {
            let (mut sums, mut high) = (Sums::new(n, side * side), Vec::new());
            for &sample in samples {
                pool.high(sample as usize, &mut high);
                sums.add(pool.low(sample as usize), &high);
            }
            sums.regressor(adjusting.lambda, 1.0)
        });
        let regressors = each.collect::<Result<Vec<_>, _>>()?.concat();
        course.reach(to)?;
        Ok(regressors)
    }

    /// The samples with the largest scalar products, for each atom.
    fn nearest(
        &self,
        pool: &Pool,
        neighbours: usize,
        mut told: impl FnMut(f64) -> Result<(), BaselineError>,
    ) -> Result<Vec<Vec<u32>>, BaselineError> {
        let n = self.components;
        let mut best: Vec<Best> = (0..self.low.len() / n).map(|_| Best::new(neighbours)).collect();
        for (chunk, samples) in pool.low.chunks(CHUNK * n).enumerate() {
            let factor = Factor::of_columns(samples, n);
            best.par_chunks_mut(16).zip(self.low.par_chunks(16 * n)).for_each(|(best, atoms)| {
                let mut products = Vec::new();
                factor.apply(atoms, n, &mut products);
                for (best, products) in best.iter_mut().zip(products.chunks_exact(factor.stride())) {
                    best.offer(&products[..samples.len() / n], chunk * CHUNK);
                }
            });
            told((((chunk + 1) * CHUNK) as f64 / pool.len().max(1) as f64).min(1.0))?;
        }
        Ok(best.into_iter().map(Best::into_samples).collect())
    }
}

/// The samples with the largest scalar products so far.
struct Best {
    wanted: usize,
    /// A lower bound: smaller products are not among the best.
    least: f32,
    found: Vec<(f32, u32)>,
}

impl Best {
    fn new(wanted: usize) -> Self {
        Self { wanted, least: f32::NEG_INFINITY, found: Vec::new() }
    }

    /// Adds the products of the samples from index `first` on.
    fn offer(&mut self, products: &[f32], first: usize) {
        for (i, &product) in products.iter().enumerate() {
            if product > self.least {
                self.found.push((product, (first + i) as u32));
                if self.found.len() == 4 * self.wanted {
                    self.cut();
                }
            }
        }
    }

    /// Drops all but the best.
    fn cut(&mut self) {
        if self.found.len() > self.wanted {
            let order = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
            let (_, last, _) = self.found.select_nth_unstable_by(self.wanted - 1, order);
            self.least = last.0;
            self.found.truncate(self.wanted);
        }
    }

    /// The best samples, in ascending order.
    fn into_samples(mut self) -> Vec<u32> {
        self.cut();
        let mut samples: Vec<u32> = self.found.into_iter().map(|(_, sample)| sample).collect();
        samples.sort_unstable();
        samples
    }
}

/// The sums `L L'` and `L H'` over the pairs of a neighbourhood.
struct Sums {
    components: usize,
    low: Vec<f64>,
    both: Vec<f64>,
}

impl Sums {
    fn new(components: usize, pixels: usize) -> Self {
        Self { components, low: vec![0.0; components * components], both: vec![0.0; components * pixels] }
    }

    /// Adds a pair.
    fn add(&mut self, low: &[f32], high: &[f32]) {
        let (n, pixels) = (self.components, high.len());
        for (i, &a) in low.iter().enumerate() {
            let a = f64::from(a);
            self.low[i * n..][..n].iter_mut().zip(low).for_each(|(sum, &b)| *sum += a * f64::from(b));
            self.both[i * pixels..][..pixels].iter_mut().zip(high).for_each(|(sum, &b)| *sum += a * f64::from(b));
        }
    }

    /// The regressor `(H (L'L + lambda I)^-1 L')'`, computed as `(L L' + lambda I)^-1 L H'`, times `gain`.
    fn regressor(mut self, lambda: f64, gain: f64) -> Result<Vec<f32>, BaselineError> {
        let n = self.components;
        (0..n).for_each(|i| self.low[i * n + i] += lambda);
        solve(&mut self.low, &mut self.both, n).map_err(|_| BaselineError::Unsolvable)?;
        Ok(self.both.iter().map(|v| (gain * v) as f32).collect())
    }
}

/// The fewest principal components that keep [`ENERGY`], as columns, and their number.
fn principal(features: &[f32], length: usize) -> (Vec<f32>, usize) {
    let (values, vectors) = eigen(moments(features, length), length);
    let total: f64 = values.iter().sum();
    let mut kept = 0.0;
    let components = values.iter().take_while(|value| {
        let short = kept < ENERGY * total;
        kept += **value;
        short
    });
    let components = components.count().max(1);
    let at = |k: usize, n: usize| vectors[n * length + k] as f32;
    let projection = (0..length).flat_map(|k| (0..components).map(move |n| at(k, n))).collect();
    (projection, components)
}

/// The high frequencies of atoms that fit the samples best, given the codes.
fn high_atoms(coded: &Coded, missing: &[f32], atoms: usize, pixels: usize) -> Result<Vec<f32>, BaselineError> {
    let (mut gram, mut both) = (vec![0.0; atoms * atoms], vec![0.0; atoms * pixels]);
    let taken = |code: &Code| code.atoms.into_iter().map(|a| a as usize).zip(code.values).filter(|(_, v)| *v != 0.0);
    for (code, patch) in coded.codes.iter().zip(missing.chunks_exact(pixels)) {
        for (i, a) in taken(code) {
            taken(code).for_each(|(j, b)| gram[i * atoms + j] += a * b);
            both[i * pixels..][..pixels].iter_mut().zip(patch).for_each(|(sum, &v)| *sum += a * f64::from(v));
        }
    }
    // Keeps the system definite where an atom is unused; its high frequencies become zero.
    let least = 1e-12 * (0..atoms).map(|i| gram[i * atoms + i]).fold(f64::MIN_POSITIVE, f64::max);
    (0..atoms).for_each(|i| gram[i * atoms + i] += least);
    solve(&mut gram, &mut both, atoms).map_err(|_| BaselineError::Unsolvable)?;
    Ok(both.iter().map(|&v| v as f32).collect())
}
