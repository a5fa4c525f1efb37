//! The reference engine computes the definition, one operation after the other, in `f32` or `f64`. The fast engine is tested
//! against it, and it runs networks that the fast engine has no kernels for.
//!
//! A convolution's output at (x, y) is its bias plus the sum of weight times input over kernel rows, input channels and
//! kernel columns, in this order (a correlation). Every convolution pads its own input.
//!
//! Rows are computed in bands, so that memory does not grow with the height of the picture; a band computes the rows of
//! inner results that it needs. Results depend neither on the bands nor on the number of threads.

mod convolution;
mod operation;
mod rows;
mod transposed;

use std::ops::Range;

use super::check::output_size;
use super::error::EngineError;
use crate::Size;
use crate::model::graph::{Graph, Value};
use crate::model::{LayerWeights, Model, Padding};
use crate::plane::Plane;
use crate::progress::Progress;
use crate::real::Real;
use operation::Packed;
use rows::Rows;

/// A network ready to run by the definition.
#[derive(Clone, Debug)]
pub struct Reference<T> {
    graph: Graph,
    /// One a node.
    packed: Vec<Packed<T>>,
    band: Option<usize>,
}

/// Memory for the largest value of a band, in bytes, which determines the height of bands.
const BAND_BYTES: usize = 48 << 20;
/// The same for networks that read further than such a band is high.
const DEEP_BAND_BYTES: usize = 256 << 20;
const BAND_ROWS: std::ops::RangeInclusive<usize> = 8..=256;

impl<T: Real> Reference<T> {
    /// A network with the model's own paddings.
    pub fn new(model: &Model) -> Self {
        Self::of(model.graph().clone(), model.weights())
    }

    /// A network with one padding at every layer, whatever the model's own are. What is no chain of layers keeps its own.
    pub fn with_padding(model: &Model, padding: Padding) -> Self {
        let Some(own) = model.architecture() else { return Self::new(model) };
        let architecture = own.with_padding(&vec![padding; own.layers().len()]).expect("one padding a layer");
        Self::of(Graph::from(&architecture), model.weights())
    }

    /// A graph with the weights of each of its operations that has any.
    ///
    /// # Panics
    /// If there are other numbers of weights than the operations say.
    pub fn of(graph: Graph, weights: &[LayerWeights]) -> Self {
        let mut weights = weights.iter();
        let none = LayerWeights::default();
        let packed = graph.nodes().iter().map(|node| {
            let counts = node.operation.weights();
            let weights = if counts.total() > 0 { weights.next().expect("weights for each operation") } else { &none };
            let found = (weights.kernels.len(), weights.biases.len());
            assert_eq!((counts.kernels, counts.biases), found, "numbers of weights");
            Packed::new(&node.operation, weights)
        });
        Self { packed: packed.collect(), graph, band: None }
    }

    /// Sets the height of bands, in rows of output. Results do not depend on it.
    ///
    /// # Panics
    /// If `rows` is zero.
    pub fn with_band(self, rows: usize) -> Self {
        assert!(rows > 0, "a band has at least one row");
        Self { band: Some(rows), ..self }
    }

    /// The network.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Runs the network on planes of one size, with samples in the range that it was trained on (0.0 to 1.0).
    ///
    /// The output is [`Graph::scale`] times as large, and smaller on every side by [`Graph::border_loss`]. `progress` advances by
    /// the pixels of the output.
    ///
    /// # Errors
    /// [`EngineError`] if the number or the sizes of the planes do not fit the network, or `progress` is cancelled.
    pub fn run(&self, planes: &[Plane<T>], progress: &dyn Progress) -> Result<Vec<Plane<T>>, EngineError> {
        let height = output_size(&self.graph, planes)?.height;
        self.run_rows(planes, 0..height, progress)
    }

    /// Computes rows `rows` of the output of [`Reference::run`]. `progress` advances by their pixels.
    ///
    /// # Errors
    /// As [`Reference::run`].
    pub(super) fn run_rows(
        &self,
        planes: &[Plane<T>],
        rows: Range<usize>,
        progress: &dyn Progress,
    ) -> Result<Vec<Plane<T>>, EngineError> {
        let size = output_size(&self.graph, planes)?;
        let channels = self.graph.output_channels();
        let mut out: Vec<Vec<T>> = (0..channels).map(|_| Vec::with_capacity(size.width * rows.len())).collect();
        let band = self.band.unwrap_or_else(|| self.default_band(planes[0].size(), size));
        for start in rows.clone().step_by(band) {
            if progress.cancelled() {
                return Err(EngineError::Cancelled);
            }
            let band = start..(start + band).min(rows.end);
            let mut values = self.run_band(planes, &band, &[]);
            let last = values.pop().flatten().expect("the result is kept");
            out.iter_mut().enumerate().for_each(|(channel, out)| last.append_channel(channel, out));
            progress.advance((band.len() * size.width) as u64);
        }
        let planes = out.into_iter().map(|data| Plane::new(size.width, rows.len(), data));
        Ok(planes.collect::<Result<_, _>>().expect("every band was appended"))
    }

