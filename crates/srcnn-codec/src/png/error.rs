//! Errors of the crate `png`.

use png::{DecodingError, EncodingError};

use crate::decode_error::DecodeError;
use crate::encode_error::EncodeError;

const NAME: &str = "PNG";

pub(super) fn refused(error: DecodingError) -> DecodeError {
    match error {
        DecodingError::IoError(error) => error.into(),
        DecodingError::LimitsExceeded => DecodeError::decoder_limit(NAME, error),
        other => DecodeError::decoder(NAME, other),
    }
}

/// The error for a file whose last chunk is missing, or not: what is wrong with the pixels, then, is that they are cut short.
pub(super) fn refused_or_cut(error: DecodingError, end_missing: bool) -> DecodeError {
    match error {
        DecodingError::Format(_) if end_missing => DecodeError::Truncated,
        other => refused(other),
    }
}

pub(super) fn not_written(error: EncodingError) -> EncodeError {
    match error {
        EncodingError::IoError(error) => EncodeError::Io(error),
        other => EncodeError::encoder(NAME, other),
    }
}
