//! Networks as restorers.

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
use crate::plane::{Plane, Rect};
use crate::progress::{Progress, Share};
use crate::resample::Resampler;
use crate::stage::{Stage, measured};

/// Margin that an interpolation reads on either side, in samples, with one more for its alignment.
const INTERPOLATION_MARGIN: usize = 3;

/// A network, ready to run: on enlarged pictures, such as SRCNN, or one that enlarges itself. Clones share the packed weights.
#[derive(Clone, Debug)]
pub struct Network {
    name: String,
    input: Input,
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
            input: model.input(),
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

    /// Whether it takes the small picture.
    fn enlarges(&self) -> bool {
        self.engine.graph().scale() > 1
    }
}

impl Restorer for Network {
    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> String {
        let Preprocessing { scale, interpolation, .. } = self.preprocessing;
        let graph = self.engine.graph();
        match self.engine.architecture() {
            Some(layers) => format!("model {} ({layers}, x{scale}, {interpolation})", self.name),
            None if self.enlarges() => format!("model {} ({} operations, x{scale})", self.name, graph.nodes().len()),
            None => format!("model {} ({} operations, x{scale}, {interpolation})", self.name, graph.nodes().len()),
        }
    }

    fn scale(&self) -> usize {
        self.preprocessing.scale as usize
    }

    fn input(&self) -> Input {
        self.input
    }

    fn luma(&self) -> LumaRange {
        self.preprocessing.luma
    }

    fn pass(&self, from: Size, to: Size) -> Result<Box<dyn Pass>, UpscaleError> {
        let factor = self.engine.graph().scale();
        if self.enlarges() && to != from.times(factor) {
            return Err(UpscaleError::OwnScale { scale: factor });
        }
        let enlarging = match from != to && !self.enlarges() {
            true => Some(Resampler::new(from, to, self.preprocessing.interpolation)?),
            false => None,
        };
        let frame = Frame::new(&self.engine, if self.enlarges() { from } else { to });
        let (engine, buffers) = (Arc::clone(&self.engine), Buffers::default());
        Ok(Box::new(NetworkPass { engine, ensemble: self.ensemble, size: to, enlarging, frame, buffers }))
    }

    fn margin(&self, scale: usize) -> usize {
        let graph = self.engine.graph();
        let halo = match self.engine.architecture() {
            Some(architecture) => architecture.layers().iter().map(|layer| layer.kernel / 2).sum::<usize>(),
            None if self.engine.needs_all_rows() => GLOBAL_MARGIN * graph.multiple(),
            None => reach(&self.engine),
        };
        let enlarged = if self.enlarges() { 1 } else { scale };
        halo.div_ceil(enlarged) + if enlarged > 1 { INTERPOLATION_MARGIN } else { 0 }
    }

    fn passes_per_pixel(&self) -> u64 {
        if self.ensemble { ensemble::WAYS } else { 1 }
    }

    fn restore(&self, degraded: &Degraded, progress: &dyn Progress) -> Result<Vec<Plane<f64>>, UpscaleError> {
        let planes = if self.enlarges() { &degraded.small } else { &degraded.large };
        let planes: Vec<_> = planes.iter().map(|plane| plane.map(|v| v as f32)).collect();
        let restored = match self.engine.architecture() {
            // In the sizes that the procedure has them.
            Some(_) => self.engine.run(&planes, progress)?,
            None => {
                let from = planes.first().map_or(Size::new(0, 0), Plane::size);
                let to = from.times(self.engine.graph().scale());
                self.pass(from, to)?.run(planes, 0, &(0..to.height), progress)?
            }
        };
        Ok(restored.into_iter().map(|plane| plane.map(f64::from)).collect())
    }

    fn small_picture_scale(&self) -> Option<usize> {
        self.enlarges().then(|| self.engine.graph().scale())
    }

    fn border_loss(&self) -> usize {
        self.engine.architecture().map_or(0, Architecture::border_loss)
    }

    fn architecture(&self) -> Option<&Architecture> {
        self.engine.architecture()
    }

    fn execution(&self) -> Option<Execution> {
        Some(self.engine.execution())
    }
}

/// Pixels beyond the edges, in units of what sides must be multiples of, for networks each of whose results depends on the whole
/// picture.
const GLOBAL_MARGIN: usize = 16;

/// Pixels beyond the edges of its input that a network's results inside depend on.
fn reach(engine: &Engine) -> usize {
    // Rows in the middle of planes that are high enough for any.
    const HEIGHT: usize = 1 << 16;
    let graph = engine.graph();
    let middle = HEIGHT / 2 / graph.multiple() * graph.multiple();
    let rows = middle * graph.scale()..(middle + 1) * graph.scale();
    let read = engine.reads(rows, 2 * middle);
    (middle - read.start).max(read.end - middle - 1) + graph.border_loss().div_ceil(graph.scale())
}

/// The planes that a network runs on: those that come in, with edges replicated so that it loses nothing, and that sides are
/// multiples of what it takes.
#[derive(Clone, Copy, Debug)]
struct Frame {
    /// Size of what comes in.
    inner: Size,
    /// Size of the planes.
    outer: Size,
    /// Rows above and columns to the left of what comes in.
    margin: usize,
    /// Rows above and columns to the left of the result that are cut.
    cut: usize,
}