    /// The rows of planes of `height` rows that rows `rows` of the output depend on.
    pub(super) fn reads(&self, rows: &Range<usize>, height: usize) -> Range<usize> {
        // Rows do not depend on the width.
        let sizes = self.sizes(Size::new(height, height));
        self.needed(rows, &sizes)[0].clone().expect("what goes in is used")
    }

    /// The outputs of every layer of a chain, after its activation, for planes of one size. They are computed without bands, so
    /// that memory grows with the pixels and the filters.
    ///
    /// # Errors
    /// [`EngineError`] if the number or the sizes of the planes do not fit the network.
    pub fn feature_maps(&self, planes: &[Plane<T>]) -> Result<Vec<Vec<Plane<T>>>, EngineError> {
        let size = output_size(&self.graph, planes)?;
        let kept = self.graph.ends_of_layers();
        let values = self.run_band(planes, &(0..size.height), &kept);
        Ok(kept.iter().filter_map(|value| values[value.index()].as_ref()).map(Rows::to_planes).collect())
    }

    /// The size of each value.
    fn sizes(&self, input: Size) -> Vec<Size> {
        let extents = self.graph.extents().iter();
        extents.map(|extent| extent.size(input).expect("sizes are checked")).collect()
    }

    /// The rows of each value that rows `rows` of the output depend on.
    fn needed(&self, rows: &Range<usize>, sizes: &[Size]) -> Vec<Option<Range<usize>>> {
        let nodes = self.graph.nodes();
        let mut needed: Vec<Option<Range<usize>>> = vec![None; sizes.len()];
        needed[nodes.len()] = Some(rows.clone());
        for (i, (node, packed)) in nodes.iter().zip(&self.packed).enumerate().rev() {
            let rows = needed[i + 1].clone().expect("its result is used");
            for at in node.inputs.iter().map(|value| value.index()) {
                let read = packed.reads(&rows, sizes[at]);
                needed[at] = Some(match needed[at].take() {
                    Some(other) => other.start.min(read.start)..other.end.max(read.end),
                    None => read,
                });
            }
        }
        needed
    }

    /// Computes rows `rows` of the output. Of the values, the output and those of `kept` are there.
    fn run_band(&self, planes: &[Plane<T>], rows: &Range<usize>, kept: &[Value]) -> Vec<Option<Rows<T>>> {
        let nodes = self.graph.nodes();
        let sizes = self.sizes(planes[0].size());
        let needed = self.needed(rows, &sizes);
        // The node that reads a value last.
        let mut last_read = vec![0; sizes.len()];
        for (i, node) in nodes.iter().enumerate() {
            node.inputs.iter().for_each(|value| last_read[value.index()] = i);
        }
        let mut values: Vec<Option<Rows<T>>> = vec![None; sizes.len()];
        values[0] = needed[0].as_ref().map(|rows| Rows::of_planes(planes, rows));
        for (i, (node, packed)) in nodes.iter().zip(&self.packed).enumerate() {
            let rows = needed[i + 1].as_ref().expect("its result is used");
            let inputs: Vec<&Rows<T>> =
                node.inputs.iter().map(|value| values[value.index()].as_ref().expect("computed before")).collect();
            let result = packed.run(&inputs, rows, sizes[i + 1]);
            values[i + 1] = Some(result);
            for value in node.inputs.iter().filter(|value| last_read[value.index()] == i && !kept.contains(value)) {
                values[value.index()] = None;
            }
        }
        values
    }

    /// The height of bands in which the largest value takes no more than is allowed.
    fn default_band(&self, input: Size, output: Size) -> usize {
        let extents = self.graph.extents().iter();
        let row = extents.filter_map(|extent| Some((extent.size(input)?, extent.channels)));
        let samples = row.map(|(size, channels)| size.width * size.height * channels / output.height).max();
        let fit = |bytes: usize| bytes / (samples.unwrap_or(1).max(1) * size_of::<T>());
        // What a band reads beyond itself, in rows of the output, is computed again for each.
        let beyond = self.reads(&(0..1), input.height).len() * self.graph.scale();
        let band = fit(BAND_BYTES).clamp(*BAND_ROWS.start(), *BAND_ROWS.end());
        if band >= beyond { band } else { fit(DEEP_BAND_BYTES).min(2 * beyond).max(band) }
    }
}

#[cfg(test)]
mod tests;
