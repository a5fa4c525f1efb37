//! Errors of the pipeline.

use std::error::Error;
use std::path::PathBuf;

use crate::codec::{DecodeError, EncodeError, FileError, is_limit};
use crate::degrade::DegradeError;
use crate::rows::RowsError;
use crate::upscale::UpscaleError;

/// A picture cannot be processed.
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
    #[error(transparent)]
    Restorer(Box<dyn Error + Send + Sync>),
    /// [`Progress::cancelled`](crate::progress::Progress::cancelled) was true.
    #[error("interrupted")]
    Cancelled,
    /// Rows of the input cannot be read, for another reason.
    #[error(transparent)]
    Rows(RowsError),
    /// The output cannot be encoded or written.
    #[error(transparent)]
    Encode(EncodeError),
    /// The result, or the frames of an animation, would exceed the limits.
    #[error(transparent)]
    Output(Box<PipelineError>),
    /// A file cannot be opened or written, or its name has no extension of a known format.
    #[error(transparent)]
    File(FileError),
    /// Another error, with the file that it is about.
    #[error("{}: {source}", path.display())]
    Named {
        /// The file.
        path: PathBuf,
        /// The error.
        source: Box<PipelineError>,
    },
}

/// The file that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The input, or its processing.
    Input,
    /// The output.
    Output,
}

/// A limit that the user may raise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKind {
    /// [`Limits::memory`](crate::Limits::memory).
    Memory,
    /// [`Limits::pixels`](crate::Limits::pixels).
    Pixels,
    /// [`Limits::work`](crate::Limits::work).
    Work,
}

impl PipelineError {
    /// The file that the error is about.
    pub fn side(&self) -> Side {
        match self {
            Self::Encode(_) | Self::Output(_) => Side::Output,
            Self::Decode(_)
            | Self::Upscale(_)
            | Self::Degrade(_)
            | Self::Restorer(_)
            | Self::Cancelled
            | Self::Rows(_)
            | Self::File(_) => Side::Input,
            Self::Named { source, .. } => source.side(),
        }
    }

    /// The limit that was exceeded, if the error is about one.
    pub fn limit(&self) -> Option<LimitKind> {
        match self {
            Self::Decode(DecodeError::TooManyPixels { .. } | DecodeError::TooManyFrames { .. }) => {
                Some(LimitKind::Pixels)
            }
            Self::Decode(DecodeError::TooMuchWork { .. }) => Some(LimitKind::Work),
            Self::Decode(error) => is_limit(error).then_some(LimitKind::Memory),
            Self::Upscale(UpscaleError::TooLarge { .. }) => Some(LimitKind::Pixels),
            Self::Upscale(UpscaleError::Memory { .. }) => Some(LimitKind::Memory),
            Self::Output(error) => error.limit(),
            Self::Named { source, .. } => source.limit(),
            Self::Upscale(_)
            | Self::Degrade(_)
            | Self::Restorer(_)
            | Self::Cancelled
            | Self::Rows(_)
            | Self::Encode(_)
            | Self::File(_) => None,
        }
    }

    /// Converts the error of rows to the error of the pipeline, decoder or upscaler that it wraps.
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
            // Transparency is found among the rows by what adapts them to the format.
            Err(other) => match EncodeError::from(other) {
                EncodeError::Rows(other) => Self::Rows(other),
                error => Self::Encode(error),
            },
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
