//! Nodes that make no network.

/// Largest number of nodes, and of weights of a graph: far beyond any published network, so that hostile files stay within memory.
pub(super) const MAX_NODES: usize = 1 << 14;
pub(super) const MAX_PARAMETERS: usize = 1 << 28;

/// Nodes that make no network. Nodes are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// There is no node.
    #[error("a network has at least one operation")]
    Empty,
    /// There are too many nodes.
    #[error("{found} operations; {MAX_NODES} are possible")]
    Nodes {
        /// Number of nodes.
        found: usize,
    },
    /// There are too many weights.
    #[error("more than {MAX_PARAMETERS} weights")]
    Parameters,
    /// No channels go in, or too many.
    #[error("takes {found} channels")]
    Channels {
        /// Number of channels.
        found: usize,
    },
    /// Sides would have to be multiples of too large a number.
    #[error("takes sides that are multiples of {found}")]
    Multiple {
        /// The number.
        found: usize,
    },
    /// A node has other numbers than are possible.
    #[error("operation {node} ({operation}): {what}")]
    Node {
        /// The node.
        node: usize,
        /// Its operation.
        operation: &'static str,
        /// What is wrong.
        what: Misfit,
    },
    /// The result of a node is not used.
    #[error("operation {node}: its result is not used")]
    Unused {
        /// The node.
        node: usize,
    },
    /// The result is smaller than what goes in, or not larger by a whole factor, or by too large a one.
    #[error("the result is {up}/{down} times as large as what goes in")]
    Scale {
        /// The factor's numerator.
        up: usize,
        /// The factor's denominator.
        down: usize,
    },
    /// The result loses borders that are not alike on all sides, or is larger than its factor says.
    #[error("the result is {rows} rows and {columns} columns smaller than its factor says")]
    Border {
        /// Rows lost.
        rows: i64,
        /// Columns lost.
        columns: i64,
    },
}

/// What is wrong with a node.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misfit {
    /// It takes another number of values.
    #[error("takes {found} values")]
    Inputs {
        /// Values given.
        found: usize,
    },
    /// It takes a value that is not there yet.
    #[error("takes the result of an operation that comes later")]
    Order,
    /// It takes another number of channels than come in.
    #[error("takes {expected} channels, but {found} come in")]
    Channels {
        /// Channels that it takes.
        expected: usize,
        /// Channels that come in.
        found: usize,
    },
    /// What it takes differs in size.
    #[error("takes values of different sizes")]
    Sizes,
    /// What it takes is a single sample a channel.
    #[error("takes planes, not a single sample a channel")]
    Single,
    /// A size is zero or too large.
    #[error("{what} of {found}")]
    Bounds {
        /// The size: `kernel`, `stride`, `channels`, ….
        what: &'static str,
        /// Its value.
        found: usize,
    },
    /// A number is not finite, or bounds are in the wrong order.
    #[error("its numbers are out of bounds")]
    Numbers,
    /// Rows or columns do not divide.
    #[error("sides are no multiples of {factor}")]
    Uneven {
        /// The factor.
        factor: usize,
    },
}
