//! WebP files of one picture, written.

use std::io::Write;

use srcnn_image::rows::{Rows, collect};

use super::extended::Extended;
use super::riff::{ALPHA, ALPHA_FLAG, header};
use super::stills::{coded, longest};
use super::traits::TRAITS;
use crate::encode_error::EncodeError;
use crate::metadata::written::WrittenMetadata;
use crate::options::EncodeOptions;
use crate::samples::convert::Converted;

/// Writes a file.
pub(crate) fn write(rows: impl Rows, options: &EncodeOptions, out: &mut impl Write) -> Result<(), EncodeError> {
    let metadata = WrittenMetadata::new(rows.shape(), rows.metadata(), &TRAITS);
    let rows = Converted::new(rows, &TRAITS);
    // Before the picture is computed.
    if rows.shape().width.max(rows.shape().height) > longest(options) {
        return Err(EncodeError::Sides { most: longest(options) });
    }
    let image = &collect(rows)?;
    let chunks = coded(image, options)?;
    let extended = Extended::new(&metadata, image.has_alpha());
    let mut file = Vec::new();
    // Alpha beside samples with loss is a chunk of its own, which only extended files have.
    if extended.flags & !ALPHA_FLAG != 0 || chunks.starts_with(ALPHA) {
        file = extended.before(image.size())?;
    }
    file.extend(chunks);
    file.extend(extended.after()?);
    let length = u32::try_from(file.len() + 4).map_err(|_| EncodeError::TooLarge)?;
    out.write_all(&header(length))?;
    Ok(out.write_all(&file)?)
}
