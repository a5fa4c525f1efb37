//! JPEG files, written as rows come.

use std::io::Write;

use srcnn_image::rows::Rows;

use super::encoder;
use super::metadata::segments_of;
use super::traits::TRAITS;
use crate::encode_error::EncodeError;
use crate::metadata::written::WrittenMetadata;
use crate::options::EncodeOptions;
use crate::samples::convert::Converted;

/// Pixels that a side has at most.
const LONGEST: usize = u16::MAX as usize;

/// Writes a file.
pub(crate) fn write(rows: impl Rows, options: &EncodeOptions, out: &mut impl Write) -> Result<(), EncodeError> {
    let metadata = WrittenMetadata::new(rows.shape(), rows.metadata(), &TRAITS);
    let rows = &mut Converted::new(rows, &TRAITS);
    let shape = rows.shape();
    if shape.width.max(shape.height) > LONGEST {
        return Err(EncodeError::Sides { most: LONGEST });
    }
    encoder::write(rows, &segments_of(&metadata)?, options, out)
}
