//! Why figures differ: the same pictures by every ruler that is in use, and as each program would have degraded them.
//!
//! "PSNR on Set5, x3" leaves open what is measured (luma in one of two ranges, or RGB), what is cut off, and who shrank the
//! picture; each choice is worth up to several decibels.

use std::sync::Arc;

use srcnn::color::matlab;
use srcnn::crop;
use srcnn::degrade::{self, Degraded};
use srcnn::image::{Image, Pixels};
use srcnn::metrics::{self, Channel, MseBase, Protocol, Scores, Window};
use srcnn::model::Input;
use srcnn::plane::{Plane, ShapeError};
use srcnn::progress::Progress;
use srcnn::quantize::to_u8;
use srcnn::resample::Convention;
use srcnn::upscale::Restorer;

use crate::procedure::EvaluationError;

/// Pixels that some shave beside the factor, so that no network's border counts.
const MORE: usize = 6;

/// The rulers for a factor; the paper's comes first.
pub fn rulers(scale: usize) -> [Protocol; 8] {
    let luma = |name, channel, border| Protocol { name, channel, border, ..Protocol::paper(scale) };
    let rgb = |name, border| Protocol { name, channel: Channel::Rgb, border, ..Protocol::paper(scale) };
    [
        Protocol::paper(scale),
        luma("no shave", Channel::LumaStudio, 0),
        luma("shave s+6", Channel::LumaStudio, scale + MORE),
        luma("full-range Y", Channel::LumaFull, scale),
        rgb("RGB", scale),
        rgb("RGB, shave s+6", scale + MORE),
        rgb("RGB, no shave", 0),
        Protocol { mse: MseBase::Pixels, window: Window::Uniform, ..Protocol::keras() },
    ]
}

/// Who shrinks a reference by the factor and enlarges it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Degradation {
    /// MATLAB's bicubic on luma in floating point, nothing rounded between: the paper's.
    Matlab,
    /// The same with the small picture rounded to 8 bits, as a file would have it.
    MatlabRounded,
    /// Pillow's bicubic, in color, on 8 bits.
    Pillow,
    /// OpenCV's bicubic, which does not widen its filter to shrink.
    OpencvCubic,
    /// OpenCV's bilinear: the Keras notebook's.
    OpencvLinear,
}

impl Degradation {
    /// All of them; the paper's comes first.
    pub const ALL: [Self; 5] = [Self::Matlab, Self::MatlabRounded, Self::Pillow, Self::OpencvCubic, Self::OpencvLinear];

    /// As tables have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Matlab => "MATLAB bicubic",
            Self::MatlabRounded => "MATLAB bicubic, 8 bits",
            Self::Pillow => "Pillow bicubic",
            Self::OpencvCubic => "OpenCV bicubic",
            Self::OpencvLinear => "OpenCV bilinear",
        }
    }

    /// The recipe by which pictures are degraded so.
    fn recipe(self) -> degrade::Degradation {
        let by = |convention| degrade::Degradation { convention, round: true };
        match self {
            Self::Matlab => degrade::Degradation::PAPER,
            Self::MatlabRounded => by(degrade::Degradation::PAPER.convention),
            Self::Pillow => by(Convention::PillowBicubic),
            Self::OpencvCubic => by(Convention::OpencvCubic),
            Self::OpencvLinear => by(Convention::OpencvLinear),
        }
    }

    /// Luma (studio range) of the degraded picture. MATLAB shrinks luma, the other programs pictures in color.
    fn luma(self, reference: &Pixels<u8>, scale: usize) -> Result<Degraded, EvaluationError> {
        if matches!(self, Self::Matlab | Self::MatlabRounded) {
            return Ok(self.recipe().planes(&[matlab::luma_plane(reference)], scale)?);
        }
        let [small, large] = self.recipe().pixels(reference, scale)?;
        let luma = |pixels| vec![matlab::luma_plane(&pixels).map(|v| f64::from(v) / 255.0)];
        Ok(Degraded { small: luma(small), large: luma(large) })
    }
}

/// What one pair of pictures says.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// By each of [`rulers`].
    pub rulers: Vec<Scores>,
    /// By each of [`Degradation::ALL`].
    pub degradations: Vec<Made>,
}

