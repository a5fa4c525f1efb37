//! Pictures to bytes.

use std::io::{BufWriter, Cursor, Seek, Write};

use srcnn_image::image::Image;
use srcnn_image::rows::{Held, Rows};

use crate::encode_error::EncodeError;
use crate::format::FileFormat;
use crate::loss::Loss;
use crate::options::EncodeOptions;
use crate::samples::convert::Converted;
use crate::{bmp, gif, jpeg, png, pnm, qoi, tiff, webp};

/// Bytes that are gathered before they are written.
pub(crate) const BUFFER: usize = 1 << 16;

/// Encodes a picture with its metadata, whose statements of size become true; [`losses`](crate::losses) tells what the format
/// has no room for.
///
/// An alpha channel that is opaque everywhere is dropped for formats without.
///
/// # Errors
/// [`EncodeError::Alpha`] for transparent pictures in formats without alpha; others for sizes beyond the format.
pub fn encode(image: &Image, format: FileFormat, options: &EncodeOptions) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Cursor::new(Vec::new());
    encode_rows(Held::from(image), format, options, &mut bytes)?;
    Ok(bytes.into_inner())
}

/// [`encode`] for a picture that comes in rows: PNG, JPEG, TIFF, BMP, PNM and PAM are written as they come, for the other
/// formats the picture is held. Gives what the format did not hold, as far as only the samples tell ([`losses`](crate::losses) gives
/// the rest).
///
/// # Errors
/// [`EncodeError`]; what was written by then is of no use.
pub fn encode_rows(
    rows: impl Rows,
    format: FileFormat,
    options: &EncodeOptions,
    out: &mut (impl Write + Seek),
) -> Result<Vec<Loss>, EncodeError> {
    let mut out = BufWriter::with_capacity(BUFFER, out);
    let lost = encode_to(rows, format, options, &mut out)?;
    out.flush()?;
    Ok(lost)
}

/// [`encode_rows`] to where many small writes cost little.
fn encode_to(
    rows: impl Rows,
    format: FileFormat,
    options: &EncodeOptions,
    out: &mut (impl Write + Seek),
) -> Result<Vec<Loss>, EncodeError> {
    match format {
        FileFormat::Png => png::write(rows, out)?,
        FileFormat::Jpeg => jpeg::write(rows, options, out)?,
        FileFormat::Tiff => tiff::write(rows, out)?,
        FileFormat::Pnm => pnm::write(rows, out)?,
        FileFormat::Pam => pnm::write_pam(rows, out)?,
        FileFormat::WebP => webp::write(rows, options, out)?,
        FileFormat::Gif => return gif::write(rows, out),
        FileFormat::Bmp => bmp::write(rows, out)?,
        FileFormat::Qoi => qoi::write(rows, out)?,
    }
    Ok(Vec::new())
}

/// Rows without alpha for a format that has none, so that transparency is found before anything is made of them.
///
/// The first row that is not opaque is an [`EncodeError::Alpha`].
pub fn without_alpha<'a>(rows: impl Rows + 'a, format: FileFormat) -> Box<dyn Rows + 'a> {
    if !rows.shape().has_alpha() || format.holds_alpha() {
        return Box::new(rows);
    }
    Box::new(Converted::without_alpha(rows))
}
