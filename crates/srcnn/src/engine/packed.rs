//! The fast engine.

use std::ops::Range;

use super::check::output_size;
use super::error::EngineError;
use super::execution::{Execution, Precision};
use super::fused::{Fused, Part};
use super::reference::Reference;
use crate::model::graph::{Enlargement, Graph, Operation};
use crate::model::{Architecture, Model, Padding};
use crate::plane::Plane;
use crate::progress::Progress;
use srcnn_image::buffers::Buffers;
use srcnn_kernels::TILE;

/// A network packed for one instruction set, ready to run.
///
/// Results are equal, bit for bit, for every number of threads and every division of the picture. They agree with
/// [`Reference`] except for rounding, since sums are taken in another order; [`Precision::Fast`] rounds more.
///
/// ```
/// use srcnn::engine::Engine;
/// use srcnn::model::Padding;
/// use srcnn::progress::Silent;
/// use srcnn::{Model, Plane};
///
/// let model = Model::builtin("srcnn-915", 2)?;
/// let engine = Engine::builder(&model).padding(Padding::Replicate).build();
/// let luma = Plane::filled(32, 24, 0.5); // a picture that was enlarged by bicubic
/// let restored = engine.run(&[luma], &Silent)?;
/// assert_eq!(restored[0].size(), (32, 24));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Engine {
    graph: Graph,
    /// The graph as a chain of layers, if it is one.
    architecture: Option<Architecture>,
    execution: Execution,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Fused(Box<Fused>),
    /// Networks that are no chain of layers, or of one layer, with inner kernels other than 1x1, 3x3 and 5x5, or with a last kernel
    /// larger than 9x9.
    Reference(Box<Reference<f32>>),
}

/// Settings of an [`Engine`]; [`EngineBuilder::build`] packs the weights, once.
#[derive(Clone, Copy, Debug)]
pub struct EngineBuilder<'m> {
    model: &'m Model,
    padding: Option<Padding>,
    execution: Execution,
}

impl EngineBuilder<'_> {
    /// Sets one padding for all layers of a chain, in place of the model's own. What is no chain of layers keeps its own.
    pub fn padding(self, padding: Padding) -> Self {
        Self { padding: Some(padding), ..self }
    }

    /// Sets the instruction set and the precision; [`Execution::default`] unless set.
    pub fn execution(self, execution: Execution) -> Self {
        Self { execution, ..self }
    }

    /// Packs the network.
    pub fn build(self) -> Engine {
        let Self { model, padding, execution } = self;
        let own = model.architecture();
        let architecture = match padding {
            Some(padding) => {
                own.map(|own| own.with_padding(&vec![padding; own.layers().len()]).expect("one padding a layer"))
            }
            None => own.cloned(),
        };
        let graph = match (&architecture, padding) {
            (Some(architecture), Some(_)) => Graph::from(architecture),
            (None, Some(_)) | (_, None) => model.graph().clone(),
        };
        let kind = match Fused::pack(&graph, model.weights(), execution) {
            Some(fused) => Kind::Fused(Box::new(fused)),
            None => Kind::Reference(Box::new(Reference::of(graph.clone(), model.weights()))),
        };
        let precision = match &kind {
            Kind::Fused(fused) => fused.precision(),
            Kind::Reference(_) => Precision::Exact,
        };
        Engine { graph, architecture, execution: Execution { precision, ..execution }, kind }
    }
}

impl Engine {
    /// Packs a network with the model's own paddings, for the best instruction set of this CPU.
    pub fn new(model: &Model) -> Self {
        Self::builder(model).build()
    }

