//! Graphs put together node by node.

use super::error::GraphError;
use super::operation::Operation;
use super::{Graph, Node, Value};

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

    /// The graph, whose result is that of the node added last.
    ///
    /// # Errors
    /// As [`Graph::new`].
    pub fn build(self) -> Result<Graph, GraphError> {
        Graph::new(self.channels, self.nodes)
    }
}
