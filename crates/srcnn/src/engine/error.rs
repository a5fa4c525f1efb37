//! Reasons why a network does not run.

/// The network cannot run on what it was given, or was told to stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// Another number of planes than the network takes.
    #[error("the network takes {expected} planes, not {found}")]
    Planes {
        /// Planes that the network takes.
        expected: usize,
        /// Planes given.
        found: usize,
    },
    /// The planes differ in size.
    #[error("the planes differ in size")]
    Sizes,
    /// Nothing is left after the borders that the network loses.
    #[error("a picture of {width}x{height} is too small: the network loses {loss} pixels on every side")]
    TooSmall {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
        /// Pixels lost on every side.
        loss: usize,
    },
    /// [`Progress::cancelled`](crate::progress::Progress::cancelled) was true.
    #[error("cancelled")]
    Cancelled,
}
