//! The chunks of extended WebP files beside the samples (RFC 9649, 2.7).

use srcnn_image::Size;

use super::riff::{self, ALPHA_FLAG, EXIF, EXIF_FLAG, EXTENDED, ICC, ICC_FLAG, XMP, XMP_FLAG, extended};
use crate::encode_error::EncodeError;
use crate::metadata::exif::of_density;
use crate::metadata::written::WrittenMetadata;

/// The chunks before and after the samples of an extended file.
pub(super) struct Extended<'a> {
    pub(super) flags: u8,
    icc: Option<&'a [u8]>,
    exif: Option<Vec<u8>>,
    xmp: Option<&'a [u8]>,
}

impl<'a> Extended<'a> {
    pub(super) fn new(written: &'a WrittenMetadata, alpha: bool) -> Self {
        // There is no place for a density but in Exif.
        let density = written.density.filter(|density| density.per_metre().is_some());
        let exif = written.exif.clone().or_else(|| density.as_ref().map(of_density));
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        let flags = flag(alpha, ALPHA_FLAG)
            | flag(written.icc.is_some(), ICC_FLAG)
            | flag(exif.is_some(), EXIF_FLAG)
            | flag(written.xmp.is_some(), XMP_FLAG);
        Self { flags, icc: written.icc.as_deref(), exif, xmp: written.xmp.as_deref() }
    }

    pub(super) fn before(&self, size: Size) -> Result<Vec<u8>, EncodeError> {
        let mut chunks = chunk(EXTENDED, &extended(self.flags, size))?;
        if let Some(icc) = self.icc {
            chunks.extend(chunk(ICC, icc)?);
        }
        Ok(chunks)
    }

    pub(super) fn after(&self) -> Result<Vec<u8>, EncodeError> {
        let mut chunks = Vec::new();
        for (kind, data) in [(EXIF, self.exif.as_deref()), (XMP, self.xmp)] {
            if let Some(data) = data {
                chunks.extend(chunk(kind, data)?);
            }
        }
        Ok(chunks)
    }
}

pub(super) fn chunk(kind: &[u8; 4], data: &[u8]) -> Result<Vec<u8>, EncodeError> {
    riff::chunk(kind, &[data]).ok_or(EncodeError::TooLarge)
}
