//! The two published ways from a reference picture to figures: degrade, restore, crop, measure.

use std::sync::Arc;
use std::time::{Duration, Instant};

use srcnn::Size;
use srcnn::color::{matlab, opencv};
use srcnn::crop;
use srcnn::degrade::{Degradation, Degraded};
use srcnn::image::{Image, Pixels};
use srcnn::metrics::{self, MetricError, Protocol, Scores};
use srcnn::model::{Input, Padding};
use srcnn::plane::{Plane, Rect, ShapeError};
use srcnn::progress::Progress;
use srcnn::quantize::{to_u8, truncate_to_u8};
use srcnn::resample::ResizeError;
use srcnn::upscale::{Restorer, UpscaleError};

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
    /// The padding at every layer of a network; its own under [`Procedure::Keras`].
    pub fn padding(self) -> Option<Padding> {
        match self {
            Self::Paper => Some(Padding::Replicate),
            Self::Keras => None,
        }
    }

    /// How the results are measured; the pictures have been cropped before.
    pub fn protocol(self) -> Protocol {
        match self {
            Self::Paper => Protocol::paper(0),
            Self::Keras => Protocol::keras(),
        }
    }
}

/// A restorer ready for one of the procedures. For interpolation alone the degraded picture stands for the restored one.
#[derive(Clone, Debug)]
pub struct Evaluator {
    procedure: Procedure,
    scale: usize,
    restorer: Arc<dyn Restorer>,
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
    /// A restorer of small pictures under a procedure that has none.
    #[error("{name} is defined under protocol paper")]
    SmallPicture {
        /// The restorer's name.
        name: String,
    },
    /// A restorer for another factor.
    #[error("{name} of this file is for x{own}")]
    OtherScale {
        /// The restorer's name.
        name: String,
        /// Its factor.
        own: usize,
    },
    /// The restorer.
    #[error(transparent)]
    Restorer(#[from] UpscaleError),
    /// The figures.
    #[error(transparent)]
    Metric(#[from] MetricError),
}

impl Evaluator {
    /// Checks that the restorer fits the procedure. A network is measured with the paddings that it was packed with;
    /// [`Procedure::padding`] are those that the procedure prescribes.
    ///
    /// # Errors
    /// [`EvaluationError::Scale`], [`EvaluationError::NotLuma`], [`EvaluationError::Border`],
    /// [`EvaluationError::SmallPicture`], [`EvaluationError::OtherScale`].
    pub fn new(procedure: Procedure, scale: usize, restorer: Arc<dyn Restorer>) -> Result<Self, EvaluationError> {
        if !(2..=16).contains(&scale) {
            return Err(EvaluationError::Scale { scale });
        }
        if restorer.input() != Input::Y {
            return Err(EvaluationError::NotLuma);
        }
        if let Some(own) = restorer.small_picture_scale() {
            let name = restorer.name().to_owned();
            if procedure != Procedure::Paper {
                return Err(EvaluationError::SmallPicture { name });
            }
            if own != scale {
                return Err(EvaluationError::OtherScale { name, own });
            }
        }
        let loss = restorer.border_loss();
        if procedure == Procedure::Paper && loss > 0 {
            return Err(EvaluationError::Border { loss });
        }
        Ok(Self { procedure, scale, restorer })
    }

    /// The restorer.
    pub fn restorer(&self) -> &dyn Restorer {
        &*self.restorer
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
        let degraded = Degradation::PAPER.planes(std::slice::from_ref(&truth), self.scale)?;
        let start = Instant::now();
        let restored = self.restorer.restore(&degraded, progress)?.swap_remove(0).map(to_u8);
        let time = start.elapsed();
        let degraded = degraded.large[0].map(to_u8);
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

    /// Cb and Cr of a degraded color picture; nothing for a grey one.
    fn degraded_chroma(&self, reference: &Pixels<u8>) -> Result<Vec<Plane<u8>>, EvaluationError> {
        if reference.channels() == 1 {
            return Ok(Vec::new());
        }
        let ycbcr = reference.map_pixels(3, |from, to: &mut [u8]| {
            to.copy_from_slice(&matlab::rgb_to_ycbcr([from[0], from[1], from[2]]));
        });
        let chroma = [ycbcr.channel(1), ycbcr.channel(2)];
        Ok(Degradation::PAPER.planes(&chroma, self.scale)?.large.iter().map(|plane| plane.map(to_u8)).collect())
    }

    fn keras(&self, image: &Image, progress: &dyn Progress) -> Result<Evaluation, EvaluationError> {
        let reference = image.to_rgb8();
        let Size { width, height } = reference.size();
        let [_, degraded] = Degradation::KERAS.pixels(&reference, self.scale)?;
        if self.restorer.is_interpolation() {
            // The notebook measures degraded pictures whole; only for a network are they cropped.
            let scores = metrics::measure_pixels(&reference, &degraded, &self.procedure.protocol())?;
            let (reference, degraded) = (of_u8(reference), of_u8(degraded));
            let pictures = Pictures { reference, restored: degraded.clone(), degraded };
            return Ok(Evaluation { width, height, input: scores, output: scores, time: Duration::ZERO, pictures });
        }
        let modcrop = crop::modcrop_notebook((width, height), NOTEBOOK_MODULUS)?;
        let (reference, degraded) = (reference.crop(modcrop)?, degraded.crop(modcrop)?);
        let ycrcb = degraded.map_pixels(3, |from, to: &mut [u8]| {
            to.copy_from_slice(&opencv::rgb_to_ycrcb([from[0], from[1], from[2]]));
        });
        let luma = ycrcb.channel_map(0, |v| f64::from(v) / 255.0);
        let degraded_luma = Degraded { small: Vec::new(), large: vec![luma] };
        let start = Instant::now();
        let luma = self.restorer.restore(&degraded_luma, progress)?.swap_remove(0);
        let luma = luma.map(|v| truncate_to_u8(v as f32));
        let time = start.elapsed();
        let kept = crop::shave(reference.size(), self.restorer.border_loss())?;
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
