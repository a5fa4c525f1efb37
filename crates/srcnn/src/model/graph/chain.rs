//! Chains of convolutions as graphs.

use super::build::GraphBuilder;
use super::network::Graph;
use super::operation::{Convolution, Fill, Function, Operation, Sides};
use super::value::Value;
use crate::model::{Activation, Architecture, Input, LayerSpec, Padding};

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

impl Architecture {
    /// The chain of layers that a graph is: convolutions of odd square kernels, each with or without ReLU behind it, that keep the
    /// size or are not padded; none if it is anything else.
    pub(crate) fn of_graph(input: Input, graph: &Graph) -> Option<Self> {
        let mut layers: Vec<LayerSpec> = Vec::new();
        for (i, node) in graph.nodes().iter().enumerate() {
            let is_chain = node.inputs.len() == 1 && node.inputs[0].index() == i;
            match &node.operation {
                _ if !is_chain => return None,
                Operation::Convolution(convolution) => layers.push(layer(convolution)?),
                Operation::Function(Function::Relu) => match layers.last_mut() {
                    Some(layer) if layer.activation == Activation::None => layer.activation = Activation::Relu,
                    _ => return None,
                },
                _ => return None,
            }
        }
        Self::new(input, layers).ok()
    }
}

/// A convolution as a layer, without its activation.
fn layer(convolution: &Convolution) -> Option<LayerSpec> {
    let Convolution { inputs, outputs, kernel: [kernel, columns], padding, fill, .. } = *convolution;
    let plain = Convolution { padding, fill, ..Convolution::valid(inputs, outputs, kernel) };
    if *convolution != plain || columns != kernel {
        return None;
    }
    let padding = match (padding, fill) {
        (sides, Fill::Zero) if sides == Sides::all(0) => Padding::Valid,
        (sides, Fill::Zero) if sides == Sides::all(kernel / 2) => Padding::Zero,
        (sides, Fill::Replicate) if sides == Sides::all(kernel / 2) => Padding::Replicate,
        _ => return None,
    };
    Some(LayerSpec { inputs, outputs, kernel, padding, activation: Activation::None })
}

impl Graph {
    /// The results of the layers of a chain: of each convolution, or of the function behind it.
    pub(crate) fn ends_of_layers(&self) -> Vec<Value> {
        let nodes = self.nodes();
        let is_function = |i: &usize| matches!(nodes.get(*i).map(|node| &node.operation), Some(Operation::Function(_)));
        let convolutions = (0..nodes.len()).filter(|i| matches!(nodes[*i].operation, Operation::Convolution(_)));
        convolutions.map(|i| Some(i + 1).filter(is_function).unwrap_or(i)).map(Value::of_node).collect()
    }
}
