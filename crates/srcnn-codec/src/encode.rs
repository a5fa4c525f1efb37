//! Pictures to bytes.

use std::io::{Cursor, Seek, Write};

use image::codecs::{bmp::BmpEncoder, qoi::QoiEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::companions::{Companions, Loss};
use super::fitted::Fitted;
use super::gif_write::GifWriter;
use super::{FileFormat, container, jpeg_write, png_write, pnm, tiff_write, webp_write};
use srcnn_image::image::{Image, Samples};
use srcnn_image::rows::{Held, Rows, RowsError, collect};

/// Choices of the formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodeOptions {
    /// The quality of JPEG, and of WebP with loss, 1 to 100.
    pub quality: u8,
    /// Whether WebP is written with loss, which takes the feature `lossy-webp`.
    pub lossy: bool,
}

impl Default for EncodeOptions {
    /// Quality 95, and no loss where there need be none.
    fn default() -> Self {
        Self { quality: 95, lossy: false }
    }
}

/// A picture that a format cannot hold, or that does not get there.
#[derive(Debug, thiserror::Error)]
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
    /// The encoder of WebP with loss refused it, or there is none in this build.
    #[error("WebP with loss: {0}")]
    Lossy(String),
    /// A format without animations, or frames that are not as they were announced.
    #[error("not an animation that this format holds")]
    Animation,
    /// The encoder of GIF refused it.
    #[error(transparent)]
    Gif(gif::EncodingError),
    /// The encoder refused it.
    #[error(transparent)]
    Encoder(#[from] image::ImageError),
    /// The encoder of WebP refused it.
    #[error(transparent)]
    WebP(image_webp::EncodingError),
    /// The encoder of PNG refused it.
    #[error(transparent)]
    Png(png::EncodingError),
    /// It cannot be written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Its rows do not come.
    #[error(transparent)]
    Rows(RowsError),
}

impl From<image_webp::EncodingError> for EncodeError {
    fn from(error: image_webp::EncodingError) -> Self {
        match error {
            image_webp::EncodingError::IoError(error) => Self::Io(error),
            other => Self::WebP(other),
        }
    }
}

impl From<png::EncodingError> for EncodeError {
    fn from(error: png::EncodingError) -> Self {
        match error {
            png::EncodingError::IoError(error) => Self::Io(error),
            other => Self::Png(other),
        }
    }
}

impl From<gif::EncodingError> for EncodeError {
    fn from(error: gif::EncodingError) -> Self {
        match error {
            gif::EncodingError::Io(error) => Self::Io(error),
            other => Self::Gif(other),
        }
    }
}

impl From<RowsError> for EncodeError {
    fn from(error: RowsError) -> Self {
        // Alpha is found among the rows.
        match error.downcast() {
            Ok(own) => *own,
            Err(other) => Self::Rows(other),
        }
    }
}

/// Encodes a picture with its metadata, whose statements of size become true; [`losses`](super::losses) tells what the format
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

/// [`encode`] for a picture that comes in rows: PNG, JPEG, TIFF, PNM and PAM are written as they come, for the other formats
/// the picture is held. Gives what the format did not hold, as far as only the samples tell ([`losses`](super::losses) gives
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
    let with = Companions::of(rows.shape(), rows.metadata(), format);
    let mut rows = Fitted::new(rows, format);
    match format {
        FileFormat::Png => png_write::write(&mut rows, &with, out)?,
        FileFormat::Jpeg => jpeg_write::write(&mut rows, &with, options.quality, out)?,
        FileFormat::Tiff => tiff_write::write(&mut rows, &with, out)?,
        FileFormat::Pnm => pnm::write(&mut rows, false, out)?,
        FileFormat::Pam => pnm::write(&mut rows, true, out)?,
        FileFormat::WebP => webp_write::write(rows, &with, options, out)?,
        FileFormat::Gif => {
            let mut writer = GifWriter::new(out, rows.shape(), None)?;
            writer.write(&collect(rows)?, (0, 0), 0)?;
            return writer.finish();
        }
        FileFormat::Bmp => {
            let mut bytes = Vec::new();
            whole(BmpEncoder::new(&mut bytes), &collect(rows)?)?;
            with.density.iter().for_each(|density| container::finish_bmp(&mut bytes, density));
            out.write_all(&bytes)?;
        }
        FileFormat::Qoi => whole(QoiEncoder::new(out), &collect(rows)?)?,
    }
    Ok(Vec::new())
}

/// Encodes a picture of 8 bits.
fn whole(encoder: impl ImageEncoder, image: &Image) -> Result<(), EncodeError> {
    let Samples::U8(pixels) = image.samples() else { unreachable!("fitted to 8 bits") };
    let color = match pixels.channels() {
        1 => ExtendedColorType::L8,
        2 => ExtendedColorType::La8,
        3 => ExtendedColorType::Rgb8,
        _ => ExtendedColorType::Rgba8,
    };
    let (width, height) = (pixels.width() as u32, pixels.height() as u32);
    encoder.write_image(pixels.as_slice(), width, height, color).map_err(|error| match error {
        image::ImageError::IoError(error) => EncodeError::Io(error),
        other => EncodeError::Encoder(other),
    })
}
