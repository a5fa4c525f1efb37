//! Errors of runs.

use std::io;
use std::path::PathBuf;

use srcnn::engine::EngineError;
use srcnn::weights::LoadError;

use crate::config::ConfigError;
use crate::data::{BoxError, DataError};
use crate::learner::LearnerError;

/// A run cannot begin or continue.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A file of the run cannot be read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file, or the folder.
        path: PathBuf,
        /// The reason.
        reason: BoxError,
    },
    /// The configuration is not valid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The pictures cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The network cannot be built.
    #[error(transparent)]
    Learner(#[from] LearnerError),
    /// The initial weights cannot be loaded.
    #[error(transparent)]
    Start(#[from] LoadError),
    /// The validation failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Pictures on disk cannot be read.
    #[error("sub-images cannot be read back from disk: {0}")]
    Store(io::Error),
    /// The folder already has a file that a run would write.
    #[error("{}: there is {name} already, of a run perhaps: go on with it by --resume, or name another folder", folder.display())]
    Exists {
        /// The folder.
        folder: PathBuf,
        /// The file.
        name: String,
    },
    /// The pictures or the instruction set changed since the run began.
    #[error("{}: the run began with other pictures (or another --isa): they have changed since", folder.display())]
    Changed {
        /// The folder of the run.
        folder: PathBuf,
    },
    /// The training diverged.
    #[error(
        "step {step}: {what}; try a lower rate, clip or warm_up. The last good checkpoint, after step {good}, is kept"
    )]
    Diverged {
        /// Steps done.
        step: u64,
        /// The sign of divergence.
        what: &'static str,
        /// Steps of the last good checkpoint.
        good: u64,
    },
}
