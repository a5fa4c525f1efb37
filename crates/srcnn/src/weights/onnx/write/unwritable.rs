//! What ONNX does not have.

/// A network with an operation that ONNX does not have.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("ONNX cannot say {what}")]
pub struct Unwritable {
    /// The operation.
    pub what: String,
}
