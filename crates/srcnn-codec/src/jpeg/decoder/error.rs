//! Errors of the decoder.

use std::io;

use crate::decode_error::DecodeError;

/// Why a JPEG file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum JpegError {
    /// The file ends before the picture does.
    #[error("the file ends too early")]
    Truncated,
    /// The file contradicts the specification.
    #[error("the JPEG data is damaged: {0}")]
    Corrupt(&'static str),
    /// Too large for the memory allowed.
    #[error("the picture needs {bytes} bytes of memory, more than the limit of {limit}")]
    TooLarge {
        /// Bytes needed.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// Beyond another limit.
    #[error(transparent)]
    Refused(#[from] DecodeError),
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A temporary file cannot be made, read or written.
    #[error("a temporary file in {}: {_0}", std::env::temp_dir().display())]
    Spool(io::Error),
}
