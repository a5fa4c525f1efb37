//! The two published evaluation procedures: degrade a reference picture, restore, crop, measure.

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

/// The Keras notebook crops to multiples of three at every factor.
const NOTEBOOK_MODULUS: usize = 3;

/// An evaluation procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Procedure {
    /// Dong et al.: luma, MATLAB's bicubic in floating point, replicated edges at every layer.
    Paper,
    /// The notebook of the Keras project: OpenCV's bilinear on 8 bits, the network's own paddings, truncation to 8 bits.
    Keras,
}

impl Procedure {
    /// The padding that the procedure prescribes for every layer; none under [`Procedure::Keras`], where networks keep theirs.
    pub fn padding(self) -> Option<Padding> {
        match self {
            Self::Paper => Some(Padding::Replicate),
            Self::Keras => None,
        }
    }

    /// The protocol that cropped pictures are measured under.
    pub fn protocol(self) -> Protocol {
        match self {
            Self::Paper => Protocol::paper(0),
            Self::Keras => Protocol::keras(),
        }
    }
}

/// A procedure with its factor and restorer. Where the restorer only interpolates, the degraded picture is also the restored
/// one.
#[derive(Clone, Debug)]
pub struct Evaluator {
    procedure: Procedure,
    scale: usize,
    restorer: Arc<dyn Restorer>,
}

/// The result for one picture.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Width after modcrop, before other crops.
    pub width: usize,
    /// Height after modcrop, before other crops.
    pub height: usize,
    /// Scores of the degraded picture.
    pub input: Scores,
    /// Scores of the restored picture.
    pub output: Scores,
    /// Time of the restoration.
    pub time: Duration,
    /// The pictures.
    pub pictures: Pictures,
}

/// Reference, degraded and restored picture: 8 bits, RGB or grey, of the same size.
#[derive(Clone, Debug)]
pub struct Pictures {
    /// The cropped reference.
    pub reference: Image,
    /// The reference, shrunk and enlarged again.
    pub degraded: Image,
    /// The restored picture.
    pub restored: Image,
}

/// A picture or a restorer cannot be evaluated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// The factor is not 2 to 16.
    #[error("a scale of {scale} is not between 2 and 16")]
    Scale {
        /// The factor.
        scale: usize,
    },
    /// The restorer does not work on luma.
    #[error("the model works on RGB or YCbCr; this protocol is defined for networks on luma")]
    NotLuma,
    /// The paper's procedure measures whole pictures, and the network loses a border.
    #[error("the model's own padding loses {loss} pixels on every side; this protocol measures whole pictures")]
    Border {
        /// Lost pixels on each side.
        loss: usize,
    },
    /// The picture is too small for the crops.
    #[error("the picture is too small")]
    TooSmall(#[from] ShapeError),
    /// The picture is too small for the factor.
    #[error("the picture is too small")]
    Resize(#[from] ResizeError),
    /// The restorer takes small pictures, which this procedure does not have.
    #[error("{name} is defined under protocol paper")]
    SmallPicture {
        /// The restorer's name.
        name: String,
    },
    /// The restorer is for another factor.
    #[error("{name} of this file is for x{own}")]
    OtherScale {
        /// The restorer's name.
        name: String,
        /// Its factor.
        own: usize,
    },
    /// The restorer failed.
    #[error(transparent)]
    Restorer(#[from] UpscaleError),
    /// The measurement failed.
    #[error(transparent)]
    Metric(#[from] MetricError),
}

impl Evaluator {
    /// An evaluator, after a check that the restorer fits the procedure. A network is measured with the paddings that it was
    /// packed with; [`Procedure::padding`] gives the prescribed ones.
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

    /// Degrades, restores and measures a picture. Alpha is ignored, 16 bits are rounded to 8.
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

    /// Cb and Cr of the degraded picture; none for a grey one.
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
            // The notebook crops degraded pictures only for a network.
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

/// A picture of luma and chroma as RGB; of luma alone as grey.
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

/// An image of grey or RGB pixels.
fn of_u8(pixels: Pixels<u8>) -> Image {
    Image::from_u8(pixels).expect("one or three channels")
}
