//! The fast engine: a network packed for one instruction set.

use std::ops::Range;

use super::check::output_size;
use super::error::EngineError;
use super::execution::{Execution, Precision};
use super::fused::Fused;
use super::reference::Reference;
use crate::model::{Architecture, Model, Padding};
use crate::plane::Plane;
use crate::progress::Progress;
use srcnn_kernels::TILE;

/// A network ready to run, packed for one instruction set.
///
/// Its results are the same, bit for bit, for every number of threads and every way to cut the picture. They agree with
/// [`Reference`] up to the rounding of sums in another order, unless told [`Precision::Fast`].
#[derive(Clone, Debug)]
pub struct Engine {
    architecture: Architecture,
    execution: Execution,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Fused(Box<Fused>),
    /// Networks of one layer, or with inner kernels other than 1x1, 3x3 and 5x5.
    Reference(Box<Reference<f32>>),
}

/// Choices for an [`Engine`]; the weights are packed once, by [`EngineBuilder::build`].
#[derive(Clone, Copy, Debug)]
pub struct EngineBuilder<'m> {
    model: &'m Model,
    padding: Option<Padding>,
    execution: Execution,
}

impl EngineBuilder<'_> {
    /// One padding at every layer, in place of the model's own.
    pub fn padding(self, padding: Padding) -> Self {
        Self { padding: Some(padding), ..self }
    }

    /// The instruction set and the precision; [`Execution::default`] unless set.
    pub fn execution(self, execution: Execution) -> Self {
        Self { execution, ..self }
    }

    /// Packs the network.
    pub fn build(self) -> Engine {
        let Self { model, padding, execution } = self;
        let own = model.architecture();
        let architecture = match padding {
            Some(padding) => own.with_padding(&vec![padding; own.layers().len()]).expect("one padding a layer"),
            None => own.clone(),
        };
        let kind = match Fused::pack(&architecture, model.weights(), execution) {
            Some(fused) => Kind::Fused(Box::new(fused)),
            None => Kind::Reference(Box::new(Reference::with_architecture(model, architecture.clone()))),
        };
        let precision = match &kind {
            Kind::Fused(fused) => fused.precision(),
            Kind::Reference(_) => Precision::Exact,
        };
        Engine { architecture, execution: Execution { precision, ..execution }, kind }
    }
}

impl Engine {
    /// The network with the paddings that the model states, on the best instruction set of this CPU.
    pub fn new(model: &Model) -> Self {
        Self::builder(model).build()
    }

    /// Choices to be made before the network is packed.
    pub fn builder(model: &Model) -> EngineBuilder<'_> {
        EngineBuilder { model, padding: None, execution: Execution::default() }
    }

    /// The network's layers, with the paddings in force.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// The execution that it is packed for; the precision is fast only if a layer is computed so.
    pub fn execution(&self) -> Execution {
        self.execution
    }

    /// The rows that must be given of planes of `height` rows, so that rows `rows` come out of [`Engine::run`] as they do
    /// of the whole planes, bit for bit; for networks whose layers keep the size.
    ///
    /// They begin, and end, a multiple of four rows from the planes' first and last: tiles then lie as in the whole, also
    /// when the rows are mirrored or transposed.
    pub fn reads(&self, rows: Range<usize>, height: usize) -> Range<usize> {
        let halo = TILE + self.architecture.layers().iter().map(|layer| rows_beyond(layer.kernel)).sum::<usize>();
        let outwards = |inside: usize| (inside / TILE * TILE).saturating_sub(halo);
        outwards(rows.start)..height - outwards(height - rows.end)
    }

    /// Runs the network on planes of one size, with samples in the range that it was trained on (0.0 to 1.0).
    ///
    /// The output is smaller on every side by [`Architecture::border_loss`]. Advances `progress` by the pixels of the
    /// output.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn run(&self, planes: &[Plane<f32>], progress: &dyn Progress) -> Result<Vec<Plane<f32>>, EngineError> {
        match &self.kind {
            Kind::Fused(fused) => {
                let size = output_size(&self.architecture, planes)?;
                fused.run(planes, size, progress)
            }
            Kind::Reference(reference) => reference.run(planes, progress),
        }
    }
}

/// Rows that a kernel of `2 h + 1` rows reads beyond a tile's own, to whole tiles.
fn rows_beyond(kernel: usize) -> usize {
    (kernel / 2).next_multiple_of(TILE)
}
