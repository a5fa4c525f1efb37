//! Pictures to learn from: pairs of what a network sees and what it should give, cut into sub-images.

mod corpus;
mod pair;
mod sampler;
mod store;

use std::path::PathBuf;

use srcnn::codec::FileError;

pub use corpus::{Corpus, Pictures};
pub use pair::{Pair, make_pair, read_planes};
pub use sampler::{Sample, Sampler};

/// Pictures that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A folder that cannot be read, or a cache that cannot be written.
    #[error("{}: {reason}", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// What is wrong.
        reason: std::io::Error,
    },
    /// A picture that cannot be read.
    #[error(transparent)]
    Picture(#[from] FileError),
    /// A picture that cannot be degraded.
    #[error("{}: {reason}", path.display())]
    Degrade {
        /// The picture.
        path: PathBuf,
        /// What is wrong.
        reason: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Nothing to learn from.
    #[error("no picture of {folders} is as large as a sub-image of {crop}x{crop}")]
    Empty {
        /// The folders.
        folders: String,
        /// Rows and columns of a sub-image.
        crop: usize,
    },
    /// Nothing to validate on.
    #[error("no picture is held out: set hold_out or validation")]
    NoValidation,
}
