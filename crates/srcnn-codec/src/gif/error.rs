//! Errors of the crate `gif`.

use gif::{DecodingError, EncodingError};

use crate::decode_error::DecodeError;
use crate::encode_error::EncodeError;

pub(super) const NAME: &str = "GIF";

pub(super) fn refused(error: DecodingError) -> DecodeError {
    match error {
        DecodingError::UnexpectedEof => DecodeError::Truncated,
        DecodingError::Io(error) => error.into(),
        DecodingError::MemoryLimit => DecodeError::decoder_limit(NAME, error),
        other => DecodeError::decoder(NAME, other),
    }
}

pub(super) fn not_written(error: EncodingError) -> EncodeError {
    match error {
        EncodingError::Io(error) => EncodeError::Io(error),
        other => EncodeError::encoder(NAME, other),
    }
}
