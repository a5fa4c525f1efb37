//! Pictures through networks: colour policy, chroma, alpha, depth.
//!
//! A network on luma gets Y in the range that its model names; chroma and alpha are resampled by MATLAB's bicubic. The
//! picture keeps its full size: at every layer, edges are replicated, whatever the network was trained with, unless
//! [`Surround`] says otherwise. Nothing is rounded but the result, once.

mod colour;
mod ensemble;
mod fault;
mod surround;
mod target;
mod transparency;

#[cfg(test)]
mod tests;

use crate::color::Ycc;
use crate::engine::{Engine, EngineError, Execution};
use crate::image::Image;
use crate::model::{Input, Model, Padding, Preprocessing};
use crate::plane::Plane;
use crate::progress::{Progress, Silent};
use crate::resample::{ResizeError, resize_plane};
use colour::{chroma, composed, grey, luma};
use fault::Span;
use surround::narrow;
pub use {fault::Fault, surround::Surround, target::Target, target::scaled};

/// No picture of more pixels is begun: it would take some 20 GiB.
const MAX_PIXELS: u128 = 1 << 30;
/// Samples that an interpolation reads on either side, and one for where it begins.
const SUPPORT: usize = 3;

/// A model ready for pictures.
#[derive(Clone, Debug)]
pub struct Upscaler {
    engine: Engine,
    preprocessing: Preprocessing,
    settings: Settings,
}

/// How a network is used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Whether the result is the mean over the picture turned and mirrored in all eight ways: eight times the work.
    pub ensemble: bool,
    /// How much of the result is the network's, 0.0 to 1.0; the rest is MATLAB's bicubic.
    pub strength: f32,
    /// What lies beyond the edges.
    pub surround: Surround,
}

impl Default for Settings {
    /// The network once, alone, with replicated edges.
    fn default() -> Self {
        Self { ensemble: false, strength: 1.0, surround: Surround::Replicate }
    }
}

/// A picture cannot be upscaled or restored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpscaleError {
    /// A size of zero.
    #[error(transparent)]
    Resize(#[from] ResizeError),
    /// The network stopped.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The network's result is none.
    #[error("the network's result is {}: its weights are broken, or not what they are taken for", .fault.what())]
    Fault {
        /// What is wrong.
        fault: Fault,
    },
    /// More pixels than can be expected to fit into memory.
    #[error("{width}x{height} pixels are more than the {MAX_PIXELS} that are possible")]
    TooLarge {
        /// Columns on the way to the result.
        width: usize,
        /// Rows on the way to the result.
        height: usize,
    },
}

impl Upscaler {
    /// Prepares a model.
    pub fn new(model: &Model) -> Self {
        Self {
            engine: Engine::with_padding(model, Padding::Replicate),
            preprocessing: *model.preprocessing(),
            settings: Settings::default(),
        }
    }

    /// The same on another instruction set or in another precision; `model` is the one that it was made of.
    pub fn with_execution(self, model: &Model, execution: Execution) -> Self {
        Self { engine: self.engine.with_execution(model, execution), ..self }
    }

    /// The same, used in another way; a strength outside of 0.0 to 1.0 becomes the nearer of the two,
    /// and what is no number 1.0.
    pub fn with_settings(self, settings: Settings) -> Self {
        let strength = if settings.strength.is_nan() { 1.0 } else { settings.strength.clamp(0.0, 1.0) };
        Self { settings: Settings { strength, ..settings }, ..self }
    }

    /// The network that it runs.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Upscales by the model's own factor.
    ///
    /// # Errors
    /// [`UpscaleError::TooLarge`], [`UpscaleError::Fault`].
    pub fn run(&self, image: &Image) -> Result<Image, UpscaleError> {
        let scale = self.preprocessing.scale as usize;
        let target = (image.width().saturating_mul(scale), image.height().saturating_mul(scale));
        self.upscale(image, target, &Silent)
    }

    /// Resizes to `target` (width, height).
    ///
    /// The network is applied at its own factor, as often as it takes to reach or pass the target with both sides; what is
    /// past it is reduced by MATLAB's bicubic. Where no side is enlarged that reduction is all, and a picture of the
    /// target's size is left as it is. Advances `progress` by [`Upscaler::work`] in all.
    ///
    /// # Errors
    /// [`UpscaleError`].
    pub fn upscale(
        &self,
        image: &Image,
        target: (usize, usize),
        progress: &dyn Progress,
    ) -> Result<Image, UpscaleError> {
        if target == image.size() {
            return Ok(image.clone());
        }
        let steps = self.steps(image.size(), target);
        self.process(image, &steps, target, progress)
    }