/// A degraded reference, by the paper's ruler.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// Degraded, against the reference: PSNR in dB.
    pub degraded: f64,
    /// Restored, against the reference: PSNR in dB.
    pub restored: Option<f64>,
    /// The other picture against the degraded or the restored one, whichever it is nearer to: PSNR in dB.
    pub agreement: f64,
}

/// A factor, and a restorer on luma, or none.
#[derive(Clone, Debug)]
pub struct Explainer {
    scale: usize,
    restorer: Option<Arc<dyn Restorer>>,
}

impl Explainer {
    /// An explainer for a factor of 2 to 16.
    ///
    /// # Errors
    /// [`EvaluationError::Scale`], [`EvaluationError::NotLuma`], [`EvaluationError::OtherScale`].
    pub fn new(scale: usize, restorer: Option<Arc<dyn Restorer>>) -> Result<Self, EvaluationError> {
        if !(2..=16).contains(&scale) {
            return Err(EvaluationError::Scale { scale });
        }
        if restorer.as_ref().is_some_and(|restorer| restorer.input() != Input::Y) {
            return Err(EvaluationError::NotLuma);
        }
        if let Some(restorer) = &restorer
            && let Some(own) = restorer.small_picture_scale().filter(|own| *own != scale)
        {
            return Err(EvaluationError::OtherScale { name: restorer.name().to_owned(), own });
        }
        Ok(Self { scale, restorer })
    }

    /// Measures a pair; both are cut to a multiple of the factor first, and alpha is not looked at.
    ///
    /// # Errors
    /// [`EvaluationError`], for pictures of different sizes as well.
    pub fn explain(
        &self,
        reference: &Image,
        other: &Image,
        progress: &dyn Progress,
    ) -> Result<Explanation, EvaluationError> {
        let cropped = |image: &Image| image.crop(crop::modcrop(image.size(), self.scale)?);
        let (reference, other) = (cropped(reference)?, cropped(other)?);
        let by = |ruler: &Protocol| metrics::measure(&reference, &other, ruler);
        let rulers = rulers(self.scale).iter().map(by).collect::<Result<_, _>>()?;
        let made = |degradation: &Degradation| self.made(*degradation, &reference, &other, progress);
        let degradations = Degradation::ALL.iter().map(made).collect::<Result<_, _>>()?;
        Ok(Explanation { rulers, degradations })
    }

    fn made(
        &self,
        degradation: Degradation,
        reference: &Image,
        other: &Image,
        progress: &dyn Progress,
    ) -> Result<Made, EvaluationError> {
        // Grey pictures are their own luma.
        let (pixels, truth, other) = if reference.is_grey() && other.is_grey() {
            let grey = |image: &Image| image.to_u8().channel(0);
            (Pixels::from_planes(&[grey(reference)]), grey(reference), grey(other))
        } else {
            let rgb = reference.to_rgb8();
            let truth = matlab::luma_plane(&rgb);
            (rgb, truth, matlab::luma_plane(&other.to_rgb8()))
        };
        let degraded = degradation.luma(&pixels, self.scale)?;
        let restored = match &self.restorer {
            Some(restorer) => Some(restorer.restore(&degraded, progress)?.swap_remove(0).map(to_u8)),
            None => None,
        };
        let degraded = degraded.large[0].map(to_u8);
        let rect = crop::shave(truth.size(), self.scale)?;
        let psnr = |a: &Plane<u8>, b: &Plane<u8>| -> Result<f64, EvaluationError> {
            let part = |plane: &Plane<u8>| Ok::<_, ShapeError>(Pixels::from_planes(&[plane.crop(rect)?]));
            Ok(metrics::measure_pixels(&part(a)?, &part(b)?, &Protocol::paper(0))?.psnr)
        };
        let mut agreement = psnr(&other, &degraded)?;
        if let Some(restored) = &restored {
            agreement = agreement.max(psnr(&other, restored)?);
        }
        let restored = restored.map(|restored| psnr(&truth, &restored)).transpose()?;
        Ok(Made { degraded: psnr(&truth, &degraded)?, restored, agreement })
    }
}
