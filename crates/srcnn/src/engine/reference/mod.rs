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

use super::error::EngineError;
use crate::Size;
use crate::model::graph::{Graph, Value};
use crate::model::{Architecture, LayerWeights, Model, Padding};
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
const BAND_ROWS: std::ops::RangeInclusive<usize> = 8..=256;

impl<T: Real> Reference<T> {
    /// A network with the model's own paddings.
    pub fn new(model: &Model) -> Self {
        Self::with_architecture(model, model.architecture())
    }

    /// A network with one padding at every layer, whatever the model's own are.
    pub fn with_padding(model: &Model, padding: Padding) -> Self {
        let paddings = vec![padding; model.architecture().layers().len()];
        let architecture = model.architecture().with_padding(&paddings).expect("one padding a layer");
        Self::with_architecture(model, &architecture)
    }

    pub(super) fn with_architecture(model: &Model, architecture: &Architecture) -> Self {
        let graph = Graph::from(architecture);
        let weights = graph.weights_of_layers(model.weights());
        Self::of(graph, &weights)
    }

    /// A graph with the weights of each of its nodes.
    ///
    /// # Panics
    /// If a node has other numbers of weights than its operation says.
    pub fn of(graph: Graph, weights: &[LayerWeights]) -> Self {
        assert_eq!(graph.nodes().len(), weights.len(), "weights for each node");
        let packed = graph.nodes().iter().zip(weights).map(|(node, weights)| {
            let counts = node.operation.weights();
            assert_eq!(
                (counts.kernels, counts.biases),
                (weights.kernels.len(), weights.biases.len()),
                "numbers of weights"
            );
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
        let size = self.output_size(planes)?;
        let channels = self.graph.output_channels();
        let mut out: Vec<Vec<T>> = (0..channels).map(|_| Vec::with_capacity(size.width * size.height)).collect();
        let band = self.band.unwrap_or_else(|| self.default_band(planes[0].size(), size));
        for start in (0..size.height).step_by(band) {
            if progress.cancelled() {
                return Err(EngineError::Cancelled);
            }
            let rows = start..(start + band).min(size.height);
            let mut values = self.run_band(planes, &rows, &[]);
            let last = values.pop().flatten().expect("the result is kept");
            out.iter_mut().enumerate().for_each(|(channel, out)| last.append_channel(channel, out));
            progress.advance((rows.len() * size.width) as u64);
        }
        let planes = out.into_iter().map(|data| Plane::new(size.width, size.height, data));
        Ok(planes.collect::<Result<_, _>>().expect("every band was appended"))
    }

    /// The outputs of every layer of a chain, after its activation, for planes of one size. They are computed without bands, so
    /// that memory grows with the pixels and the filters.
    ///
    /// # Errors
    /// [`EngineError`] if the number or the sizes of the planes do not fit the network.
    pub fn feature_maps(&self, planes: &[Plane<T>]) -> Result<Vec<Vec<Plane<T>>>, EngineError> {
        let size = self.output_size(planes)?;
        let kept = self.graph.ends_of_layers();
        let values = self.run_band(planes, &(0..size.height), &kept);
        Ok(kept.iter().filter_map(|value| values[value.index()].as_ref()).map(Rows::to_planes).collect())
    }

    fn output_size(&self, planes: &[Plane<T>]) -> Result<Size, EngineError> {
        let expected = self.graph.channels();
        if planes.len() != expected {
            return Err(EngineError::Planes { expected, found: planes.len() });
        }
        let size = planes[0].size();
        if planes.iter().any(|p| p.size() != size) {
            return Err(EngineError::Sizes);
        }
        let multiple = self.graph.multiple();
        if !size.width.is_multiple_of(multiple) || !size.height.is_multiple_of(multiple) {
            return Err(EngineError::Multiple { width: size.width, height: size.height, multiple });
        }
        let loss = self.graph.border_loss();
        let Size { width, height } = size;
        self.graph.output_size(size).ok_or(EngineError::TooSmall { width, height, loss })
    }

    /// Computes rows `rows` of the output. Of the values, the output and those of `kept` are there.
    fn run_band(&self, planes: &[Plane<T>], rows: &Range<usize>, kept: &[Value]) -> Vec<Option<Rows<T>>> {
        let nodes = self.graph.nodes();
        let size = planes[0].size();
        let sizes = self.graph.extents().iter().map(|extent| extent.size(size).expect("sizes are checked"));
        let sizes: Vec<Size> = sizes.collect();
        // From the last node back to the first: the rows needed of each value, and who reads it last.
        let mut needed: Vec<Option<Range<usize>>> = vec![None; sizes.len()];
        let mut last_read = vec![0; sizes.len()];
        needed[nodes.len()] = Some(rows.clone());
        for (i, (node, packed)) in nodes.iter().zip(&self.packed).enumerate().rev() {
            let rows = needed[i + 1].clone().expect("its result is used");
            for value in &node.inputs {
                let at = value.index();
                let read = packed.reads(&rows, sizes[at]);
                needed[at] = Some(match needed[at].take() {
                    Some(other) => other.start.min(read.start)..other.end.max(read.end),
                    None => read,
                });
                last_read[at] = last_read[at].max(i);
            }
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
        (BAND_BYTES / (samples.unwrap_or(1).max(1) * size_of::<T>())).clamp(*BAND_ROWS.start(), *BAND_ROWS.end())
    }
}

#[cfg(test)]
mod tests;
