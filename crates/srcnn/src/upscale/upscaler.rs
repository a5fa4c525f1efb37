//! The upscaler of pictures.

use std::sync::Arc;

use super::bands::Upscaled;
use super::earlier::{Earlier, Resumed};
use super::error::UpscaleError;
use super::network::Network;
use super::plan::Plan;
use super::restorer::Restorer;
use super::target::Target;
use crate::engine::Execution;
use crate::image::Image;
use crate::model::{Input, Model, Padding};
use crate::progress::{Progress, Silent};
use crate::rows::{Held, Rows, collect};
use crate::{Edge, Limits, Size, Work};

/// Limits for pictures that are in memory as a whole.
pub(super) const IN_MEMORY: Limits = Limits { memory: u64::MAX, pixels: 1 << 30, work: Work::Any };

/// A restorer with a target size, ready for pictures of any kind. Clones share the network.
///
/// ```
/// use srcnn::image::Pixels;
/// use srcnn::upscale::Target;
/// use srcnn::{Image, Model, Upscaler};
///
/// let picture = Image::from_u8(Pixels::new(20, 10, 1, vec![100; 200])?)?;
/// let model = Model::builtin("srcnn-915", 2)?;
/// let upscaler = Upscaler::builder(&model).target(Target::Width(50)).strength(0.8).build()?;
/// assert_eq!(upscaler.run(&picture)?.size(), (50, 25));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Upscaler {
    restorer: Arc<dyn Restorer>,
    target: Target,
    strength: f32,
    edge: Edge,
}

/// Settings of an [`Upscaler`]; [`UpscalerBuilder::build`] packs the weights, once.
#[derive(Clone, Debug)]
pub struct UpscalerBuilder<'m> {
    source: Source<'m>,
    execution: Execution,
    ensemble: bool,
    target: Option<Target>,
    strength: f32,
    edge: Edge,
}

#[derive(Clone, Debug)]
enum Source<'m> {
    Model(&'m Model),
    Restorer(Arc<dyn Restorer>),
}

impl<'m> UpscalerBuilder<'m> {
    fn new(source: Source<'m>) -> Self {
        let (execution, edge) = (Execution::default(), Edge::Replicate);
        Self { source, execution, ensemble: false, target: None, strength: 1.0, edge }
    }

    /// Sets the instruction set and precision of a network that is packed here; [`Execution::default`] unless set.
    pub fn execution(self, execution: Execution) -> Self {
        Self { execution, ..self }
    }

    /// With `ensemble`, results are averaged over the eight rotations and reflections of the picture, at eight times
    /// the work; only for networks that are packed here. Off unless set.
    pub fn ensemble(self, ensemble: bool) -> Self {
        Self { ensemble, ..self }
    }

    /// Sets the size of results. Unless set, it is the restorer's own factor, or the picture's size for a restorer that
    /// does not enlarge.
    pub fn target(self, target: Target) -> Self {
        Self { target: Some(target), ..self }
    }

    /// Sets the restorer's share of the result, 0.0 to 1.0; the rest is MATLAB's bicubic. It is 1.0 unless set; values
    /// outside are clamped, and NaN becomes 1.0.
    pub fn strength(self, strength: f32) -> Self {
        Self { strength: if strength.is_nan() { 1.0 } else { strength.clamp(0.0, 1.0) }, ..self }
    }

    /// Sets the rule for samples beyond the edges. Unless set, or with [`Edge::Replicate`], networks replicate edges at
    /// every layer, and interpolation keeps its own rule (MATLAB's bicubic mirrors).
    pub fn edge(self, edge: Edge) -> Self {
        Self { edge, ..self }
    }

    /// Builds the upscaler; packs the network, unless it is packed already.
    ///
    /// # Errors
    /// [`UpscaleError::Ycbcr`] for networks on YCbCr; [`UpscaleError::Ensemble`] for an ensemble of a restorer that was
    /// not packed here.
    pub fn build(self) -> Result<Upscaler, UpscaleError> {
        let Self { source, execution, ensemble, target, strength, edge } = self;
        let restorer: Arc<dyn Restorer> = match source {
            Source::Model(model) => {
                let network = Network::packed(model, |engine| engine.padding(Padding::Replicate).execution(execution));
                Arc::new(network.with_ensemble(ensemble))
            }
            Source::Restorer(_) if ensemble => return Err(UpscaleError::Ensemble),
            Source::Restorer(restorer) => restorer,
        };
        if restorer.input() == Input::Ycbcr {
            return Err(UpscaleError::Ycbcr);
        }
        let target = target.unwrap_or(match restorer.scale() {
            0 | 1 => Target::SameSize,
            scale => Target::Factor(scale as f64),
        });
        Ok(Upscaler { restorer, target, strength, edge })
    }
}

