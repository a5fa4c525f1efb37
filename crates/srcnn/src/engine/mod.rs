//! Runs a network on planes.
//!
//! [`Engine`] is the fast one: kernels of `srcnn-kernels`, layers fused over strips of columns, so that what lies between
//! them never leaves the cache. [`Reference`] is the definition, layer by layer, in `f32` or `f64`.

mod fused;
mod reference;

use std::ops::Range;

use crate::model::{Architecture, Model, Padding};
use crate::plane::Plane;
use crate::progress::Progress;
use fused::Fused;
pub use reference::Reference;
use srcnn_kernels::TILE;
pub use srcnn_kernels::{Isa, Precision, UnknownIsa};

/// With which instructions and in which precision a network is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Execution {
    /// The instruction set.
    pub isa: Isa,
    /// [`Precision::Fast`] is exact where there is nothing to gain: without AVX-512 BF16, and in layers other than inner
    /// ones of 3x3 and 5x5.
    pub precision: Precision,
}

impl Default for Execution {
    /// The best instruction set of this CPU, exact.
    fn default() -> Self {
        Self { isa: Isa::best(), precision: Precision::Exact }
    }
}

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

/// The network cannot run on what it was given, or was told to stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// Another number of planes than the network takes.
    #[error("the network takes {expected} planes, not {found}")]
    Planes {
        /// Planes that the network takes.
        expected: usize,
        /// Planes given.
        found: usize,
    },
    /// The planes differ in size.
    #[error("the planes differ in size")]
    Sizes,
    /// Nothing is left after the borders that the network loses.
    #[error("a picture of {width}x{height} is too small: the network loses {loss} pixels on every side")]
    TooSmall {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
        /// Pixels lost on every side.
        loss: usize,
    },
    /// [`Progress::cancelled`] said so.
    #[error("cancelled")]
    Cancelled,
}

impl Engine {
    /// The network with the paddings that the model states, on the best instruction set of this CPU.
    pub fn new(model: &Model) -> Self {
        Self::with_architecture(model, model.architecture().clone(), Execution::default())
    }

    /// The network with one padding at every layer, whatever it was trained with.
    pub fn with_padding(model: &Model, padding: Padding) -> Self {
        let paddings = vec![padding; model.architecture().layers().len()];
        let architecture = model.architecture().with_padding(&paddings).expect("one padding a layer");
        Self::with_architecture(model, architecture, Execution::default())
    }

    /// The same network packed for another instruction set or precision; `model` is the one that it was made of.
    pub fn with_execution(&self, model: &Model, execution: Execution) -> Self {
        Self::with_architecture(model, self.architecture.clone(), execution)
    }

    fn with_architecture(model: &Model, architecture: Architecture, execution: Execution) -> Self {
        let kind = match Fused::pack(&architecture, model.weights(), execution) {
            Some(fused) => Kind::Fused(Box::new(fused)),
            None => Kind::Reference(Box::new(Reference::with_architecture(model, architecture.clone()))),
        };
        let precision = match &kind {
            Kind::Fused(fused) => fused.precision(),
            Kind::Reference(_) => Precision::Exact,
        };
        Self { architecture, execution: Execution { precision, ..execution }, kind }
    }

    /// The network's layers, with the paddings in force.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// What it is packed for. Precision is what came of it: fast if any layer is.
    pub fn execution(&self) -> Execution {
        self.execution
    }

    /// The rows that must be given of planes of `height` rows, so that rows `rows` come out of [`Engine::run`] as they do
    /// of the whole planes, bit for bit; for networks whose layers keep the size.
    ///
    /// They begin, and end, a multiple of four rows from the planes' first and last: tiles then lie as in the whole, also
    /// when the rows are mirrored or transposed.
    pub fn reads(&self, rows: Range<usize>, height: usize) -> Range<usize> {
        let halo = TILE + self.architecture.layers().iter().map(|layer| beyond(layer.kernel)).sum::<usize>();
        let outwards = |inside: usize| (inside / TILE * TILE).saturating_sub(halo);
        outwards(rows.start)..height - outwards(height - rows.end)
    }

    /// Runs the network on planes of one size, values as it was trained on (0.0 to 1.0), on rayon's current threads.
    ///
    /// The output is smaller on every side by [`Architecture::border_loss`]. Advances `progress` by the pixels of the
    /// output.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn run(&self, planes: &[Plane<f32>], progress: &dyn Progress) -> Result<Vec<Plane<f32>>, EngineError> {
        match &self.kind {
            Kind::Fused(fused) => {
                let (_, size) = check(&self.architecture, planes)?;
                fused.run(planes, size, progress)
            }
            Kind::Reference(reference) => reference.run(planes, progress),
        }
    }
}

/// Rows that a kernel of `2 h + 1` rows reads beyond a tile's own, to whole tiles.
fn beyond(kernel: usize) -> usize {
    (kernel / 2).next_multiple_of(TILE)
}

/// Checks the planes; gives their width, and the size of the output.
fn check<T: Copy>(architecture: &Architecture, planes: &[Plane<T>]) -> Result<(usize, (usize, usize)), EngineError> {
    let expected = architecture.input().channels();
    if planes.len() != expected {
        return Err(EngineError::Planes { expected, found: planes.len() });
    }
    let (width, height) = planes[0].size();
    if planes.iter().any(|p| p.size() != (width, height)) {
        return Err(EngineError::Sizes);
    }
    let loss = architecture.border_loss();
    if width.min(height) <= 2 * loss {
        return Err(EngineError::TooSmall { width, height, loss });
    }
    Ok((width, (width - 2 * loss, height - 2 * loss)))
}
