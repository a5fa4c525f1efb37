//! Networks as graphs of operations on planes.
//!
//! A [`Graph`] that exists is valid: channels fit, and so do sizes, for every picture whose sides are multiples of
//! [`Graph::multiple`].

mod build;
mod chain;
mod check;
mod error;
mod extent;
mod fold;
mod network;
mod operation;
mod value;

pub use build::GraphBuilder;
pub use error::{GraphError, Misfit};
pub use extent::Extent;
pub(crate) use extent::MAX_SCALE;
pub use network::Graph;
pub use operation::{Convolution, Enlargement, Fill, Function, Operation, Sides, Transposed, WeightCounts};
pub use value::{Node, Value};
