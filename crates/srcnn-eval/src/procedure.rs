//! The two published ways from a reference picture to figures: degrade, restore, crop, measure.

use std::time::{Duration, Instant};

use srcnn::Size;
use srcnn::color::{matlab, opencv};
use srcnn::crop;
use srcnn::engine::{Engine, EngineError, Execution};
use srcnn::image::{Image, Pixels};
use srcnn::metrics::{self, MetricError, Protocol, Scores};
use srcnn::model::{Input, Model, Padding};
use srcnn::plane::{Plane, Rect, ShapeError};
use srcnn::progress::Progress;
use srcnn::quantize::{to_u8, truncate_to_u8};
use srcnn::resample::matlab::{Edge, resize};
use srcnn::resample::{Convention, ResizeError, resize_u8};

use crate::baseline::{Baseline, BaselineError};

/// The Keras notebook crops to multiples of three, whatever the scale.
const NOTEBOOK_MODULUS: usize = 3;

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Procedure {
    /// Dong et al.: luma, MATLAB's bicubic in floating point, edges replicated at every layer.
    Paper,
    /// The Keras project's notebook: OpenCV's bilinear on 8 bits, the network's own paddings, truncation.
    Keras,
}

impl Procedure {
    /// How the results are measured; the pictures have been cropped before.
    pub fn protocol(self) -> Protocol {
        match self {
            Self::Paper => Protocol::paper(0),
            Self::Keras => Protocol::keras(),
        }
    }
}

/// A model or a baseline made ready for one of the procedures, or none: then the degraded picture stands for the restored
/// one.
#[derive(Clone, Debug)]
pub struct Evaluator {
    procedure: Procedure,
    scale: usize,
    restorer: Restorer,
}

/// What restores the degraded picture.
#[derive(Clone, Debug)]
enum Restorer {
    Nothing,
    Network(Box<Engine>),
    Baseline(Box<Baseline>),
}

/// One picture's figures, and the pictures themselves.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Columns after modcrop, before other crops.
    pub width: usize,
    /// Rows after modcrop, before other crops.
    pub height: usize,
    /// The degraded picture's figures.
    pub input: Scores,
    /// The restored picture's figures.
    pub output: Scores,
    /// What the network or the baseline took.
    pub time: Duration,
    /// The three pictures in color, of one size.
    pub pictures: Pictures,
}

/// Reference, degraded and restored picture, of one size.
#[derive(Clone, Debug)]
pub struct Pictures {
    /// The reference.
    pub reference: Image,
    /// What was made of it.
    pub degraded: Image,
    /// What the network or the baseline made of that.
    pub restored: Image,
}