    /// Restores a picture that was enlarged, or is otherwise as the model's training pictures were: same size.
    /// Advances `progress` by [`Upscaler::restore_work`] in all.
    ///
    /// # Errors
    /// [`UpscaleError::Engine`] if cancelled, [`UpscaleError::TooLarge`], [`UpscaleError::Fault`].
    pub fn restore(&self, image: &Image, progress: &dyn Progress) -> Result<Image, UpscaleError> {
        self.process(image, &[image.size()], image.size(), progress)
    }

    /// Pixels that the network computes to upscale a picture of `size` to `target`.
    pub fn work(&self, size: (usize, usize), target: (usize, usize)) -> u64 {
        self.work_of(size, &self.steps(size, target))
    }

    /// Pixels that the network computes to restore a picture of `size`.
    pub fn restore_work(&self, size: (usize, usize)) -> u64 {
        self.work_of(size, &[size])
    }

    fn work_of(&self, size: (usize, usize), steps: &[(usize, usize)]) -> u64 {
        if self.settings.strength == 0.0 {
            return 0;
        }
        let ways = if self.settings.ensemble { ensemble::WAYS } else { 1 };
        let mut before = size;
        let pixels = steps.iter().map(|&step| {
            let scale = step.0 / before.0;
            before = step;
            let margin = 2 * scale * self.margin(scale);
            (step.0.saturating_add(margin) as u64).saturating_mul(step.1.saturating_add(margin) as u64)
        });
        pixels.fold(0, u64::saturating_add).saturating_mul(ways)
    }

    /// The sizes at which the network runs.
    fn steps(&self, size: (usize, usize), target: (usize, usize)) -> Vec<(usize, usize)> {
        let scale = self.preprocessing.scale as usize;
        let mut steps = Vec::new();
        let mut size = size;
        while size.0 < target.0 || size.1 < target.1 {
            size = (size.0.saturating_mul(scale), size.1.saturating_mul(scale));
            steps.push(size);
            if scale < 2 {
                break;
            }
        }
        steps
    }

    /// Pixels beyond the edges that results inside depend on, before they are enlarged by `scale`; none if the network and
    /// the interpolation have rules of their own.
    fn margin(&self, scale: usize) -> usize {
        if self.settings.surround == Surround::Replicate {
            return 0;
        }
        let halo: usize = self.engine.architecture().layers().iter().map(|layer| layer.kernel / 2).sum();
        halo.div_ceil(scale) + if scale > 1 { SUPPORT } else { 0 }
    }

    fn process(
        &self,
        image: &Image,
        steps: &[(usize, usize)],
        target: (usize, usize),
        progress: &dyn Progress,
    ) -> Result<Image, UpscaleError> {
        if steps.is_empty() || self.settings.strength == 0.0 {
            return resize(image, target, self.settings.surround);
        }
        [&target].into_iter().chain(steps).try_for_each(|&size| check(size))?;
        let image = &*transparency::filled(image, self.settings.surround);
        let (mut planes, ycc) = self.colours(image, steps, target, progress)?;
        planes.extend(image.alpha().map(|alpha| self.settings.surround.bicubic(&alpha, target)).transpose()?);
        Ok(composed(&planes, ycc, image))
    }

    /// A picture's colours by the network: as Y, or Y, Cb and Cr, of the kind that is said, else as they are stored.
    fn colours(
        &self,
        image: &Image,
        steps: &[(usize, usize)],
        target: (usize, usize),
        progress: &dyn Progress,
    ) -> Result<(Vec<Plane<f32>>, Option<Ycc>), UpscaleError> {
        match self.engine.architecture().input() {
            Input::Y => {
                let ycc = Ycc::new(self.preprocessing.luma);
                let range = (ycc.luma_of_grey(0.0), ycc.luma_of_grey(1.0));
                let mut planes = self.network(vec![luma(image, &ycc)], range, steps, target, progress)?;
                if !image.is_grey() {
                    planes.extend(self.bicubic(chroma(image, &ycc), target)?);
                }
                Ok((planes, Some(ycc)))
            }
            Input::Rgb => {
                let channels = [0, 1, 2].map(|c| image.channel(if image.is_grey() { 0 } else { c }));
                let rgb = self.network(channels.to_vec(), (0.0, 1.0), steps, target, progress)?;
                Ok((if image.is_grey() { vec![grey(&rgb)] } else { rgb }, None))
            }
        }
    }

