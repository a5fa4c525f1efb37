//! Networks on pictures that interpolation has enlarged, such as SRCNN, as restorers.

use std::ops::Range;
use std::sync::Arc;

use srcnn_image::buffers::Buffers;

use super::ensemble;
use super::error::UpscaleError;
use super::restorer::{Pass, Restorer, rows_of};
use crate::Size;
use crate::color::LumaRange;
use crate::degrade::Degraded;
use crate::engine::{Engine, EngineBuilder, Execution};
use crate::model::{Architecture, Input, Model, Preprocessing};
use crate::plane::Plane;
use crate::progress::{Progress, Share};
use crate::resample::Resampler;
use crate::stage::{Stage, measured};

/// Margin that an interpolation reads on either side, in samples, with one more for its alignment.
const INTERPOLATION_MARGIN: usize = 3;

/// A network on enlarged pictures, ready to run. Clones share the packed weights.
#[derive(Clone, Debug)]
pub struct Network {
    name: String,
    engine: Arc<Engine>,
    preprocessing: Preprocessing,
    ensemble: bool,
}

impl Network {
    /// Packs a model with its own paddings, for the best instruction set of this CPU.
    pub fn new(model: &Model) -> Self {
        Self::packed(model, |engine| engine)
    }

    /// Packs a model with the settings that `choose` makes.
    pub fn packed(model: &Model, choose: impl FnOnce(EngineBuilder<'_>) -> EngineBuilder<'_>) -> Self {
        Self {
            name: model.name().to_owned(),
            engine: Arc::new(choose(Engine::builder(model)).build()),
            preprocessing: *model.preprocessing(),
            ensemble: false,
        }
    }

    /// With `ensemble`, results are averaged over the eight rotations and reflections of the picture.
    pub fn with_ensemble(self, ensemble: bool) -> Self {
        Self { ensemble, ..self }
    }

    /// The packed network.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
}

impl Restorer for Network {
    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> String {
        let Preprocessing { scale, interpolation, .. } = self.preprocessing;
        format!("model {} ({}, x{scale}, {interpolation})", self.name, self.engine.architecture())
    }

    fn scale(&self) -> usize {
        self.preprocessing.scale as usize
    }

    fn input(&self) -> Input {
        self.engine.architecture().input()
    }

    fn luma(&self) -> LumaRange {
        self.preprocessing.luma
    }

    fn pass(&self, from: Size, to: Size) -> Result<Box<dyn Pass>, UpscaleError> {
        let enlarging = (from != to).then(|| Resampler::new(from, to, self.preprocessing.interpolation)).transpose()?;
        Ok(Box::new(NetworkPass {
            engine: Arc::clone(&self.engine),
            ensemble: self.ensemble,
            size: to,
            enlarging,
            buffers: Buffers::default(),
        }))
    }

    fn margin(&self, scale: usize) -> usize {
        let halo: usize = self.engine.architecture().layers().iter().map(|layer| layer.kernel / 2).sum();
        halo.div_ceil(scale) + if scale > 1 { INTERPOLATION_MARGIN } else { 0 }
    }

    fn passes_per_pixel(&self) -> u64 {
        if self.ensemble { ensemble::WAYS } else { 1 }
    }

    fn restore(&self, degraded: &Degraded, progress: &dyn Progress) -> Result<Vec<Plane<f64>>, UpscaleError> {
        let planes: Vec<_> = degraded.large.iter().map(|plane| plane.map(|v| v as f32)).collect();
        Ok(self.engine.run(&planes, progress)?.into_iter().map(|plane| plane.map(f64::from)).collect())
    }

    fn border_loss(&self) -> usize {
        self.engine.architecture().border_loss()
    }

    fn architecture(&self) -> Option<&Architecture> {
        Some(self.engine.architecture())
    }

    fn execution(&self) -> Option<Execution> {
        Some(self.engine.execution())
    }
}

/// A network at one size, applied after interpolation to it.
struct NetworkPass {
    engine: Arc<Engine>,
    ensemble: bool,
    /// Size of the result.
    size: Size,
    /// Interpolation to that size; none if the picture has it already.
    enlarging: Option<Resampler>,
    /// Memory of rows that were computed before.
    buffers: Buffers,
}

impl Pass for NetworkPass {
    fn needs_all_rows(&self) -> bool {
        self.enlarging.as_ref().is_some_and(Resampler::wraps)
    }

    fn reads(&self, rows: Range<usize>) -> Range<usize> {
        let input = self.engine.reads(rows, self.size.height);
        self.enlarging.as_ref().map_or(input.clone(), |enlarging| enlarging.reads(input))
    }

    fn bytes(&self, rows: Range<usize>) -> u64 {
        let planes = self.engine.architecture().input().channels();
        // Input and output, and one between the passes of an interpolation; two more to transform an ensemble.
        let planes = planes * if self.ensemble { 5 } else { 3 };
        let row = (4 * planes as u64).saturating_mul(self.size.width as u64);
        row.saturating_mul(self.engine.reads(rows, self.size.height).len() as u64)
    }

    fn run(
        &self,
        mut planes: Vec<Plane<f32>>,
        top: usize,
        rows: &Range<usize>,
        progress: &dyn Progress,
    ) -> Result<Vec<Plane<f32>>, UpscaleError> {
        let input = self.engine.reads(rows.clone(), self.size.height);
        // Assigned, not shadowed: planes that are no longer needed are freed.
        planes = match &self.enlarging {
            Some(enlarging) => measured(Stage::Resampling, || {
                let enlarged = |plane| enlarging.rows_in(plane, top, input.clone(), &self.buffers);
                planes.iter().map(enlarged).collect()
            }),
            None => planes.into_iter().map(|plane| rows_of(plane, top, &input)).collect(),
        };
        if !self.ensemble {
            let kept = rows.start - input.start..rows.end - input.start;
            let restored = measured(Stage::Network, || self.engine.run_rows(&planes, kept, &self.buffers, progress))?;
            // Only what was taken is given back, so that there is no more of it with each band.
            if self.enlarging.is_some() {
                self.buffers.give(planes);
            }
            return Ok(restored);
        }
        let share = Share::new(progress, rows.len(), input.len());
        planes = measured(Stage::Network, || ensemble::run(&self.engine, &planes, &share))?;
        Ok(planes.into_iter().map(|plane| rows_of(plane, input.start, rows)).collect())
    }

    fn reuse(&self, planes: Vec<Plane<f32>>) {
        self.buffers.give(planes);
    }
}