    /// Settings for packing a network.
    pub fn builder(model: &Model) -> EngineBuilder<'_> {
        EngineBuilder { model, padding: None, execution: Execution::default() }
    }

    /// The network, with the paddings that are used.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The network's layers, with the paddings that are used; none if it is no chain of layers.
    pub fn architecture(&self) -> Option<&Architecture> {
        self.architecture.as_ref()
    }

    /// The execution that the network is packed for. The precision is fast only if at least one layer is computed in
    /// it.
    pub fn execution(&self) -> Execution {
        self.execution
    }

    /// The input rows, of planes of `height` rows, that rows `rows` of the output of [`Engine::run`] depend on. With
    /// these alone, the output rows are equal to those of the whole planes, bit for bit; they begin with row
    /// `start * scale` of the output, `start` being the first of the input rows, and `scale` [`Graph::scale`]. Chains of layers have
    /// to keep the size.
    ///
    /// The rows of what is computed in tiles begin and end at a multiple of four rows from the planes' first and last row, so that
    /// tiles lie as in the whole planes, even when the rows are mirrored or transposed.
    pub fn reads(&self, rows: Range<usize>, height: usize) -> Range<usize> {
        // In rows of the layers, of which one is so many of the planes and of the output.
        let tiled = |kernels: &mut dyn Iterator<Item = usize>, [planes, output]: [usize; 2]| {
            let halo = TILE + kernels.map(rows_beyond).sum::<usize>();
            let outwards = |inside: usize| (inside / TILE * TILE).saturating_sub(halo);
            let layers = height / planes;
            // What is not padded reads as much further down as it loses.
            let end = rows.end.div_ceil(output) + (2 * self.graph.border_loss()).div_ceil(output);
            let below = outwards(layers.saturating_sub(end));
            outwards(rows.start / output) * planes..(layers - below) * planes
        };
        match (&self.kind, &self.architecture) {
            (Kind::Fused(fused), _) => tiled(&mut fused.kernels(), fused.rows_of_layers()),
            (Kind::Reference(_), Some(chain)) => tiled(&mut chain.layers().iter().map(|layer| layer.kernel), [1; 2]),
            (Kind::Reference(_), None) if self.needs_all_rows() => 0..height,
            (Kind::Reference(reference), None) => {
                let multiple = self.graph.multiple();
                let Range { start, end } = reference.reads(&rows, height);
                start / multiple * multiple..end.next_multiple_of(multiple).min(height)
            }
        }
    }

    /// Whether each row of the output depends on all rows of the input, or would not be equal, bit for bit, without them.
    pub fn needs_all_rows(&self) -> bool {
        let has_mean = self.graph.nodes().iter().any(|node| node.operation == Operation::Mean);
        has_mean || matches!(self.kind, Kind::Reference(_)) && self.resamples()
    }

    /// Whether [`Engine::reads`] holds for planes that are mirrored or transposed.
    pub(crate) fn reads_alike_when_turned(&self) -> bool {
        let by_operations = matches!(self.kind, Kind::Reference(_)) && self.architecture.is_none();
        !by_operations && !self.resamples()
    }

    /// Whether it enlarges by a convention of resampling, whose positions are rounded by where a plane begins.
    fn resamples(&self) -> bool {
        let by = |operation: &Operation| matches!(operation, Operation::Enlarge { by: Enlargement::By(_), .. });
        self.graph.nodes().iter().any(|node| by(&node.operation))
    }

    /// Runs the network on planes of one size, with samples in the range that it was trained on (0.0 to 1.0).
    ///
    /// The output is [`Graph::scale`] times as large, and smaller on every side by [`Graph::border_loss`]. `progress` advances by the
    /// pixels of the output.
    ///
    /// # Errors
    /// [`EngineError`] if the number or the sizes of the planes do not fit the network, or `progress` is cancelled.
    pub fn run(&self, planes: &[Plane<f32>], progress: &dyn Progress) -> Result<Vec<Plane<f32>>, EngineError> {
        let height = output_size(&self.graph, planes)?.height;
        self.run_rows(planes, 0..height, 0, planes[0].height(), &Buffers::default(), progress)
    }

    /// Computes rows `rows` of the output of [`Engine::run`], in memory of `buffers`. The planes are those from row `top` on of planes of
    /// `whole` rows, as far as [`Engine::reads`] asks for them; rows of the output are counted from the first that they give.
    /// `progress` advances by the pixels of the rows.
    ///
    /// # Errors
    /// As [`Engine::run`].
    ///
    /// # Panics
    /// If the output has no such rows.
    pub(crate) fn run_rows(
        &self,
        planes: &[Plane<f32>],
        rows: Range<usize>,
        top: usize,
        whole: usize,
        buffers: &Buffers,
        progress: &dyn Progress,
    ) -> Result<Vec<Plane<f32>>, EngineError> {
        let size = output_size(&self.graph, planes)?;
        assert!(rows.start < rows.end && rows.end <= size.height, "rows of the output");
        match &self.kind {
            Kind::Fused(fused) => fused.run(planes, size, rows, Part { top, height: whole }, buffers, progress),
            Kind::Reference(reference) => reference.run_rows(planes, rows, progress),
        }
    }
}

/// Rows that a kernel of `2 h + 1` rows reads above or below a tile, rounded up to whole tiles.
fn rows_beyond(kernel: usize) -> usize {
    (kernel / 2).next_multiple_of(TILE)
}
