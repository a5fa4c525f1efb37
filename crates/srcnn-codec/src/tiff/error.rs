//! Errors of the crate `tiff`.

use std::io::ErrorKind;

use tiff::TiffError;

use crate::decode_error::DecodeError;

pub(super) const NAME: &str = "TIFF";

pub(super) fn refused(error: TiffError) -> DecodeError {
    match error {
        TiffError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => DecodeError::Truncated,
        TiffError::LimitsExceeded => DecodeError::decoder_limit(NAME, error),
        other => DecodeError::decoder(NAME, other),
    }
}
