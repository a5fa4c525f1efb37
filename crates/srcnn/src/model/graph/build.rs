//! Graphs put together node by node.

use super::error::GraphError;
use super::network::Graph;
use super::operation::Operation;
use super::value::{Node, Value};

/// Nodes that are to become a [`Graph`].
#[derive(Clone, Debug)]
pub struct GraphBuilder {
    channels: usize,
    nodes: Vec<Node>,
}

impl GraphBuilder {
    /// Begins a graph for what goes in with so many channels.
    pub fn new(channels: usize) -> Self {
        Self { channels, nodes: Vec::new() }
    }

    /// What goes in.
    pub fn input(&self) -> Value {
        Value::INPUT
    }

    /// Adds a node; gives its result.
    pub fn add(&mut self, operation: Operation, inputs: &[Value]) -> Value {
        self.nodes.push(Node { operation, inputs: inputs.to_vec() });
        Value::of_node(self.nodes.len() - 1)
    }

    /// The nodes that `output` depends on, and of the weights of all operations that have any, theirs.
    pub(crate) fn up_to<W>(self, output: Value, weights: Vec<W>) -> (Vec<Node>, Vec<W>) {
        let mut needed = vec![false; self.nodes.len()];
        let mut wanted: Vec<usize> = output.node().into_iter().collect();
        while let Some(node) = wanted.pop() {
            if !std::mem::replace(&mut needed[node], true) {
                wanted.extend(self.nodes[node].inputs.iter().filter_map(|value| value.node()));
            }
        }
        let mut places = vec![Value::INPUT];
        let (mut nodes, mut kept) = (Vec::new(), Vec::new());
        let mut weights = weights.into_iter();
        for (mut node, needed) in self.nodes.into_iter().zip(needed) {
            let own = if node.operation.weights().total() > 0 { weights.next() } else { None };
            if needed {
                node.inputs.iter_mut().for_each(|value| *value = places[value.index()]);
                places.push(Value::of_node(nodes.len()));
                nodes.push(node);
                kept.extend(own);
            } else {
                places.push(Value::INPUT);
            }
        }
        (nodes, kept)
    }

    /// The graph, whose result is that of the node added last.
    ///
    /// # Errors
    /// As [`Graph::new`].
    pub fn build(self) -> Result<Graph, GraphError> {
        Graph::new(self.channels, self.nodes)
    }
}
