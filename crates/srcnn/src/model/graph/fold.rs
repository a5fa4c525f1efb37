//! Factors and summands behind convolutions, taken into these.

use super::network::Graph;
use super::operation::Operation;
use super::value::{Node, Value};
use crate::model::LayerWeights;

impl Graph {
    /// The same network with as few factors and summands of channels as possible: those behind a convolution whose result nothing else
    /// takes are multiplied with its weights, and rounded to f32.
    pub(crate) fn folded(&self, weights: &[LayerWeights]) -> (Self, Vec<LayerWeights>) {
        let mut weights = weights.iter().cloned();
        let mut uses = vec![0; self.nodes().len() + 1];
        self.nodes().iter().flat_map(|node| &node.inputs).for_each(|value| uses[value.index()] += 1);
        let mut kept: Vec<Node> = Vec::new();
        let mut own: Vec<Option<LayerWeights>> = Vec::new();
        // Of each value, what it is now.
        let mut places = vec![Value::INPUT];
        for (i, node) in self.nodes().iter().enumerate() {
            let weight = if node.operation.weights().total() > 0 { weights.next() } else { None };
            let mut node = node.clone();
            let taken = node.inputs[0];
            node.inputs.iter_mut().for_each(|value| *value = places[value.index()]);
            let before = node.inputs[0].node().filter(|_| uses[taken.index()] == 1);
            let foldable = before.filter(|at| {
                matches!(kept[*at].operation, Operation::Convolution(_) | Operation::Transposed(_))
                    && matches!(node.operation, Operation::Affine { .. })
                    // Nothing behind it was computed of it before.
                    && taken.node() == Some(i.wrapping_sub(1))
            });
            match (foldable.and_then(|at| own[at].as_mut()), weight) {
                (Some(convolution), Some(affine)) => {
                    fold(convolution, &affine);
                    places.push(node.inputs[0]);
                }
                (_, weight) => {
                    places.push(Value::of_node(kept.len()));
                    kept.push(node);
                    own.push(weight);
                }
            }
        }
        let graph = Self::new(self.channels(), kept).expect("sizes and channels are as before");
        (graph, own.into_iter().flatten().collect())
    }
}

fn fold(convolution: &mut LayerWeights, affine: &LayerWeights) {
    let each = convolution.kernels.len() / affine.kernels.len();
    let kernels = convolution.kernels.chunks_mut(each).zip(&affine.kernels);
    kernels.for_each(|(kernel, factor)| kernel.iter_mut().for_each(|weight| *weight *= factor));
    let biases = convolution.biases.iter_mut().zip(affine.kernels.iter().zip(&affine.biases));
    biases.for_each(|(bias, (factor, summand))| *bias = *bias * factor + summand);
}
