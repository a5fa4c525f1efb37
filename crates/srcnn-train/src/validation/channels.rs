//! Comparable scores of networks on luma, YCbCr and RGB: PSNR of each channel of YCbCr, and of RGB.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use srcnn::color::matlab::{rgb_to_ycbcr, ycbcr_to_rgb};
use srcnn::crop::shave;
use srcnn::engine::{Engine, EngineError};
use srcnn::image::Pixels;
use srcnn::model::{Input, Model, Padding};
use srcnn::plane::Plane;
use srcnn::progress::Silent;
use srcnn::quantize::to_u8;

use crate::config::Config;
use crate::data::{BoxError, DataError, make_pair, read_planes};

/// Mean PSNR by channels in dB, with a border of as many pixels as the factor shaved; infinite for equal pictures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChannelScores {
    /// Y.
    pub y: f64,
    /// Cb.
    pub cb: f64,
    /// Cr.
    pub cr: f64,
    /// Red, green and blue together.
    pub rgb: f64,
    /// Y, Cb and Cr together.
    pub ycbcr: f64,
}

impl ChannelScores {
    /// Scores of pictures that are degraded by the settings of `config` and restored by `model`; of the degraded pictures
    /// without a model. Channels that the network does not restore, such as chroma for one on luma, are interpolated. Grey
    /// pictures are taken as RGB.
    ///
    /// # Errors
    /// [`DataError`], naming the picture; [`DataError::NoValidation`] if there is none.
    pub fn of(config: &Config, paths: &[PathBuf], model: Option<&Model>) -> Result<Self, DataError> {
        let engine = model.map(|model| Engine::builder(model).padding(Padding::Replicate).build());
        let input = model.map_or(Input::Ycbcr, |model| model.input());
        let cases: Vec<_> =
            paths.iter().flat_map(|path| config.scales.iter().map(move |s| (path, *s as usize))).collect();
        let scores = cases.par_iter().map(|(path, scale)| {
            score(config, path, *scale, input, engine.as_ref())
                .map_err(|reason| DataError::Degrade { path: path.to_path_buf(), reason })
        });
        let scores = scores.collect::<Result<Vec<Self>, DataError>>()?;
        let mean = |of: fn(&Self) -> f64| scores.iter().map(of).sum::<f64>() / scores.len() as f64;
        let mean = Self {
            y: mean(|s| s.y),
            cb: mean(|s| s.cb),
            cr: mean(|s| s.cr),
            rgb: mean(|s| s.rgb),
            ycbcr: mean(|s| s.ycbcr),
        };
        if scores.is_empty() { Err(DataError::NoValidation) } else { Ok(mean) }
    }
}

/// Scores of one picture.
fn score(
    config: &Config,
    path: &Path,
    scale: usize,
    input: Input,
    engine: Option<&Engine>,
) -> Result<ChannelScores, BoxError> {
    let run = |planes: &[Plane<f32>]| -> Result<Vec<Plane<f32>>, EngineError> {
        engine.map_or_else(|| Ok(planes.to_vec()), |engine| engine.run(planes, &Silent))
    };
    let rounded = |planes: &[Plane<f32>]| planes.iter().map(|p| p.map(to_u8)).collect::<Vec<_>>();
    let ycbcr = make_pair(&read_planes(path, Input::Ycbcr, config.luma)?, scale, config)?;
    let rgb = make_pair(&read_planes(path, Input::Rgb, config.luma)?, scale, config)?;
    let mut degraded = ycbcr.input;
    let restored = match input {
        Input::Rgb => [rounded(&run(&rgb.input)?), Vec::new()],
        Input::Ycbcr => [Vec::new(), rounded(&run(&degraded)?)],
        Input::Y => {
            degraded[0] = run(&degraded[..1])?.remove(0);
            [Vec::new(), rounded(&degraded)]
        }
    };
    let rect = shave(ycbcr.truth[0].size(), scale)?;
    let cut = |planes: &[Plane<u8>]| -> Result<Pixels<u8>, BoxError> {
        let parts = planes.iter().map(|p| p.crop(rect)).collect::<Result<Vec<_>, _>>()?;
        Ok(Pixels::from_planes(&parts))
    };
    let converted = |pixels: &Pixels<u8>, by: fn([u8; 3]) -> [u8; 3]| {
        pixels.map_pixels(3, |from: &[u8], to: &mut [u8]| to.copy_from_slice(&by([from[0], from[1], from[2]])))
    };
    let [of_rgb, of_ycbcr] = restored;
    let (found_rgb, found) = if of_ycbcr.is_empty() {
        let pixels = cut(&of_rgb)?;
        (pixels.clone(), converted(&pixels, rgb_to_ycbcr))
    } else {
        let pixels = cut(&of_ycbcr)?;
        (converted(&pixels, ycbcr_to_rgb), pixels)
    };
    let (truth, truth_rgb) = (cut(&ycbcr.truth)?, cut(&rgb.truth)?);
    let channel = |c: usize| psnr(truth.channel(c).as_slice(), found.channel(c).as_slice());
    Ok(ChannelScores {
        y: channel(0),
        cb: channel(1),
        cr: channel(2),
        rgb: psnr(truth_rgb.as_slice(), found_rgb.as_slice()),
        ycbcr: psnr(truth.as_slice(), found.as_slice()),
    })
}

