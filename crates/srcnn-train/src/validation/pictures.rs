//! Scores of networks on validation and benchmark pictures.

use std::path::PathBuf;

use rayon::prelude::*;
use srcnn::color::matlab::luma_plane;
use srcnn::crop::shave;
use srcnn::engine::{Engine, EngineError};
use srcnn::image::Pixels;
use srcnn::metrics::{Protocol, Scores, measure_pixels};
use srcnn::model::{Input, Model, Padding};
use srcnn::plane::Plane;
use srcnn::progress::Silent;
use srcnn::quantize::to_u8;
use srcnn::random::SplitMix64;

use crate::config::Config;
use crate::data::{BoxError, DataError, Pair, make_pair, read_planes};

/// Degraded pictures on which networks are scored.
#[derive(Debug)]
pub struct Validation {
    pairs: Vec<(usize, Pair)>,
    scored: Scored,
    bicubic: Scores,
    fingerprint: u64,
}

/// The channels that are scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scored {
    /// All channels of the network together.
    Channels,
    /// Luma of these channels.
    Luma(Input),
}

impl Validation {
    /// Reads pictures and degrades them by all factors of `config`. All channels of a network are scored together.
    ///
    /// # Errors
    /// [`DataError`], naming the picture.
    pub fn load(config: &Config, paths: &[PathBuf]) -> Result<Self, DataError> {
        Self::load_for(config, paths, Scored::Channels)
    }

    /// Reads the pictures of the benchmark and degrades them. Only luma is scored if `config.benchmark_luma` is set.
    ///
    /// # Errors
    /// [`DataError`], naming the picture.
    pub fn load_benchmark(config: &Config, paths: &[PathBuf]) -> Result<Self, DataError> {
        Self::load_for(config, paths, if config.benchmark_luma { Scored::Luma(config.input) } else { Scored::Channels })
    }

    fn load_for(config: &Config, paths: &[PathBuf], scored: Scored) -> Result<Self, DataError> {
        let pictures = paths.par_iter().map(|path| {
            let planes = read_planes(path, config.input, config.luma)?;
            let scales = config.scales.iter().map(|scale| *scale as usize);
            let pairs = scales.map(|scale| {
                let pair = make_pair(&planes, scale, config)?;
                let scores = measure(scored, &pair, scale, &pair.input)?;
                Ok((scale, pair, scores))
            });
            let pairs = pairs.collect::<Result<Vec<_>, BoxError>>();
            pairs.map_err(|reason| DataError::Degrade { path: path.clone(), reason })
        });
        let (mut pairs, mut scores) = (Vec::new(), Vec::new());
        for (scale, pair, score) in pictures.collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
            // Flat pictures are degraded without an error, and leave nothing to restore.
            if score.psnr.is_infinite() {
                continue;
            }
            pairs.push((scale, pair));
            scores.push(score);
        }
        let bicubic = Scores::mean(&scores).ok_or(DataError::NoValidation)?;
        let errors = scores.iter().map(|s| s.mse.to_bits());
        let sizes = pairs.iter().map(|(_, pair)| pair.truth[0].width() as u64);
        let fingerprint = SplitMix64::of(&errors.chain(sizes).collect::<Vec<_>>()).next_u64();
        Ok(Self { pairs, scored, bicubic, fingerprint })
    }

    /// A hash of the pictures and their degradation.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Mean scores of the degraded pictures.
    pub fn bicubic(&self) -> Scores {
        self.bicubic
    }

    /// Mean scores of the pictures restored by `model`, with replicated edges at every layer, samples rounded to 8 bits and a
    /// border of as many pixels as the factor shaved. For pictures degraded by MATLAB's bicubic without rounding this is the
    /// protocol `paper`.
    ///
    /// # Errors
    /// [`EngineError`] if the model has other channels.
    pub fn score(&self, model: &Model) -> Result<Scores, EngineError> {
        let engine = Engine::builder(model).padding(Padding::Replicate).build();
        let score = |(scale, pair): &(usize, Pair)| {
            let restored = engine.run(&pair.input, &Silent)?;
            Ok(measure(self.scored, pair, *scale, &restored).expect("its input was measured"))
        };
        let scores = self.pairs.par_iter().map(score).collect::<Result<Vec<_>, EngineError>>()?;
        Ok(Scores::mean(&scores).expect("there are pictures"))
    }
}

/// Scores of restored planes.
///
/// # Errors
/// Pictures that are too small for the shaved border or for SSIM.
fn measure(scored: Scored, pair: &Pair, scale: usize, planes: &[Plane<f32>]) -> Result<Scores, BoxError> {
    let rect = shave(pair.truth[0].size(), scale)?;
    let cut = |planes: &[Plane<u8>]| {
        let parts = planes.iter().map(|p| p.crop(rect)).collect::<Result<Vec<_>, _>>()?;
        let pixels = Pixels::from_planes(&parts);
        Ok::<_, BoxError>(match scored {
            Scored::Channels | Scored::Luma(Input::Y) => pixels,
            Scored::Luma(Input::Ycbcr) => Pixels::from_planes(&[pixels.channel(0)]),
            Scored::Luma(Input::Rgb) => Pixels::from_planes(&[luma_plane(&pixels)]),
        })
    };
    let rounded: Vec<Plane<u8>> = planes.iter().map(|p| p.map(to_u8)).collect();
    Ok(measure_pixels(&cut(&pair.truth)?, &cut(&rounded)?, &Protocol::paper(0))?)
}
