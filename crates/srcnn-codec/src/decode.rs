//! Files and bytes to pictures, in rows where the format gives rows.

use std::io::{BufRead, Cursor, Seek};

use srcnn_image::Limits;
use srcnn_image::image::Image;
use srcnn_image::rows::{Rows, collect};

#[cfg(feature = "avif")]
use crate::avif;
use crate::decode_error::DecodeError;
use crate::guard::{Guarded, guarded};
use crate::held::file;
#[cfg(feature = "jxl")]
use crate::jxl;
use crate::limits::check_memory;
use crate::sniff::{SourceFormat, head, sniff};
use crate::{bmp, gif, jpeg, png, pnm, qoi, tiff, webp};

/// Decodes a picture, the format told by content.
///
/// Palettes and fewer bits become 8 bits a sample, more than 16 become 16, floating point 32; a bitmap or GIF whose palette is
/// grey becomes grey. Alpha comes out not multiplied into the colors. CMYK becomes RGB by the file's profile. Exif orientation
/// is applied and reset. A profile is kept if it is one for the channels that come out. [`Metadata::changes`] lists what is
/// not as in the file.
///
/// [`Metadata::changes`]: srcnn_image::image::Metadata::changes
///
/// ```
/// use srcnn_codec::{EncodeOptions, FileFormat, decode, encode};
/// use srcnn_image::image::Pixels;
/// use srcnn_image::{Image, Limits};
///
/// let image = Image::from_u8(Pixels::new(2, 2, 1, vec![0, 90, 180, 255])?)?;
/// let png = encode(&image, FileFormat::Png, &EncodeOptions::default())?;
/// assert_eq!(decode(&png, Limits::default())?, image);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`DecodeError`].
pub fn decode(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
    let rows = open(Cursor::new(bytes), limits)?;
    let shape = rows.shape();
    check_memory(shape.size(), shape.bytes(), limits)?;
    collect(rows).map_err(|error| *error.downcast().expect("decoders give their own errors"))
}

/// [`decode`] for a picture whose rows are wanted one after the other, from a source that stands at its beginning. Those of PNG
/// (not interlaced), JPEG (grey or of three components), TIFF (grey or RGB in whole samples), PNM and PAM (binary) and BMP (whole
/// bytes) are read from the file as they are asked for, if they need not be turned; other pictures are held.
///
/// # Errors
/// [`DecodeError`], here or with a row.
pub fn open<'a>(source: impl BufRead + Seek + Send + 'a, limits: Limits) -> Result<Box<dyn Rows + 'a>, DecodeError> {
    let mut source = source;
    let format = sniff(&head(&mut source)?).ok_or(DecodeError::UnknownFormat)?;
    open_as(format, source, limits)
}

/// [`open`] for a file whose format is known.
pub(crate) fn open_as<'a>(
    format: SourceFormat,
    source: impl BufRead + Seek + Send + 'a,
    limits: Limits,
) -> Result<Box<dyn Rows + 'a>, DecodeError> {
    let rows = guarded(|| match format {
        SourceFormat::Png => png::open(source, limits),
        SourceFormat::Jpeg => jpeg::open(source, limits),
        SourceFormat::Tiff => tiff::open(source, limits),
        SourceFormat::WebP => file::decoded(source, limits, webp::decode),
        SourceFormat::Gif => file::decoded(source, limits, gif::decode),
        SourceFormat::Bmp => bmp::open(source, limits),
        SourceFormat::Pnm => pnm::open(source, limits),
        SourceFormat::Qoi => file::decoded(source, limits, qoi::decode),
        #[cfg(feature = "jxl")]
        SourceFormat::Jxl => file::decoded(source, limits, jxl::decode),
        #[cfg(feature = "avif")]
        SourceFormat::Avif => file::decoded(source, limits, avif::decode),
    })??;
    Ok(Box::new(Guarded(rows)))
}
