//! Training of baselines.

use std::ops::RangeInclusive;

use srcnn::plane::Plane;
use srcnn::progress::Progress;
use srcnn::random::SplitMix64;

use super::anchored::training::{Adjusting, Dictionary, Learning, Levels};
use super::coding::Coding;
use super::coding::training::{Dictionaries, Learning as Coupling};
use super::course::Course;
use super::error::BaselineError;
use super::method::Method;
use super::regressors::Regressors;
use super::trained::{Baseline, Kind};

/// The progress of a whole training, as [`train`] counts it.
pub const WORK: u64 = 1000;

/// Factors that baselines are trained for.
pub(super) const SCALES: RangeInclusive<usize> = 2..=8;
/// Number of atoms of a dictionary.
pub(super) const ATOMS: RangeInclusive<usize> = 1..=4096;
/// Number of atoms or samples of a neighbourhood.
pub(super) const NEIGHBOURS: RangeInclusive<usize> = 1..=4096;

/// Sizes at which A+ sees each picture.
const LEVELS: usize = 12;
/// The ratio of the sides of neighbouring sizes.
const ZOOM: f64 = 0.98;

/// Parameters of training, and of sparse coding's upscaling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Number of atoms, 1 to 4096.
    pub atoms: usize,
    /// Iterations of dictionary learning.
    pub iterations: usize,
    /// The largest number of samples: random patches for sparse coding; windows of the pictures and of their smaller copies
    /// for A+. ANR takes every other window in both directions.
    pub samples: usize,
    /// Weight of the codes' L1 norm in the training of sparse coding; regularisation of A+'s regressors. ANR's is 0.01.
    pub lambda: f64,
    /// Number of atoms (ANR) or samples (A+) that a regressor is computed from, 1 to 4096.
    pub neighbours: usize,
    /// Weight of the codes' L1 norm when sparse coding upscales.
    pub coding_lambda: f64,
    /// Contrast of sparse coding's patches, relative to the interpolated ones.
    pub contrast: f64,
    /// Iterations of back-projection after sparse coding.
    pub projections: usize,
    /// Random seed.
    pub seed: u64,
}

impl Settings {
    /// The published settings of a method. Fields that a method does not use are the same for all.
    ///
    /// Sparse coding has the numbers of the authors' program: `lambda` of 0.15 in training and of 0.2 in upscaling, 100,000
    /// patches, 40 iterations, a contrast of 1.2. The exception is back-projection: that program has 20 iterations, the
    /// authors' release of 2009, from which the figures of Timofte et al. and Dong et al. come, has none, and so have these
    /// settings. With 20 iterations, results are 0.5 to 0.7 dB better than those figures.
    pub fn published(method: Method) -> Self {
        let all = Self {
            atoms: 1024,
            iterations: 20,
            samples: 5_000_000,
            lambda: 0.1,
            neighbours: 2048,
            coding_lambda: 0.2,
            contrast: 1.2,
            projections: 0,
            seed: 1,
        };
        match method {
            Method::Sc => Self { iterations: 40, samples: 100_000, lambda: 0.15, ..all },
            Method::Anr => Self { neighbours: 40, ..all },
            Method::APlus => all,
        }
    }

    /// # Errors
    /// [`BaselineError::Setting`].
    fn check(&self) -> Result<(), BaselineError> {
        let whole = |name, value: usize, bounds: &RangeInclusive<usize>| {
            within(name, value as f64, (*bounds.start() as f64, *bounds.end() as f64))
        };
        whole("atoms", self.atoms, &ATOMS)?;
        whole("iterations", self.iterations, &(1..=100_000))?;
        whole("samples", self.samples, &(1..=100_000_000))?;
        whole("neighbours", self.neighbours, &NEIGHBOURS)?;
        whole("projections", self.projections, &(0..=1000))?;
        within("lambda", self.lambda, (1e-6, 1e6))?;
        within("coding lambda", self.coding_lambda, (1e-6, 1e6))?;
        within("contrast", self.contrast, (1e-6, 1e6))
    }
}

