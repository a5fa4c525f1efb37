//! Learning a baseline from pictures.

use std::ops::RangeInclusive;

use srcnn::plane::Plane;
use srcnn::progress::Progress;
use srcnn::random::SplitMix64;

use super::anchored::training::{Adjusting, Dictionary, Learning, Levels};
use super::coding::Coding;
use super::coding::training::{Dictionaries, Learning as Coupling};
use super::course::Course;
use super::{Baseline, BaselineError, Kind, Method, Regressors};

/// What a progress hears of in the course of a whole training.
pub const WORK: u64 = 1000;

/// Factors that something can be learnt for.
pub(super) const SCALES: RangeInclusive<usize> = 2..=8;
/// Atoms of a dictionary.
pub(super) const ATOMS: RangeInclusive<usize> = 1..=4096;
/// Atoms or samples of a neighbourhood.
pub(super) const NEIGHBOURS: RangeInclusive<usize> = 1..=4096;

/// How a baseline is learnt, and what it is used with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Atoms of the dictionary.
    pub atoms: usize,
    /// Rounds of dictionary learning.
    pub iterations: usize,
    /// Samples that are looked at, at most: of sparse coding, patches that are drawn; of A+, windows of the pictures and
    /// of their smaller copies. ANR looks at every other window in both directions.
    pub samples: usize,
    /// Weight of the codes' size while sparse coding learns; of the regularisation of A+'s regressors. ANR's is 0.01.
    pub lambda: f64,
    /// Atoms (ANR) or samples (A+) that a regressor is computed from.
    pub neighbours: usize,
    /// Weight of the codes' size when sparse coding enlarges.
    pub coding_lambda: f64,
    /// What sparse coding multiplies a patch's contrast by.
    pub contrast: f64,
    /// Rounds of back-projection after sparse coding.
    pub projections: usize,
    /// Where random numbers begin.
    pub seed: u64,
}

impl Settings {
    /// What the authors published, for each method; what a method has no use for is the same for all.
    ///
    /// Of sparse coding, the numbers are those of the authors' program: `lambda` of 0.15 to learn and of 0.2 to enlarge,
    /// 100,000 patches, 40 rounds, contrast times 1.2; but for back-projection, of which that program has 20 rounds and this
    /// none. The figures that Timofte et al. and Dong et al. quote come from the authors' release of 2009, which has none.
    /// With 20 rounds, results are 0.5 to 0.7 dB better than these figures.
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
    // A NaN is not within.
    if (bounds.0..=bounds.1).contains(&value) { Ok(()) } else { Err(BaselineError::Setting { name, value, bounds }) }
}

/// Learns from lumas (BT.601, studio range, as `color::matlab` gives them), which are shrunk by MATLAB's bicubic.
///
/// The same pictures, in the same order, and settings give the same baseline on every CPU with the same instruction set,
/// whatever the number of threads. What is given is as files hold it: saved and loaded it is the same. `progress` hears of
/// [`WORK`] in all.
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
            let levels = Levels { count: 12, zoom: 0.98, samples };
            let adjusting = Adjusting { neighbours, lambda, levels };
            let regressors = dictionary.adjusted(&lumas, adjusting, (&mut course, 0.5, 1.0))?;
            Kind::a_plus(dictionary, Regressors::round(&regressors, settings.atoms))
        }
    };
    course.reach(1.0)?;
    Ok(Baseline { scale, notes: [].into(), kind }.noted(method, pictures.len(), settings))
}

impl Baseline {
    /// With what it was learnt by.
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
