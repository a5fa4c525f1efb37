//! Writes a model as ONNX, operator set 13: a chain of layers by `Conv`, `Relu`, and `Pad` by the edge where edges are replicated;
//! any other network operation by operation.

mod layers;
mod message;
mod model;
mod operations;
mod unwritable;

pub use model::to_onnx;
pub use unwritable::Unwritable;
