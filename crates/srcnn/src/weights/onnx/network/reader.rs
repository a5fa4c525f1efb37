//! What is known of a graph while it is read: values, and the numbers that operators take.

use std::collections::HashMap;

use crate::model::LayerWeights;
use crate::model::graph::{Fill, Function, GraphBuilder, Operation, Sides, Value};
use crate::weights::onnx::error::NetworkError;
use crate::weights::onnx::fold;
use crate::weights::onnx::graph::{Graph, Node};

/// More channels than any network has: numbers that a file states do not make more memory than it has.
pub(super) const MAX_CHANNELS: usize = 1 << 14;
/// More numbers than any network has that are one for all channels.
pub(super) const MAX_SPREAD: usize = 1 << 22;

/// A tensor of the file as a value of the graph.
#[derive(Clone, Copy)]
pub(super) struct Known {
    pub(super) value: Value,
    pub(super) channels: usize,
    /// What is begun by the operator before it, and ended by the next.
    pub(super) pending: Option<Pending>,
}

#[derive(Clone, Copy)]
pub(super) enum Pending {
    /// What a `Pad` adds, until a convolution takes it.
    Border(Sides, Fill),
    /// Pixels gathered as channels by `SpaceToDepth`, positions before channels, until `Gather` puts channels first.
    Gathered {
        channels: usize,
        positions: usize,
    },
    /// The first two of `Reshape`, `Transpose`, `Reshape`, by which PyTorch writes `pixel_unshuffle`; there may be several of the
    /// first, and axes of one sample beside.
    Reshaped {
        /// The factor of a shuffle, where the first `Reshape` says it.
        shuffle: Option<usize>,
    },
    Transposed,
    /// The first two of `Reshape`, `Transpose`, `Reshape`, by which older programs write `pixel_shuffle`.
    Interleaved {
        factor: usize,
    },
}

/// The graph as far as it is read.
pub(super) struct Reader<'g, 'a> {
    pub(super) file: &'g Graph<'a>,
    /// Values that may still be read, and made of single ones.
    pub(super) budget: usize,
    pub(super) spread: usize,
    pub(super) builder: GraphBuilder,
    pub(super) known: HashMap<&'a str, Known>,
    pub(super) weights: Vec<LayerWeights>,
    pub(super) remarks: Vec<String>,
}

impl<'a> Reader<'_, 'a> {
    /// All inputs, none of which is a constant.
    pub(super) fn all(&self, node: &Node<'a>) -> Result<Vec<Known>, NetworkError> {
        let unread = || NetworkError::Unread { operator: node.operator_name(), what: "of a constant" };
        let whole = |name: &str| self.known.get(name).copied().filter(|known| known.pending.is_none());
        node.inputs.iter().map(|name| whole(name).ok_or_else(unread)).collect()
    }

    pub(super) fn function(&mut self, taken: Known, function: Function) -> Known {
        Known { value: self.builder.add(Operation::Function(function), &[taken.value]), ..taken }
    }

    pub(super) fn weighted(&mut self, kernels: Vec<f32>, biases: Vec<f32>) {
        self.weights.push(LayerWeights { kernels, biases });
    }

    pub(super) fn affine(&mut self, taken: Known, factors: Vec<f32>, summands: Vec<f32>) -> Known {
        let channels = taken.channels;
        self.weighted(factors, summands);
        Known { value: self.builder.add(Operation::Affine { channels }, &[taken.value]), ..taken }
    }

    /// The values of a constant, and its shape.
    pub(super) fn constant(&mut self, node: &Node<'a>, at: usize) -> Result<(Vec<f32>, Vec<usize>), NetworkError> {
        let name = node.input(at).unwrap_or_default();
        let named = || NetworkError::NoTensor { operator: node.operator_name(), name: name.to_owned() };
        let tensor = self.file.constant(name).ok_or_else(named)?;
        let shape: Option<Vec<usize>> = tensor.shape.iter().map(|n| usize::try_from(*n).ok()).collect();
        let shape = shape.ok_or_else(named)?;
        let count = shape.iter().try_fold(1usize, |product, n| product.checked_mul(*n));
        let count = count.filter(|count| *count <= self.budget).ok_or_else(named)?;
        self.budget -= count;
        let values = tensor.values(count);
        let (values, float) = values.map_err(|reason| NetworkError::Values { name: name.to_owned(), reason })?;
        if let Some(remark) = float.remark().filter(|remark| !self.remarks.iter().any(|other| other == remark)) {
            self.remarks.push(remark.to_owned());
        }
        Ok((values, shape))
    }

    /// A single number.
    pub(super) fn number(&self, node: &Node<'a>, at: usize) -> Result<f32, NetworkError> {
        let list = node.input(at).and_then(|name| fold::list(self.file, name));
        match list.and_then(Result::ok).as_deref() {
            Some([number]) => Ok(*number as f32),
            _ => Err(NetworkError::Unread { operator: node.operator_name(), what: "of computed numbers" }),
        }
    }

    /// A short list of whole numbers: an attribute, or a constant input.
    pub(super) fn list(&self, node: &Node<'a>, attribute: &str, at: usize) -> Result<Option<Vec<i64>>, NetworkError> {
        if let Some(list) = node.ints(attribute) {
            return Ok(Some(list.to_vec()));
        }
        let Some(name) = node.input(at) else { return Ok(None) };
        match fold::list(self.file, name) {
            Some(Ok(list)) => Ok(Some(list.into_iter().map(|v| v as i64).collect())),
            _ => Err(NetworkError::Unread { operator: node.operator_name(), what: "of computed numbers" }),
        }
    }

    /// A constant that is one number a channel, or one for all.
    pub(super) fn per_channel(
        &mut self,
        node: &Node<'a>,
        at: usize,
        channels: usize,
    ) -> Result<Vec<f32>, NetworkError> {
        let (values, shape) = self.constant(node, at)?;
        // Shapes are aligned at their ends: rows and columns are the last axes.
        let axis = |n: usize| shape.len() - n;
        let is_spread = shape.len() == 1 && channels > 1 && shape[0] == channels;
        let fits = shape.iter().enumerate().all(|(n, side)| *side == 1 || axis(n) == 3 && *side == channels);
        match (fits, values.as_slice()) {
            (_, [one]) => {
                self.spread = self.spread.checked_sub(channels).ok_or(NetworkError::Channels)?;
                Ok(vec![*one; channels])
            }
            (true, _) => Ok(values),
            // These may be a list.
            (false, _) if is_spread && matches!(node.operator, "PRelu" | "BatchNormalization") => Ok(values),
            _ => Err(NetworkError::Shape { operator: node.operator_name(), shape }),
        }
    }
}

pub(super) fn attribute(node: &Node<'_>, name: &'static str, found: &[i64]) -> NetworkError {
    NetworkError::Attribute { operator: node.operator_name(), name, found: found.to_vec() }
}
