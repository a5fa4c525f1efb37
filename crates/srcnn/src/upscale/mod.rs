//! Pictures through networks: color policy, chroma, alpha, depth.
//!
//! A network on luma gets Y in the range that its model names; chroma and alpha are resampled by MATLAB's bicubic. The
//! picture keeps its full size: at every layer, edges are replicated, whatever the network was trained with, unless
//! [`Surround`] says otherwise. Nothing is rounded but the result, once, and what is in floating point not at all; of such
//! samples the network sees what lies between black and white, and what is below and above is resampled
//! like chroma, without its swing to the other side.

mod bands;
mod beyond;
mod color;
mod ensemble;
mod fault;
mod steps;
mod surround;
mod target;
mod transparency;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::Limits;
use crate::engine::{Engine, EngineError, Execution};
use crate::image::Image;
use crate::model::{Input, Model, Padding, Preprocessing};
use crate::progress::{Progress, Silent};
use crate::resample::ResizeError;
use crate::rows::{Held, Rows, Shape, collect};
pub use {bands::Upscaled, fault::Fault, surround::Surround, target::Target, target::scaled, transparency::filled};

/// Samples that an interpolation reads on either side, and one for where it begins.
const SUPPORT: usize = 3;

/// A model ready for pictures. A clone shares the network.
#[derive(Clone, Debug)]
pub struct Upscaler {
    engine: Arc<Engine>,
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
    /// A network of an experiment, which knows colors otherwise than pictures are taken apart here.
    #[error("the network works on YCbCr, as an experiment: pictures take networks on luma or RGB")]
    Ycbcr,
    /// Floating-point samples that are infinite or no numbers, or become so by filtering.
    #[error("the picture has samples that are not finite numbers, or too large to filter")]
    NotFinite,
    /// More pixels than [`Limits::pixels`].
    #[error("{width}x{height} pixels are more than the {limit} that are allowed")]
    TooLarge {
        /// Columns on the way to the result.
        width: usize,
        /// Rows on the way to the result.
        height: usize,
        /// Pixels allowed.
        limit: u64,
    },
    /// More bytes than [`Limits::memory`], at the least.
    #[error("{needed} bytes are needed at a time, more than the {limit} that are allowed")]
    Memory {
        /// Bytes needed.
        needed: u64,
        /// Bytes allowed.
        limit: u64,
    },
}

impl Upscaler {
    /// Prepares a model.
    pub fn new(model: &Model) -> Self {
        Self {
            engine: Arc::new(Engine::with_padding(model, Padding::Replicate)),
            preprocessing: *model.preprocessing(),
            settings: Settings::default(),
        }
    }

    /// The same on another instruction set or in another precision; `model` is the one that it was made of.
    pub fn with_execution(self, model: &Model, execution: Execution) -> Self {
        Self { engine: Arc::new(self.engine.with_execution(model, execution)), ..self }
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
        held(image, self.upscale_rows(Held::from(image), target, IN_MEMORY, progress)?)
    }

    /// [`Upscaler::upscale`] for a picture that comes and goes in rows, bit for bit the same. Bands of rows are computed as
    /// they are asked for, so high that what is held at a time stays below `limits.memory`.
    ///
    /// What lies beyond edges that are not replicated is far from them: such pictures are held as a whole. Losses to
    /// [`Fault`]s are found at the latest with the last row.
    ///
    /// # Errors
    /// [`UpscaleError`], here or with a row.
    pub fn upscale_rows<'a>(
        &self,
        rows: impl Rows + 'a,
        target: (usize, usize),
        limits: Limits,
        progress: &'a dyn Progress,
    ) -> Result<Box<dyn Rows + 'a>, UpscaleError> {
        let size = rows.shape().size();
        if target == size {
            return Ok(Box::new(rows));
        }
        self.process(rows, &self.steps(size, target), target, limits, progress)
    }

    /// Restores a picture that was enlarged, or is otherwise as the model's training pictures were: same size.
    /// Advances `progress` by [`Upscaler::restore_work`] in all.
    ///
    /// # Errors
    /// [`UpscaleError::Engine`] if cancelled, [`UpscaleError::TooLarge`], [`UpscaleError::Fault`].
    pub fn restore(&self, image: &Image, progress: &dyn Progress) -> Result<Image, UpscaleError> {
        held(image, self.restore_rows(Held::from(image), IN_MEMORY, progress)?)
    }

    /// [`Upscaler::restore`] for a picture that comes and goes in rows, as [`Upscaler::upscale_rows`] does.
    ///
    /// # Errors
    /// [`UpscaleError`], here or with a row.
    pub fn restore_rows<'a>(
        &self,
        rows: impl Rows + 'a,
        limits: Limits,
        progress: &'a dyn Progress,
    ) -> Result<Box<dyn Rows + 'a>, UpscaleError> {
        let size = rows.shape().size();
        self.process(rows, &[size], size, limits, progress)
    }

    fn process<'a>(
        &self,
        rows: impl Rows + 'a,
        steps: &[(usize, usize)],
        target: (usize, usize),
        limits: Limits,
        progress: &'a dyn Progress,
    ) -> Result<Box<dyn Rows + 'a>, UpscaleError> {
        let surround = self.settings.surround;
        if steps.is_empty() || self.settings.strength == 0.0 {
            return resize_rows(rows, target, surround, limits);
        }
        if self.engine.architecture().input() == Input::Ycbcr {
            return Err(UpscaleError::Ycbcr);
        }
        let work = (steps, target);
        Ok(Box::new(Upscaled::new(Box::new(rows), Some(self), surround, work, limits, progress)?))
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
}

/// Resizes a picture by MATLAB's bicubic alone, which widens its filter to reduce; `surround` is what lies beyond the edges.
///
/// # Errors
/// [`UpscaleError::TooLarge`], [`UpscaleError::Resize`].
pub fn resize(image: &Image, target: (usize, usize), surround: Surround) -> Result<Image, UpscaleError> {
    held(image, resize_rows(Held::from(image), target, surround, IN_MEMORY)?)
}

/// [`resize`] for a picture that comes and goes in rows.
///
/// # Errors
/// [`UpscaleError::TooLarge`], [`UpscaleError::Memory`], [`UpscaleError::Resize`].
pub fn resize_rows<'a>(
    rows: impl Rows + 'a,
    target: (usize, usize),
    surround: Surround,
    limits: Limits,
) -> Result<Box<dyn Rows + 'a>, UpscaleError> {
    if target == rows.shape().size() {
        return Ok(Box::new(rows));
    }
    Ok(Box::new(Upscaled::new(Box::new(rows), None, surround, (&[], target), limits, &Silent)?))
}

/// The limits of what is held in memory anyway.
const IN_MEMORY: Limits = Limits { memory: u64::MAX, pixels: 1 << 30 };

/// The rows that become of a picture in memory, as a picture.
fn held(from: &Image, rows: Box<dyn Rows + '_>) -> Result<Image, UpscaleError> {
    debug_assert_eq!(Shape::of(from).channels, rows.shape().channels);
    collect(rows).map_err(|error| *error.downcast().expect("rows from memory come, and are computed or not"))
}
