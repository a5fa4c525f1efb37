//! A graph, valid by its construction.

use super::check::checked;
use super::error::GraphError;
use super::extent::Extent;
use super::operation::{Operation, WeightCounts};
use super::value::{Node, Value};
use crate::Size;

/// A network without its weights: nodes in the order of their computation, the last of which gives the result.
///
/// ```
/// use srcnn::model::graph::{Convolution, Function, GraphBuilder, Operation};
///
/// // ESPCN for x3 on luma, with fewer filters.
/// let mut espcn = GraphBuilder::new(1);
/// let input = espcn.input();
/// let wide = espcn.add(Operation::Convolution(Convolution::same(1, 16, 5)), &[input]);
/// let bent = espcn.add(Operation::Function(Function::Tanh), &[wide]);
/// let deep = espcn.add(Operation::Convolution(Convolution::same(16, 9, 3)), &[bent]);
/// espcn.add(Operation::Shuffle { factor: 3 }, &[deep]);
/// let graph = espcn.build()?;
/// assert_eq!(graph.scale(), 3);
/// assert_eq!(graph.output_size((40, 30).into()), Some((120, 90).into()));
/// # Ok::<(), srcnn::model::graph::GraphError>(())
/// ```
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Graph {
    channels: usize,
    nodes: Vec<Node>,
    /// Of each value.
    extents: Vec<Extent>,
    multiple: usize,
}

/// A graph as it is written: what follows from its nodes is found again when it is read.
#[derive(serde::Serialize, serde::Deserialize)]
struct Stored {
    channels: usize,
    nodes: Vec<Node>,
}

impl TryFrom<Stored> for Graph {
    type Error = GraphError;

    fn try_from(Stored { channels, nodes }: Stored) -> Result<Self, GraphError> {
        Self::new(channels, nodes)
    }
}

impl From<Graph> for Stored {
    fn from(Graph { channels, nodes, .. }: Graph) -> Self {
        Self { channels, nodes }
    }
}

impl Graph {
    /// Checks nodes for what goes in with so many channels.
    ///
    /// # Errors
    /// [`GraphError`] if a node is out of bounds, or does not fit what it takes; if a result is not used; if the result is smaller
    /// than what goes in, not by a whole factor, or loses other borders on one side than on the other.
    pub fn new(channels: usize, nodes: Vec<Node>) -> Result<Self, GraphError> {
        let (extents, multiple) = checked(channels, &nodes)?;
        Ok(Self { channels, nodes, extents, multiple })
    }

    /// Channels that go in.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Channels of the result.
    pub fn output_channels(&self) -> usize {
        self.output_extent().channels
    }

    /// Nodes, in the order of their computation.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Channels and size of each value, by [`Value::index`].
    pub fn extents(&self) -> &[Extent] {
        &self.extents
    }

    /// The value that is the result.
    pub fn output(&self) -> Value {
        Value::of_node(self.nodes.len() - 1)
    }

    fn output_extent(&self) -> &Extent {
        &self.extents[self.nodes.len()]
    }

    /// Factor by which it enlarges.
    pub fn scale(&self) -> usize {
        self.output_extent().up / self.output_extent().down
    }

    /// Pixels of the result that are lost on each side, of [`Graph::scale`] times the size of what goes in.
    pub fn border_loss(&self) -> usize {
        (self.output_extent().loss[0] / 2) as usize
    }

    /// Number of which both sides of what goes in must be multiples.
    pub fn multiple(&self) -> usize {
        self.multiple
    }

    /// Size of the result for what goes in with this size; none if it is too small, or no multiple of [`Graph::multiple`].
    pub fn output_size(&self, size: Size) -> Option<Size> {
        let fits = [size.width, size.height].iter().all(|side| side.is_multiple_of(self.multiple));
        let all = self.extents.iter().all(|extent| extent.size(size).is_some());
        if fits && all { self.output_extent().size(size) } else { None }
    }

    /// Numbers of weights of each operation that has any.
    pub fn weight_counts(&self) -> impl Iterator<Item = WeightCounts> {
        self.nodes.iter().map(|node| node.operation.weights()).filter(|counts| counts.total() > 0)
    }

    /// Number of weights: kernels, biases, slopes, factors.
    pub fn parameters(&self) -> usize {
        self.nodes.iter().map(|node| node.operation.weights().total()).sum()
    }

    /// Multiply-adds of convolutions for each pixel that goes in, borders aside.
    pub fn multiply_adds(&self) -> f64 {
        let each = self.nodes.iter().zip(&self.extents[1..]).map(|(node, result)| {
            let taken = &self.extents[node.inputs[0].index()];
            node.operation.multiply_adds()
                * match node.operation {
                    // Each sample that it takes is added to a kernel's worth of samples.
                    Operation::Transposed(_) => taken.area(),
                    _ => result.area(),
                }
        });
        each.sum()
    }
}
