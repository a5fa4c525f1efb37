//! Pictures of any kind through a restorer.

use std::sync::Arc;

use super::bands::Upscaled;
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
use crate::{Edge, Limits, Size};

/// Limits for pictures that are in memory anyway.
pub(super) const IN_MEMORY: Limits = Limits { memory: u64::MAX, pixels: 1 << 30 };

/// A restorer ready for pictures. A clone shares the network.
#[derive(Clone, Debug)]
pub struct Upscaler {
    restorer: Arc<dyn Restorer>,
    target: Target,
    strength: f32,
    edge: Edge,
}

/// Choices for an [`Upscaler`]; weights are packed once, by [`UpscalerBuilder::build`].
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

    /// The instruction set and precision of a network that is packed here; [`Execution::default`] unless set.
    pub fn execution(self, execution: Execution) -> Self {
        Self { execution, ..self }
    }

    /// Whether the result is the mean over the picture turned and mirrored in all eight ways: eight times the work, for networks
    /// that are packed here only. Not unless set.
    pub fn ensemble(self, ensemble: bool) -> Self {
        Self { ensemble, ..self }
    }

    /// The size of results; unless set, the restorer's own factor, or the picture's size for one that does not enlarge.
    pub fn target(self, target: Target) -> Self {
        Self { target: Some(target), ..self }
    }

    /// The restorer's share of the result, 0.0 to 1.0; the rest is MATLAB's bicubic. 1.0 unless set; a value outside becomes the
    /// nearer bound, NaN becomes 1.0.
    pub fn strength(self, strength: f32) -> Self {
        Self { strength: if strength.is_nan() { 1.0 } else { strength.clamp(0.0, 1.0) }, ..self }
    }

    /// The rule for samples beyond the edges. Unless set, or with [`Edge::Replicate`], a network sees its edges replicated at
    /// every layer, and the interpolation keeps its own rule (MATLAB's bicubic mirrors).
    pub fn edge(self, edge: Edge) -> Self {
        Self { edge, ..self }
    }

    /// Packs the network, if it is not packed yet.
    ///
    /// # Errors
    /// [`UpscaleError::Ycbcr`]; [`UpscaleError::Ensemble`] for a restorer that was made elsewhere.
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
    /// Choices for a network on luma or RGB.
    pub fn builder(model: &Model) -> UpscalerBuilder<'_> {
        UpscalerBuilder::new(Source::Model(model))
    }

    /// Choices for any restorer.
    pub fn of(restorer: Arc<dyn Restorer>) -> UpscalerBuilder<'static> {
        UpscalerBuilder::new(Source::Restorer(restorer))
    }

    /// The restorer.
    pub fn restorer(&self) -> &dyn Restorer {
        &*self.restorer
    }

    /// The size that a picture of `size` becomes.
    pub fn size_of(&self, size: Size) -> Size {
        self.target.of(size)
    }

    /// Pixels that the restorer computes for a picture of `size`, which is what progress advances by.
    pub fn work(&self, size: Size) -> u64 {
        let mut before = size;
        let pixels = self.steps(size).into_iter().map(|step| {
            let scale = step.width / before.width;
            let margin = if self.edge == Edge::Replicate { 0 } else { 2 * scale * self.restorer.margin(scale) };
            before = step;
            step.map(|side| side.saturating_add(margin)).pixels()
        });
        pixels.fold(0, u64::saturating_add).saturating_mul(self.restorer.rounds())
    }

    /// Upscales or restores a picture in memory.
    ///
    /// # Errors
    /// [`UpscaleError`].
    pub fn run(&self, image: &Image) -> Result<Image, UpscaleError> {
        let rows = self.rows(Held::from(image), IN_MEMORY, &Silent)?;
        collect(rows).map_err(|error| *error.downcast().expect("rows from memory come, and are computed or not"))
    }

    /// Upscales or restores a picture that is read and written in rows; the result is that of [`Upscaler::run`], bit for bit.
    ///
    /// The restorer is applied at its own factor, as often as it takes to reach or pass the target with both sides; MATLAB's bicubic
    /// reduces what is too large. Where no side is enlarged that reduction is all, and a picture of the target's size stays as it
    /// is; with [`Target::SameSize`] the restorer is applied once at the picture's size.
    ///
    /// Rows are computed in bands as they are asked for, as high as `limits.memory` allows; with edges that are not replicated the
    /// picture is one band. A [`Fault`](super::Fault) is found at the latest with the last row. Advances `progress` by
    /// [`Upscaler::work`] in all.
    ///
    /// # Errors
    /// [`UpscaleError`], here or with a row.
    pub fn rows<'a>(
        &self,
        rows: impl Rows + 'a,
        limits: Limits,
        progress: &'a dyn Progress,
    ) -> Result<Box<dyn Rows + 'a>, UpscaleError> {
        let size = rows.shape().size();
        let plan = self.plan(size);
        if plan.steps.is_empty() && plan.target == size {
            return Ok(Box::new(rows));
        }
        Ok(Box::new(Upscaled::new(Box::new(rows), plan, limits, progress)?))
    }

    /// The sizes of the results of each application of the restorer.
    fn steps(&self, size: Size) -> Vec<Size> {
        if self.strength == 0.0 {
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