impl Upscaler {
    /// Settings for an upscaler by a network, which must work on luma or RGB.
    pub fn builder(model: &Model) -> UpscalerBuilder<'_> {
        UpscalerBuilder::new(Source::Model(model))
    }

    /// Settings for an upscaler by any restorer.
    pub fn of(restorer: Arc<dyn Restorer>) -> UpscalerBuilder<'static> {
        UpscalerBuilder::new(Source::Restorer(restorer))
    }

    /// The restorer.
    pub fn restorer(&self) -> &dyn Restorer {
        &*self.restorer
    }

    /// The size that a picture of `size` gets.
    pub fn size_of(&self, size: Size) -> Size {
        self.target.of(size)
    }

    /// Number of pixels that the restorer computes for a picture of `size`: the total by which progress advances.
    pub fn work(&self, size: Size) -> u64 {
        let mut before = size;
        let pixels = self.steps(size).into_iter().map(|step| {
            let scale = step.width / before.width;
            let margin = if self.edge == Edge::Replicate { 0 } else { 2 * scale * self.restorer.margin(scale) };
            before = step;
            step.map(|side| side.saturating_add(margin)).pixels()
        });
        pixels.fold(0, u64::saturating_add).saturating_mul(self.restorer.passes_per_pixel())
    }

    /// Upscales or restores a picture in memory.
    ///
    /// # Errors
    /// [`UpscaleError`] if the picture is too large, has samples that are not finite, or the weights are broken.
    pub fn run(&self, image: &Image) -> Result<Image, UpscaleError> {
        let rows = self.rows(Held::from(image), IN_MEMORY, &Silent)?;
        collect(rows).map_err(|error| *error.downcast().expect("rows from memory come, and are computed or not"))
    }

    /// Upscales or restores a picture that is read and written row by row. The result is equal, bit for bit, to that of
    /// [`Upscaler::run`].
    ///
    /// The restorer is applied at its own factor until both sides reach or exceed the target; MATLAB's bicubic then
    /// reduces the result to it. If no side is enlarged, the picture is only reduced, and a picture of the target's
    /// size is not changed. With [`Target::SameSize`] the restorer is applied once, at the picture's size.
    ///
    /// Rows are computed on demand, in bands as high as `limits.memory` allows; unless edges are replicated, the
    /// picture is one band. A [`Fault`](super::Fault) is reported with the last row at the latest. `progress` advances
    /// by [`Upscaler::work`] in all.
    ///
    /// # Errors
    /// [`UpscaleError`], at once or when a row is read.
    pub fn rows<'a>(
        &self,
        rows: impl Rows + 'a,
        limits: Limits,
        progress: &'a dyn Progress,
    ) -> Result<Box<dyn Rows + 'a>, UpscaleError> {
        self.rows_after(None, rows, limits, progress)
    }

    /// [`Upscaler::rows`] of a picture that may be like an earlier one, whose result is known: what does not depend on rows that
    /// differ is taken from it. The result is the same.
    ///
    /// # Errors
    /// [`UpscaleError`], at once or when a row is read; a [`Fault`](super::Fault) only where values are not finite.
    pub fn rows_after<'a>(
        &self,
        earlier: Option<Earlier>,
        rows: impl Rows + 'a,
        limits: Limits,
        progress: &'a dyn Progress,
    ) -> Result<Box<dyn Rows + 'a>, UpscaleError> {
        let size = rows.shape().size();
        let plan = self.plan(size);
        if plan.steps.is_empty() && plan.target == size {
            return Ok(Box::new(rows));
        }
        let height = plan.target.height as u64;
        let upscaled = Upscaled::new(Box::new(rows), plan, limits, progress)?;
        let Some(earlier) = earlier.filter(|earlier| earlier.is_of(upscaled.shape())) else {
            return Ok(Box::new(upscaled));
        };
        let resumed = Resumed::new(upscaled, earlier);
        let spared = u128::from(self.work(size)) * resumed.rows_spared() as u128 / u128::from(height.max(1));
        progress.advance(u64::try_from(spared).unwrap_or(u64::MAX));
        Ok(Box::new(resumed))
    }

    /// Sizes of the results of each application of the restorer.
    fn steps(&self, size: Size) -> Vec<Size> {
        if self.strength == 0.0 || self.restorer.is_interpolation() {
            return Vec::new();
        }
        match self.target {
            Target::SameSize => vec![size],
            target => self.restorer.steps(size, target.of(size)),
        }
    }

    /// The plan for a picture of `size`.
    pub(super) fn plan(&self, size: Size) -> Plan {
        let Self { restorer, target, strength, edge } = self;
        let (restorer, target) = (Arc::clone(restorer), target.of(size));
        Plan { restorer, strength: *strength, edge: *edge, steps: self.steps(size), target }
    }
}
