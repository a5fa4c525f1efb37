//! Errors of upscaling and restoring.

use std::error::Error;
use std::sync::Arc;

use super::fault::Fault;
use crate::engine::EngineError;
use crate::resample::ResizeError;

/// A picture cannot be upscaled or restored.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum UpscaleError {
    /// A size is zero.
    #[error(transparent)]
    Resize(#[from] ResizeError),
    /// The network cannot run, or was cancelled.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A restorer other than a network failed.
    #[error(transparent)]
    Restorer(Arc<dyn Error + Send + Sync>),
    /// The result cannot be that of working weights.
    #[error("the network's result is {}: its weights are broken, or not what they are taken for", .fault.what())]
    Fault {
        /// Fault of the result.
        fault: Fault,
    },
    /// The network works on YCbCr, which only experiments do.
    #[error("the network works on YCbCr, as an experiment: pictures take networks on luma or RGB")]
    Ycbcr,
    /// A network that enlarges was asked to restore a picture at its size.
    #[error("the network enlarges by {scale} itself, and cannot restore a picture at its size")]
    OwnScale {
        /// Its factor.
        scale: usize,
    },
    /// An ensemble was asked for, of a restorer that was not packed here.
    #[error("only networks are run as an ensemble")]
    Ensemble,
    /// Floating-point samples are infinite or NaN, or become so by filtering.
    #[error("the picture has samples that are not finite numbers, or too large to filter")]
    NotFinite,
    /// A size exceeds [`Limits::pixels`](crate::Limits::pixels).
    #[error("{width}x{height} pixels are more than the {limit} that are allowed")]
    TooLarge {
        /// Width of the result, or of an intermediate step.
        width: usize,
        /// Height of the result, or of an intermediate step.
        height: usize,
        /// Pixels allowed.
        limit: u64,
    },
    /// The computation exceeds [`Limits::memory`](crate::Limits::memory).
    #[error("{needed} bytes are needed at a time, more than the {limit} that are allowed")]
    Memory {
        /// Bytes needed at least.
        needed: u64,
        /// Bytes allowed.
        limit: u64,
    },
}
