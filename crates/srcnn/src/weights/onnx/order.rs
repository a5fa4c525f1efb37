//! Order of a tensor's axes as `Transpose` nodes change it on the way through a graph.

use super::error::ChainError;
use super::graph::Node;

/// Axes of pictures: batch, channel, row, column.
pub(super) const AXES: usize = 4;
/// Position of the channel and the first of the two sides in [`Order`], by axis of the data.
const CHANNEL: usize = 1;
const ROW: usize = 2;
const COLUMN: usize = 3;

/// Which axis of the graph's input each axis of the data is.
pub(super) type Order = [usize; AXES];

/// As the input is.
pub(super) const INPUT: Order = [0, 1, 2, 3];
/// As the input is, its last axis, the channel, put before rows and columns: the way from NHWC to NCHW.
const LAST_TO_FIRST: Order = [0, 3, 1, 2];

/// The order behind a `Transpose`.
pub(super) fn transposed(order: Order, node: &Node<'_>) -> Result<Order, ChainError> {
    // Without `perm`, the axes are reversed.
    let axes: Vec<i64> = node.ints("perm").map_or_else(|| vec![3, 2, 1, 0], <[i64]>::to_vec);
    let error = || ChainError::Transpose(axes.clone());
    let axes: Vec<usize> = axes.iter().map(|&a| usize::try_from(a).ok()).collect::<Option<_>>().ok_or_else(error)?;
    let axes = Order::try_from(axes).map_err(|_| error())?;
    if !(0..AXES).all(|axis| axes.contains(&axis)) {
        return Err(error());
    }
    Ok(axes.map(|axis| order[axis]))
}

/// Refuses data that `operator` cannot take as batch, channel, row, column.
pub(super) fn check(order: Order, operator: &str) -> Result<(), ChainError> {
    if order == INPUT || order == LAST_TO_FIRST {
        return Ok(());
    }
    Err(ChainError::Order { operator: operator.to_owned(), order })
}

/// Whether a result in this order is one that the network gives where its convolutions have `inner`: with channels first or
/// last, rows before columns.
pub(super) fn ends(order: Order, inner: Order) -> bool {
    let last = [inner[0], inner[ROW], inner[COLUMN], inner[CHANNEL]];
    order == inner || order == last
}

/// Axis of the channel in data of this order where the convolutions have `inner`.
pub(super) fn channel(order: Order, inner: Order) -> Option<usize> {
    order.iter().position(|&axis| axis == inner[CHANNEL])
}
