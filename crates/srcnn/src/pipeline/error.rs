//! Reasons why a picture does not get through.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use crate::codec::{DecodeError, EncodeError, FileError, is_limit};
use crate::degrade::DegradeError;
use crate::rows::RowsError;
use crate::upscale::UpscaleError;

/// A picture does not get through the pipeline.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// The input cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The picture cannot be upscaled or restored.
    #[error(transparent)]
    Upscale(#[from] UpscaleError),
    /// The picture cannot be degraded.
    #[error(transparent)]
    Degrade(#[from] DegradeError),
    /// There is no restorer for the factor that the picture needs.
    #[error("{0}")]
    Restorer(#[source] Box<dyn Error + Send + Sync>),
    /// [`Progress::cancelled`](crate::progress::Progress::cancelled) was true.
    #[error("interrupted")]
    Cancelled,
    /// Rows of the input do not come, for another reason.
    #[error("{0}")]
    Rows(#[source] RowsError),
    /// The output cannot be encoded or written.
    #[error(transparent)]
    Encode(EncodeError),
    /// The result, or the frames of an animation, would be too large for the limits.
    #[error(transparent)]
    Output(Box<PipelineError>),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A file cannot be read or written as a picture.
    #[error(transparent)]
    File(FileError),
}

/// The side of a pipeline that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The picture that is read, or the work on it.
    Input,
    /// The file that is written.
    Output,
}

/// A limit that may be raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKind {
    /// [`Limits::memory`](crate::Limits::memory).
    Memory,
    /// [`Limits::pixels`](crate::Limits::pixels).
    Pixels,
}

impl PipelineError {
    /// The side that it is about.
    pub fn side(&self) -> Side {
        match self {
            Self::Encode(_) | Self::Output(_) => Side::Output,
            Self::Decode(_)
            | Self::Upscale(_)
            | Self::Degrade(_)
            | Self::Restorer(_)
            | Self::Cancelled
            | Self::Rows(_)
            | Self::Io { .. }
            | Self::File(_) => Side::Input,
        }
    }

    /// The limit that refused the picture, if one did.
    pub fn limit(&self) -> Option<LimitKind> {
        match self {
            Self::Decode(DecodeError::TooManyPixels { .. } | DecodeError::TooManyFrames { .. }) => {
                Some(LimitKind::Pixels)
            }
            Self::Decode(error) => is_limit(error).then_some(LimitKind::Memory),
            Self::Upscale(UpscaleError::TooLarge { .. }) => Some(LimitKind::Pixels),
            Self::Upscale(UpscaleError::Memory { .. }) => Some(LimitKind::Memory),
            Self::Output(error) => error.limit(),
            Self::Upscale(_)
            | Self::Degrade(_)
            | Self::Restorer(_)
            | Self::Cancelled
            | Self::Rows(_)
            | Self::Encode(_)
            | Self::Io { .. }
            | Self::File(_) => None,
        }
    }

    /// The error behind rows that do not come.
    pub(super) fn of_rows(error: RowsError) -> Self {
        let error = match error.downcast::<Self>() {
            Ok(own) => return *own,
            Err(other) => other,
        };
        let error = match error.downcast::<DecodeError>() {
            Ok(error) => return Self::Decode(*error),
            Err(other) => other,
        };
        match error.downcast::<UpscaleError>() {
            Ok(error) => Self::Upscale(*error),
            Err(other) => Self::Rows(other),
        }
    }
}

impl From<EncodeError> for PipelineError {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::Rows(error) => Self::of_rows(error),
            error => Self::Encode(error),
        }
    }
}