impl Frame {
    fn new(engine: &Engine, inner: Size) -> Self {
        let graph = engine.graph();
        let (loss, scale, multiple) = (graph.border_loss(), graph.scale(), graph.multiple());
        let margin = loss.div_ceil(scale);
        let outer = inner.map(|side| (side + 2 * margin).next_multiple_of(multiple));
        Self { inner, outer, margin, cut: margin * scale - loss }
    }

    /// The rows of what comes in that are in rows `rows` of the planes.
    fn inside(&self, rows: &Range<usize>) -> Range<usize> {
        let last = self.inner.height - 1;
        let place = |row: usize| row.saturating_sub(self.margin).min(last);
        place(rows.start)..place(rows.end - 1) + 1
    }

    /// Rows `rows` of a plane, of what comes in from row `top` on.
    fn of(&self, plane: Plane<f32>, top: usize, rows: &Range<usize>) -> Plane<f32> {
        if self.outer == self.inner {
            return rows_of(plane, top, rows);
        }
        let Size { width, height } = self.inner;
        Plane::from_fn(self.outer.width, rows.len(), |x, y| {
            let y = (rows.start + y).saturating_sub(self.margin).min(height - 1);
            plane.row(y - top)[x.saturating_sub(self.margin).min(width - 1)]
        })
    }
}

/// A network at one size.
struct NetworkPass {
    engine: Arc<Engine>,
    ensemble: bool,
    /// Size of the result.
    size: Size,
    /// Interpolation to that size; none if the picture has it already, or the network enlarges.
    enlarging: Option<Resampler>,
    frame: Frame,
    /// Memory of rows that were computed before.
    buffers: Buffers,
}

impl NetworkPass {
    /// The rows of the network's output that rows `rows` of the result are, and those of its planes that they depend on.
    fn network_rows(&self, rows: &Range<usize>) -> (Range<usize>, Range<usize>) {
        let output = rows.start + self.frame.cut..rows.end + self.frame.cut;
        let reads = self.engine.reads(output.clone(), self.frame.outer.height);
        (output, reads)
    }
}

impl Pass for NetworkPass {
    fn needs_all_rows(&self) -> bool {
        let turned = self.ensemble && !self.engine.reads_alike_when_turned();
        turned || self.engine.needs_all_rows() || self.enlarging.as_ref().is_some_and(Resampler::wraps)
    }

    fn reads(&self, rows: Range<usize>) -> Range<usize> {
        let input = self.frame.inside(&self.network_rows(&rows).1);
        self.enlarging.as_ref().map_or(input.clone(), |enlarging| enlarging.reads(input))
    }

    fn bytes(&self, rows: Range<usize>) -> u64 {
        let graph = self.engine.graph();
        let factor = graph.scale().pow(2);
        // Input and output, and one between the passes of an interpolation; two more to transform an ensemble.
        let planes = graph.channels() * if self.ensemble { 3 + 2 * factor } else { 2 + factor };
        let row = (4 * planes as u64).saturating_mul(self.frame.outer.width as u64);
        row.saturating_mul(self.network_rows(&rows).1.len() as u64)
    }

    fn run(
        &self,
        mut planes: Vec<Plane<f32>>,
        top: usize,
        rows: &Range<usize>,
        progress: &dyn Progress,
    ) -> Result<Vec<Plane<f32>>, UpscaleError> {
        let (output, reads) = self.network_rows(rows);
        let input = self.frame.inside(&reads);
        // Assigned, not shadowed: planes that are no longer needed are freed.
        planes = match &self.enlarging {
            Some(enlarging) => measured(Stage::Resampling, || {
                let enlarged = |plane| enlarging.rows_in(plane, top, input.clone(), &self.buffers);
                planes.iter().map(enlarged).collect()
            }),
            None => planes.into_iter().map(|plane| rows_of(plane, top, &input)).collect(),
        };
        if self.frame.outer != self.frame.inner {
            planes = planes.into_iter().map(|plane| self.frame.of(plane, input.start, &reads)).collect();
        }
        // Rows of the output that come first when the planes begin with these.
        let first = reads.start * self.engine.graph().scale();
        let kept = output.start - first..output.end - first;
        if !self.ensemble {
            let (top, whole) = (reads.start, self.frame.outer.height);
            let run = || self.engine.run_rows(&planes, kept, top, whole, &self.buffers, progress);
            let restored = measured(Stage::Network, run)?;
            // Only what was taken is given back, so that there is no more of it with each band.
            if self.enlarging.is_some() && self.frame.outer == self.frame.inner {
                self.buffers.give(planes);
            }
            return Ok(restored.into_iter().map(|plane| self.columns(plane)).collect());
        }
        let share = Share::new(progress, rows.len(), reads.len() * self.engine.graph().scale());
        planes = measured(Stage::Network, || ensemble::run(&self.engine, &planes, &share))?;
        Ok(planes.into_iter().map(|plane| self.columns(rows_of(plane, 0, &kept))).collect())
    }

    fn reuse(&self, planes: Vec<Plane<f32>>) {
        self.buffers.give(planes);
    }
}

impl NetworkPass {
    /// The columns of the network's output that are the result.
    fn columns(&self, plane: Plane<f32>) -> Plane<f32> {
        if plane.width() == self.size.width {
            return plane;
        }
        let rect = Rect { x: self.frame.cut, y: 0, width: self.size.width, height: plane.height() };
        plane.crop(rect).expect("the result is inside")
    }
}