/// PSNR in dB of 8-bit samples.
fn psnr(a: &[u8], b: &[u8]) -> f64 {
    let squares = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum::<u64>();
    10.0 * (255.0 * 255.0 * a.len() as f64 / squares as f64).log10()
}

#[cfg(test)]
mod tests {
    use srcnn::model::{Activation, Architecture, LayerSpec, LayerWeights};

    use super::*;
    use crate::validation::Validation;

    fn config() -> Config {
        Config { scales: vec![3], ..Config::preset("best").expect("a preset") }
    }

    /// A network that gives its input.
    fn identity(input: Input) -> Model {
        let n = input.channels();
        let spec =
            LayerSpec { inputs: n, outputs: n, kernel: 1, padding: Padding::Valid, activation: Activation::None };
        let kernels = (0..n * n).map(|i| if i % (n + 1) == 0 { 1.0 } else { 0.0 }).collect();
        let weights = LayerWeights { kernels, biases: vec![0.0; n] };
        let architecture = Architecture::new(input, vec![spec]).expect("a layer");
        let (preprocessing, notes) =
            (*Model::builtin("srcnn-915", 3).expect("built in").preprocessing(), Default::default());
        Model::new("identity", architecture, vec![weights], preprocessing, notes).expect("a model")
    }

    #[test]
    fn networks_that_change_nothing_score_what_the_degraded_pictures_score() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../srcnn-fixtures/pictures");
        let paths = ["astronaut-61x47.png", "rocket-40x56.png"].map(|name| folder.join(name));
        let score = |model: Option<Model>| ChannelScores::of(&config(), &paths, model.as_ref()).expect("pictures");
        let plain = score(None);
        assert_eq!(score(Some(identity(Input::Y))), plain);
        assert_eq!(score(Some(identity(Input::Ycbcr))), plain);
        // RGB is rounded before it is converted, which changes a level or so.
        let rgb = score(Some(identity(Input::Rgb)));
        assert!((rgb.y - plain.y).abs() < 0.05 && (rgb.rgb - plain.rgb).abs() < 0.1, "{rgb:?} {plain:?}");
        assert!((rgb.cb - plain.cb).abs() < 0.5 && (rgb.cr - plain.cr).abs() < 0.5, "{rgb:?} {plain:?}");
    }

    #[test]
    fn a_benchmark_on_luma_is_the_score_of_luma_whatever_goes_in() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../srcnn-fixtures/pictures");
        let paths = ["astronaut-61x47.png", "rocket-40x56.png"].map(|name| folder.join(name));
        for input in [Input::Y, Input::Ycbcr, Input::Rgb] {
            let config = Config { input, benchmark_luma: true, ..config() };
            let expected = ChannelScores::of(&config, &paths, Some(&identity(input))).expect("pictures");
            let found = Validation::load_benchmark(&config, &paths).expect("pictures");
            for scores in [found.bicubic(), found.score(&identity(input)).expect("its channels")] {
                assert!((scores.psnr - expected.y).abs() < 1e-9, "{input:?}: {scores:?}, expected {expected:?}");
            }
            let all = Validation::load(&config, &paths).expect("pictures").bicubic().psnr;
            let together = match input {
                Input::Y => expected.y,
                Input::Ycbcr => expected.ycbcr,
                Input::Rgb => expected.rgb,
            };
            assert!((all - together).abs() < 1e-9, "{input:?}: {all}, expected {expected:?}");
        }
    }

    #[test]
    fn nothing_to_score_and_pictures_that_cannot_be_are_errors() {
        assert!(matches!(ChannelScores::of(&config(), &[], None), Err(DataError::NoValidation)));
        let error = ChannelScores::of(&config(), &["missing.png".into()], None).expect_err("no file").to_string();
        assert!(error.contains("missing.png"), "{error}");
    }

    #[test]
    fn set5_scores_what_the_paper_has_for_bicubic_interpolation() {
        let Some(data) = std::env::var_os("SRCNN_REFERENCE_DATA") else {
            println!("skipped: SRCNN_REFERENCE_DATA is unset");
            return;
        };
        let paths = srcnn::codec::files::pictures_in(&Path::new(&data).join("set5")).expect("a folder");
        let found = ChannelScores::of(&config(), &paths, None).expect("pictures");
        // What the paper calls the color image are the three channels of YCbCr together.
        for (ours, published) in [(found.y, 30.39), (found.cb, 45.44), (found.cr, 45.42), (found.ycbcr, 34.57)] {
            assert!((ours - published).abs() < 0.01, "{found:?}");
        }
    }
}
