//! Errors of training pictures.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use srcnn::codec::FileError;

/// Any error.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// A picture or a folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A folder cannot be read, or a file of temporary data cannot be written.
    #[error("{}: {reason}", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// The error of the file system.
        reason: io::Error,
    },
    /// A picture cannot be read.
    #[error(transparent)]
    Picture(#[from] FileError),
    /// A picture cannot be degraded or scored.
    #[error("{}: {reason}", path.display())]
    Degrade {
        /// The picture.
        path: PathBuf,
        /// The reason.
        reason: BoxError,
    },
    /// No training picture is large enough.
    #[error("no picture of {folders} is as large as a sub-image of {crop}x{crop}")]
    Empty {
        /// The folders, separated by commas.
        folders: String,
        /// Side of a sub-image in pixels.
        crop: usize,
    },
    /// There is no validation picture.
    #[error("no picture is held out: set hold_out or validation")]
    NoValidation,
}