fn within(name: &'static str, value: f64, bounds: (f64, f64)) -> Result<(), BaselineError> {
    // A range does not contain NaN.
    if (bounds.0..=bounds.1).contains(&value) { Ok(()) } else { Err(BaselineError::Setting { name, value, bounds }) }
}

/// Trains a baseline on lumas (BT.601, studio range, as of `color::matlab`), which are shrunk by MATLAB's bicubic.
///
/// The result depends on the pictures, their order, the settings and the instruction set, but not on the number of threads.
/// It has the precision of files: a saved and loaded baseline is equal. `progress` counts to [`WORK`].
///
/// # Errors
/// [`BaselineError::Scale`], [`BaselineError::Setting`], [`BaselineError::TooFewSamples`], [`BaselineError::Unsolvable`],
/// [`BaselineError::Cancelled`].
pub fn train(
    method: Method,
    scale: usize,
    pictures: &[Plane<u8>],
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<Baseline, BaselineError> {
    if !SCALES.contains(&scale) {
        return Err(BaselineError::Scale { scale });
    }
    settings.check()?;
    let lumas: Vec<_> = pictures.iter().map(|luma| luma.map(|v| f64::from(v) / 255.0)).collect();
    let mut random = SplitMix64::of(&[settings.seed, scale as u64]);
    let mut course = Course::new(progress, WORK);
    let learning = Learning { atoms: settings.atoms, iterations: settings.iterations };
    let kind = match method {
        Method::Sc => {
            let Settings { atoms, iterations, lambda, samples, .. } = *settings;
            let coupling = Coupling { atoms, iterations, lambda, samples };
            let dictionaries = Dictionaries::learn(&lumas, scale, coupling, &mut random, &mut course)?.rounded();
            let Settings { coding_lambda, contrast, projections, .. } = *settings;
            Kind::sc(scale, dictionaries, Coding { lambda: coding_lambda, contrast, projections })
        }
        Method::Anr => {
            let dictionary = Dictionary::learn(&lumas, scale, learning, &mut random, (&mut course, 0.0, 0.99))?;
            Kind::anr(dictionary.rounded(), settings.neighbours)?
        }
        Method::APlus => {
            let dictionary = Dictionary::learn(&lumas, scale, learning, &mut random, (&mut course, 0.0, 0.5))?;
            let mut dictionary = dictionary.rounded();
            dictionary.high.clear();
            let Settings { neighbours, lambda, samples, .. } = *settings;
            let levels = Levels { count: LEVELS, zoom: ZOOM, samples };
            let adjusting = Adjusting { neighbours, lambda, levels };
            let regressors = dictionary.adjusted(&lumas, adjusting, (&mut course, 0.5, 1.0))?;
            Kind::a_plus(dictionary, Regressors::round(&regressors, settings.atoms))
        }
    };
    course.reach(1.0)?;
    Ok(Baseline { scale, notes: [].into(), kind }.noted(method, pictures.len(), settings))
}

impl Baseline {
    /// Adds the settings of the training to the notes.
    fn noted(self, method: Method, pictures: usize, settings: &Settings) -> Self {
        let Settings { atoms: _, iterations, samples, lambda, neighbours, seed, .. } = settings;
        let noted = self
            .with_note("pictures", &pictures.to_string())
            .with_note("iterations", &iterations.to_string())
            .with_note("seed", &seed.to_string());
        match method {
            Method::Sc => {
                noted.with_note("samples", &samples.to_string()).with_note("learning_lambda", &lambda.to_string())
            }
            Method::Anr => noted,
            Method::APlus => noted
                .with_note("samples", &samples.to_string())
                .with_note("lambda", &lambda.to_string())
                .with_note("neighbours", &neighbours.to_string()),
        }
    }
}
