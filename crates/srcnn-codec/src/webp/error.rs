//! Errors of the crate `image-webp`.

use image_webp::{DecodingError, EncodingError};

use crate::decode_error::DecodeError;
use crate::encode_error::EncodeError;

pub(super) const NAME: &str = "WebP";

pub(super) fn refused(error: DecodingError) -> DecodeError {
    match error {
        DecodingError::IoError(error) => error.into(),
        DecodingError::MemoryLimitExceeded => DecodeError::decoder_limit(NAME, error),
        other => DecodeError::decoder(NAME, other),
    }
}

pub(super) fn not_written(error: EncodingError) -> EncodeError {
    match error {
        EncodingError::IoError(error) => EncodeError::Io(error),
        other => EncodeError::encoder(NAME, other),
    }
}
