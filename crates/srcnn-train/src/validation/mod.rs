//! What a network is worth: scored by the product's own engine and metrics.

mod channels;

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
use crate::data::{DataError, Pair, make_pair, read_planes};

pub use channels::ChannelScores;

/// Pictures to score networks on.
#[derive(Debug)]
pub struct Validation {
    pairs: Vec<(usize, Pair)>,
    ruler: Ruler,
    bicubic: Scores,
    fingerprint: u64,
}

/// What is scored of a network's channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ruler {
    /// All of them together.
    Channels,
    /// Their luma.
    Luma(Input),
}

impl Validation {
    /// Reads and degrades pictures, each for all scales; all channels of a network are scored together.
    ///
    /// # Errors
    /// [`DataError`], naming the picture.
    pub fn load(config: &Config, paths: &[PathBuf]) -> Result<Self, DataError> {
        Self::load_for(config, paths, Ruler::Channels)
    }

    /// The same for the benchmark, of which luma is scored if `config` says so.
    ///
    /// # Errors
    /// [`DataError`], naming the picture.
    pub fn load_benchmark(config: &Config, paths: &[PathBuf]) -> Result<Self, DataError> {
        Self::load_for(config, paths, if config.benchmark_luma { Ruler::Luma(config.input) } else { Ruler::Channels })
    }

    fn load_for(config: &Config, paths: &[PathBuf], ruler: Ruler) -> Result<Self, DataError> {
        let pictures = paths.par_iter().map(|path| {
            let planes = read_planes(path, config.input, config.luma)?;
            let scales = config.scales.iter().map(|scale| *scale as usize);
            let pairs = scales.map(|scale| {
                let pair = make_pair(&planes, scale, config)?;
                let scores = measure(ruler, &pair, scale, &pair.input)?;
                Ok((scale, pair, scores))
            });
            let pairs = pairs.collect::<Result<Vec<_>, BoxError>>();
            pairs.map_err(|reason| DataError::Degrade { path: path.clone(), reason })
        });
        let (mut pairs, mut scores) = (Vec::new(), Vec::new());
        for (scale, pair, score) in pictures.collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
            // A flat picture has no error to be better than.
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
        Ok(Self { pairs, ruler, bicubic, fingerprint })
    }

    /// Tells other pictures, or otherwise degraded ones, from these.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// The mean scores of the degraded pictures themselves.
    pub fn bicubic(&self) -> Scores {
        self.bicubic
    }

    /// The mean scores of what `model` makes of them: edges replicated at every layer, samples rounded to 8 bits, as many pixels
    /// shaved as the scale: the protocol `paper`, if pictures are degraded by MATLAB's bicubic and nothing is rounded there.
    ///
    /// # Errors
    /// [`EngineError`], if a model of other channels is given.
    pub fn score(&self, model: &Model) -> Result<Scores, EngineError> {
        let engine = Engine::builder(model).padding(Padding::Replicate).build();
        let score = |(scale, pair): &(usize, Pair)| {
            let restored = engine.run(&pair.input, &Silent)?;
            Ok(measure(self.ruler, pair, *scale, &restored).expect("its input was measured"))
        };
        let scores = self.pairs.par_iter().map(score).collect::<Result<Vec<_>, EngineError>>()?;
        Ok(Scores::mean(&scores).expect("there are pictures"))
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Fails for pictures that are too small for their shave, or for SSIM.
fn measure(ruler: Ruler, pair: &Pair, scale: usize, planes: &[Plane<f32>]) -> Result<Scores, BoxError> {
    let rect = shave(pair.truth[0].size(), scale)?;
    let cut = |planes: &[Plane<u8>]| {
        let parts = planes.iter().map(|p| p.crop(rect)).collect::<Result<Vec<_>, _>>()?;
        let pixels = Pixels::from_planes(&parts);
        Ok::<_, BoxError>(match ruler {
            Ruler::Channels | Ruler::Luma(Input::Y) => pixels,
            Ruler::Luma(Input::Ycbcr) => Pixels::from_planes(&[pixels.channel(0)]),
            Ruler::Luma(Input::Rgb) => Pixels::from_planes(&[luma_plane(&pixels)]),
        })
    };
    let rounded: Vec<Plane<u8>> = planes.iter().map(|p| p.map(to_u8)).collect();
    Ok(measure_pixels(&cut(&pair.truth)?, &cut(&rounded)?, &Protocol::paper(0))?)
}