/// A picture or a model cannot be evaluated so.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// A factor below 2 or above 16.
    #[error("a scale of {scale} is not between 2 and 16")]
    Scale {
        /// The factor.
        scale: usize,
    },
    /// The procedures measure networks on luma.
    #[error("the model works on RGB or YCbCr; this protocol is defined for networks on luma")]
    NotLuma,
    /// The paper's procedure compares whole pictures.
    #[error("the model's own padding loses {loss} pixels on every side; this protocol measures whole pictures")]
    Border {
        /// Pixels lost on every side.
        loss: usize,
    },
    /// The picture is too small for the crops.
    #[error("the picture is too small")]
    TooSmall(#[from] ShapeError),
    /// The picture is too small for the factor.
    #[error("the picture is too small")]
    Resize(#[from] ResizeError),
    /// The network.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The baseline.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    /// The figures.
    #[error(transparent)]
    Metric(#[from] MetricError),
}

impl Evaluator {
    /// Checks that the model fits the procedure.
    ///
    /// # Errors
    /// [`EvaluationError::Scale`], [`EvaluationError::NotLuma`].
    pub fn new(
        procedure: Procedure,
        scale: usize,
        model: Option<&Model>,
        execution: Execution,
    ) -> Result<Self, EvaluationError> {
        let prescribed = match procedure {
            Procedure::Paper => Some(Padding::Replicate),
            Procedure::Keras => None,
        };
        Self::padded(procedure, scale, model, prescribed, execution)
    }

    /// The same with the model's own padding, whatever the procedure prescribes.
    ///
    /// # Errors
    /// As [`Evaluator::new`], and [`EvaluationError::Border`] under [`Procedure::Paper`] for a model that loses its border.
    pub fn with_own_padding(
        procedure: Procedure,
        scale: usize,
        model: Option<&Model>,
        execution: Execution,
    ) -> Result<Self, EvaluationError> {
        let loss = model.map_or(0, |m| m.architecture().border_loss());
        if procedure == Procedure::Paper && loss > 0 {
            return Err(EvaluationError::Border { loss });
        }
        Self::padded(procedure, scale, model, None, execution)
    }

    fn padded(
        procedure: Procedure,
        scale: usize,
        model: Option<&Model>,
        padding: Option<Padding>,
        execution: Execution,
    ) -> Result<Self, EvaluationError> {
        if !(2..=16).contains(&scale) {
            return Err(EvaluationError::Scale { scale });
        }
        if model.is_some_and(|m| m.architecture().input() != Input::Y) {
            return Err(EvaluationError::NotLuma);
        }
        let restorer = model.map_or(Restorer::Nothing, |model| {
            let engine = match padding {
                Some(padding) => Engine::with_padding(model, padding),
                None => Engine::new(model),
            };
            Restorer::Network(Box::new(engine.with_execution(model, execution)))
        });
        Ok(Self { procedure, scale, restorer })
    }

    /// A baseline under [`Procedure::Paper`], at the scale that it was learnt for.
    pub fn of_baseline(baseline: Baseline) -> Self {
        let scale = baseline.scale();
        Self { procedure: Procedure::Paper, scale, restorer: Restorer::Baseline(Box::new(baseline)) }
    }

    /// The network, if there is one.
    pub fn engine(&self) -> Option<&Engine> {
        match &self.restorer {
            Restorer::Network(engine) => Some(engine),
            Restorer::Nothing | Restorer::Baseline(_) => None,
        }
    }

    /// The baseline, if there is one.
    pub fn baseline(&self) -> Option<&Baseline> {
        match &self.restorer {
            Restorer::Baseline(baseline) => Some(baseline),
            Restorer::Nothing | Restorer::Network(_) => None,
        }
    }

    /// Degrades, restores and measures one picture; alpha is not looked at, 16 bits are rounded to 8.
    ///
    /// # Errors
    /// [`EvaluationError`].
    pub fn evaluate(&self, image: &Image, progress: &dyn Progress) -> Result<Evaluation, EvaluationError> {
        match self.procedure {
            Procedure::Paper => self.paper(image, progress),
            Procedure::Keras => self.keras(image, progress),
        }
    }

    fn paper(&self, image: &Image, progress: &dyn Progress) -> Result<Evaluation, EvaluationError> {
        let pixels = image.to_u8();
        let pixels = pixels.crop(crop::modcrop(pixels.size(), self.scale)?)?;
        let truth = matlab::luma_plane(&pixels);
        let small = self.shrunk(&truth)?;
        let degraded = resize(&small, truth.size(), Edge::Mirror)?;
        let start = Instant::now();
        let restored = match &self.restorer {
            Restorer::Nothing => degraded.map(to_u8),
            Restorer::Network(engine) => {
                let input = degraded.map(|v| v as f32);
                engine.run(&[input], progress)?.swap_remove(0).map(to_u8)
            }
            Restorer::Baseline(baseline) => baseline.upscale(&small, truth.size(), progress)?.map(to_u8),
        };
        let time = start.elapsed();
        let degraded = degraded.map(to_u8);
        let rect = crop::shave(pixels.size(), self.scale)?;
        let measured = |plane: &Plane<u8>| -> Result<Scores, EvaluationError> {
            let part = |plane: &Plane<u8>| Ok::<_, ShapeError>(Pixels::from_planes(&[plane.crop(rect)?]));
            Ok(metrics::measure_pixels(&part(&truth)?, &part(plane)?, &self.procedure.protocol())?)
        };
        let (input, output) = (measured(&degraded)?, measured(&restored)?);
        let reference = if image.is_grey() { Pixels::from_planes(&[truth]) } else { colors(&pixels) };
        let chroma = self.degraded_chroma(&reference)?;
        Ok(Evaluation {
            width: pixels.width(),
            height: pixels.height(),
            input,
            output,
            time,
            pictures: Pictures {
                reference: of_u8(reference),
                degraded: of_u8(with_chroma(degraded, &chroma)),
                restored: of_u8(with_chroma(restored, &chroma)),
            },
        })
    }

    /// Down in double precision, nothing rounded.
    fn shrunk(&self, plane: &Plane<u8>) -> Result<Plane<f64>, EvaluationError> {
        let Size { width, height } = plane.size();
        let plane = plane.map(|v| f64::from(v) / 255.0);
        Ok(resize(&plane, (width / self.scale, height / self.scale), Edge::Mirror)?)
    }

    /// Down and up again.
    fn bicubic(&self, plane: &Plane<u8>) -> Result<Plane<f64>, EvaluationError> {
        Ok(resize(&self.shrunk(plane)?, plane.size(), Edge::Mirror)?)
    }

    /// Cb and Cr of a degraded color picture; nothing for a grey one.
    fn degraded_chroma(&self, reference: &Pixels<u8>) -> Result<Vec<Plane<u8>>, EvaluationError> {
        if reference.channels() == 1 {
            return Ok(Vec::new());
        }
        let ycbcr = reference.map_pixels(3, |from, to: &mut [u8]| {
            to.copy_from_slice(&matlab::rgb_to_ycbcr([from[0], from[1], from[2]]));
        });
        [1, 2].iter().map(|&c| Ok(self.bicubic(&ycbcr.channel(c))?.map(to_u8))).collect()
    }

    fn keras(&self, image: &Image, progress: &dyn Progress) -> Result<Evaluation, EvaluationError> {
        let reference = image.to_rgb8();
        let Size { width, height } = reference.size();
        let small = resize_u8(&reference, (width / self.scale, height / self.scale), Convention::OpencvLinear)?;
        let degraded = resize_u8(&small, (width, height), Convention::OpencvLinear)?;
        let Some(engine) = self.engine() else {
            // The notebook measures degraded pictures whole; it crops for the network's sake.
            let scores = metrics::measure_pixels(&reference, &degraded, &self.procedure.protocol())?;
            let (reference, degraded) = (of_u8(reference), of_u8(degraded));
            let pictures = Pictures { reference, restored: degraded.clone(), degraded };
            return Ok(Evaluation { width, height, input: scores, output: scores, time: Duration::ZERO, pictures });
        };
        let modcrop = crop::modcrop_notebook((width, height), NOTEBOOK_MODULUS)?;
        let (reference, degraded) = (reference.crop(modcrop)?, degraded.crop(modcrop)?);
        let ycrcb = degraded.map_pixels(3, |from, to: &mut [u8]| {
            to.copy_from_slice(&opencv::rgb_to_ycrcb([from[0], from[1], from[2]]));
        });
        let luma = ycrcb.channel_map(0, |v| f32::from(v) / 255.0);
        let start = Instant::now();
        let luma = engine.run(&[luma], progress)?.swap_remove(0).map(truncate_to_u8);
        let time = start.elapsed();
        let kept = crop::shave(reference.size(), engine.architecture().border_loss())?;
        let cropped = |pixels: &Pixels<u8>, rect: Rect| pixels.crop(rect);
        let (reference, degraded, ycrcb) =
            (cropped(&reference, kept)?, cropped(&degraded, kept)?, cropped(&ycrcb, kept)?);
        let ycrcb = Pixels::from_planes(&[luma, ycrcb.channel(1), ycrcb.channel(2)]);
        let restored = ycrcb.map_pixels(3, |from, to: &mut [u8]| {
            to.copy_from_slice(&opencv::ycrcb_to_rgb([from[0], from[1], from[2]]));
        });
        let measured = |other| metrics::measure_pixels(&reference, other, &self.procedure.protocol());
        Ok(Evaluation {
            width: modcrop.width,
            height: modcrop.height,
            input: measured(&degraded)?,
            output: measured(&restored)?,
            time,
            pictures: Pictures { reference: of_u8(reference), degraded: of_u8(degraded), restored: of_u8(restored) },
        })
    }
}

/// The picture of luma, and chroma where there is one.
fn with_chroma(luma: Plane<u8>, chroma: &[Plane<u8>]) -> Pixels<u8> {
    let [cb, cr] = chroma else { return Pixels::from_planes(&[luma]) };
    Pixels::from_planes(&[luma, cb.clone(), cr.clone()]).map_pixels(3, |from, to| {
        to.copy_from_slice(&matlab::ycbcr_to_rgb([from[0], from[1], from[2]]));
    })
}

/// RGB without alpha.
fn colors(pixels: &Pixels<u8>) -> Pixels<u8> {
    pixels.map_pixels(3, |from, to| to.copy_from_slice(&from[..3]))
}

fn of_u8(pixels: Pixels<u8>) -> Image {
    Image::from_u8(pixels).expect("one or three channels")
}
