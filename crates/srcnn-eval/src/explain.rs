//! Why figures differ: the same pictures by every ruler that is in use, and as each program would have degraded them.
//!
//! "PSNR on Set5, x3" leaves open what is measured (luma in one of two ranges, or RGB), what is cut off, and who shrank the
//! picture; each choice is worth up to several decibels.

use srcnn::color::matlab;
use srcnn::crop;
use srcnn::engine::Engine;
use srcnn::image::{Image, Pixels};
use srcnn::metrics::{self, Channel, MseBase, Protocol, Scores, Window};
use srcnn::model::{Input, Model, Padding};
use srcnn::plane::{Plane, ShapeError};
use srcnn::progress::Progress;
use srcnn::quantize::to_u8;
use srcnn::resample::matlab::{Edge, resize};
use srcnn::resample::{Convention, resize_u8};

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

    /// Luma (studio range, 0.0 to 1.0) of the degraded picture, in the size of before.
    fn luma(self, reference: &Pixels<u8>, scale: usize) -> Result<Plane<f64>, EvaluationError> {
        let size = reference.size();
        let small = (size.0 / scale, size.1 / scale);
        let by = |convention| -> Result<Plane<f64>, EvaluationError> {
            let degraded = resize_u8(&resize_u8(reference, small, convention)?, size, convention)?;
            Ok(matlab::luma_plane(&degraded).map(|v| f64::from(v) / 255.0))
        };
        match self {
            Self::Matlab | Self::MatlabRounded => {
                let luma = matlab::luma_plane(reference).map(|v| f64::from(v) / 255.0);
                let mut luma = resize(&luma, small, Edge::Mirror)?;
                if self == Self::MatlabRounded {
                    luma = luma.map(|v| f64::from(to_u8(v)) / 255.0);
                }
                Ok(resize(&luma, size, Edge::Mirror)?)
            }
            Self::Pillow => by(Convention::PillowBicubic),
            Self::OpencvCubic => by(Convention::OpencvCubic),
            Self::OpencvLinear => by(Convention::OpencvLinear),
        }
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

/// A factor, and a network on luma that restores, or none.
#[derive(Clone, Debug)]
pub struct Explainer {
    scale: usize,
    engine: Option<Engine>,
}

impl Explainer {
    /// Takes the network with replicated edges, as the paper does.
    ///
    /// # Errors
    /// [`EvaluationError::Scale`], [`EvaluationError::NotLuma`].
    pub fn new(scale: usize, model: Option<&Model>) -> Result<Self, EvaluationError> {
        if !(2..=16).contains(&scale) {
            return Err(EvaluationError::Scale { scale });
        }
        if model.is_some_and(|m| m.architecture().input() != Input::Y) {
            return Err(EvaluationError::NotLuma);
        }
        Ok(Self { scale, engine: model.map(|model| Engine::with_padding(model, Padding::Replicate)) })
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
        let restored = match &self.engine {
            Some(engine) => {
                let luma = engine.run(&[degraded.map(|v| v as f32)], progress)?.swap_remove(0);
                Some(luma.map(to_u8))
            }
            None => None,
        };
        let degraded = degraded.map(to_u8);
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
