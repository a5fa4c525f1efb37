//! Values of a graph, and the nodes that compute them.

use super::operation::Operation;

/// A value in a graph: what goes in, or the result of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Value(usize);

impl Value {
    /// What goes in.
    pub const INPUT: Self = Self(0);

    /// The result of a node, counted from 0.
    pub const fn of_node(node: usize) -> Self {
        Self(node + 1)
    }

    /// The node; none for what goes in.
    pub const fn node(self) -> Option<usize> {
        self.0.checked_sub(1)
    }

    /// Position among all values of a graph: 0 for what goes in, then a node after the other.
    pub const fn index(self) -> usize {
        self.0
    }
}

/// An operation and the values that it takes, all of nodes before it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Node {
    /// What is done.
    pub operation: Operation,
    /// What it is done to.
    pub inputs: Vec<Value>,
}