    /// Interpolates and runs the network at each step, then reduces to the target; `range` is black and white.
    fn network(
        &self,
        mut planes: Vec<Plane<f32>>,
        range: (f32, f32),
        steps: &[(usize, usize)],
        target: (usize, usize),
        progress: &dyn Progress,
    ) -> Result<Vec<Plane<f32>>, UpscaleError> {
        let strength = self.settings.strength;
        let plain = if strength < 1.0 { self.bicubic(planes.clone(), target)? } else { Vec::new() };
        let spans: Vec<_> = planes.iter().filter_map(|plane| Span::of(plane, range)).collect();
        for &size in steps {
            planes = self.step(planes, size, progress)?;
            for (span, plane) in spans.iter().zip(&planes) {
                if let Some(fault) = span.fault(Span::of(plane, range)) {
                    return Err(UpscaleError::Fault { fault });
                }
            }
        }
        planes = self.bicubic(planes, target)?;
        for (plane, plain) in planes.iter_mut().zip(&plain) {
            let samples = plane.as_mut_slice().iter_mut().zip(plain.as_slice());
            samples.for_each(|(network, &plain)| *network = plain + strength * (*network - plain));
        }
        Ok(planes)
    }

    /// Interpolates to `size`, a multiple of the planes', and runs the network once.
    fn step(
        &self,
        mut planes: Vec<Plane<f32>>,
        size: (usize, usize),
        progress: &dyn Progress,
    ) -> Result<Vec<Plane<f32>>, UpscaleError> {
        let scale = size.0 / planes[0].width();
        let margin = self.margin(scale);
        if margin > 0 {
            planes.iter_mut().for_each(|plane| *plane = self.settings.surround.widen(plane, margin));
        }
        if scale > 1 {
            let enlarged = (planes[0].width() * scale, planes[0].height() * scale);
            let convention = self.preprocessing.interpolation;
            let planes_in = planes.into_iter();
            planes = planes_in.map(|plane| resize_plane(&plane, enlarged, convention)).collect::<Result<_, _>>()?;
        }
        planes = if self.settings.ensemble {
            ensemble::run(&self.engine, &planes, progress)?
        } else {
            self.engine.run(&planes, progress)?
        };
        if margin > 0 {
            planes.iter_mut().for_each(|plane| *plane = narrow(plane, margin * scale));
        }
        Ok(planes)
    }

    /// Planes by MATLAB's bicubic, which widens its filter to reduce.
    fn bicubic(&self, planes: Vec<Plane<f32>>, target: (usize, usize)) -> Result<Vec<Plane<f32>>, ResizeError> {
        if planes.iter().all(|plane| plane.size() == target) {
            return Ok(planes);
        }
        planes.into_iter().map(|plane| self.settings.surround.bicubic(&plane, target)).collect()
    }
}

/// Resizes a picture by MATLAB's bicubic alone, which widens its filter to reduce; `surround` is what lies beyond the edges.
///
/// # Errors
/// [`UpscaleError::TooLarge`], [`UpscaleError::Resize`].
pub fn resize(image: &Image, target: (usize, usize), surround: Surround) -> Result<Image, UpscaleError> {
    if target == image.size() {
        return Ok(image.clone());
    }
    check(target)?;
    let image = &*transparency::filled(image, surround);
    let channels = 0..image.channels();
    let planes = channels.map(|c| surround.bicubic(&image.channel(c), target)).collect::<Result<Vec<_>, _>>()?;
    Ok(composed(&planes, None, image))
}

/// Refuses sizes that would not fit into memory.
fn check((width, height): (usize, usize)) -> Result<(), UpscaleError> {
    let fits = width as u128 * height as u128 <= MAX_PIXELS;
    if fits { Ok(()) } else { Err(UpscaleError::TooLarge { width, height }) }
}
