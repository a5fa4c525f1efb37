//! Errors of the engines.

/// A network cannot run on the planes given, or was cancelled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The number of planes is not that of the network's input.
    #[error("the network takes {expected} planes, not {found}")]
    Planes {
        /// Number of planes that the network takes.
        expected: usize,
        /// Number of planes given.
        found: usize,
    },
    /// The planes differ in size.
    #[error("the planes differ in size")]
    Sizes,
    /// The planes are no larger than the borders that the network loses.
    #[error("a picture of {width}x{height} is too small: the network loses {loss} pixels on every side")]
    TooSmall {
        /// Width of the planes.
        width: usize,
        /// Height of the planes.
        height: usize,
        /// Pixels lost on every side.
        loss: usize,
    },
    /// The planes' sides are no multiples of what the network needs.
    #[error("{width}x{height}: the network takes sides that are multiples of {multiple}")]
    Multiple {
        /// Width of the planes.
        width: usize,
        /// Height of the planes.
        height: usize,
        /// The number.
        multiple: usize,
    },
    /// [`Progress::cancelled`](crate::progress::Progress::cancelled) was true.
    #[error("cancelled")]
    Cancelled,
}
