//! Errors of writing.

use srcnn_image::rows::RowsError;

use crate::library_error::LibraryError;

/// A picture that a format cannot hold, or that cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// Transparency in a format without.
    #[error("the picture is transparent in places, which this format cannot hold; write PNG, WebP, TIFF or PAM")]
    Alpha,
    /// Sides beyond what the format counts.
    #[error("the picture is too large for this format")]
    TooLarge,
    /// Sides beyond what the format has numbers for.
    #[error("sides of pictures in this format have at most {most} pixels")]
    Sides {
        /// Pixels.
        most: usize,
    },
    /// WebP with loss, by a build without the feature `lossy-webp`.
    #[error("WebP with loss: this build has no encoder for it")]
    NoLossyEncoder,
    /// A format without animations, or frames that are not as they were announced.
    #[error("not an animation that this format holds")]
    Animation,
    /// The format's encoder refused it.
    #[error(transparent)]
    Encoder(LibraryError),
    /// It cannot be written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Its rows cannot be read or computed.
    #[error(transparent)]
    Rows(RowsError),
}

impl EncodeError {
    /// An error of the encoder of a format.
    pub(crate) fn encoder(format: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Encoder(LibraryError::new(format, source))
    }
}

impl From<RowsError> for EncodeError {
    fn from(error: RowsError) -> Self {
        // Transparency is found among the rows.
        match error.downcast() {
            Ok(own) => *own,
            Err(other) => Self::Rows(other),
        }
    }
}
