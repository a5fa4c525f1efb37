//! Reasons why a picture cannot be upscaled or restored.

use std::error::Error;
use std::sync::Arc;

use super::fault::Fault;
use crate::engine::EngineError;
use crate::resample::ResizeError;

/// A picture cannot be upscaled or restored.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum UpscaleError {
    /// A size of zero.
    #[error(transparent)]
    Resize(#[from] ResizeError),
    /// The network stopped.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A restorer that is no network failed.
    #[error("{0}")]
    Restorer(#[source] Arc<dyn Error + Send + Sync>),
    /// The result cannot come from working weights.
    #[error("the network's result is {}: its weights are broken, or not what they are taken for", .fault.what())]
    Fault {
        /// What is wrong.
        fault: Fault,
    },
    /// A network on YCbCr, as experiments train them, whose colors are not converted here.
    #[error("the network works on YCbCr, as an experiment: pictures take networks on luma or RGB")]
    Ycbcr,
    /// An ensemble of a restorer that is no network.
    #[error("only networks are run as an ensemble")]
    Ensemble,
    /// Floating-point samples that are infinite or NaN, or become so by filtering.
    #[error("the picture has samples that are not finite numbers, or too large to filter")]
    NotFinite,
    /// More pixels than [`Limits::pixels`](crate::Limits::pixels).
    #[error("{width}x{height} pixels are more than the {limit} that are allowed")]
    TooLarge {
        /// Columns of the result, or of a step on the way to it.
        width: usize,
        /// Rows of the result, or of a step on the way to it.
        height: usize,
        /// Pixels allowed.
        limit: u64,
    },
    /// More bytes than [`Limits::memory`](crate::Limits::memory).
    #[error("{needed} bytes are needed at a time, more than the {limit} that are allowed")]
    Memory {
        /// The fewest bytes that are needed.
        needed: u64,
        /// Bytes allowed.
        limit: u64,
    },
}
