//! Chains of convolutions as graphs.

use super::operation::{Convolution, Fill, Function, Operation, Sides};
use super::{Graph, GraphBuilder, Value};
use crate::model::{Activation, Architecture, LayerWeights, Padding};

impl From<&Architecture> for Graph {
    fn from(architecture: &Architecture) -> Self {
        let mut builder = GraphBuilder::new(architecture.input().channels());
        let mut value = builder.input();
        for layer in architecture.layers() {
            let (margin, fill) = match layer.padding {
                Padding::Valid => (0, Fill::Zero),
                Padding::Zero => (layer.kernel / 2, Fill::Zero),
                Padding::Replicate => (layer.kernel / 2, Fill::Replicate),
            };
            let valid = Convolution::valid(layer.inputs, layer.outputs, layer.kernel);
            let convolution = Convolution { padding: Sides::all(margin), fill, ..valid };
            value = builder.add(Operation::Convolution(convolution), &[value]);
            if layer.activation == Activation::Relu {
                value = builder.add(Operation::Function(Function::Relu), &[value]);
            }
        }
        builder.build().expect("the bounds of architectures are within those of graphs")
    }
}

impl Graph {
    /// The weights of layers, the convolutions, as those of all nodes.
    pub(crate) fn weights_of_layers(&self, layers: &[LayerWeights]) -> Vec<LayerWeights> {
        let mut layers = layers.iter();
        let weights = self.nodes().iter().map(|node| match node.operation {
            Operation::Convolution(_) => layers.next().expect("weights for each layer").clone(),
            _ => LayerWeights::default(),
        });
        weights.collect()
    }

    /// The results of the layers of a chain: of each convolution, or of the function behind it.
    pub(crate) fn ends_of_layers(&self) -> Vec<Value> {
        let nodes = self.nodes();
        let is_function = |i: &usize| matches!(nodes.get(*i).map(|node| &node.operation), Some(Operation::Function(_)));
        let convolutions = (0..nodes.len()).filter(|i| matches!(nodes[*i].operation, Operation::Convolution(_)));
        convolutions.map(|i| Some(i + 1).filter(is_function).unwrap_or(i)).map(Value::of_node).collect()
    }
}
