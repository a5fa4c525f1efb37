//! Pictures to bytes.

use std::borrow::Cow;
use std::io::Cursor;

use image::codecs::{bmp::BmpEncoder, jpeg::JpegEncoder, png::PngEncoder, tiff::TiffEncoder, webp::WebPEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::FileFormat;
use crate::image::{Image, Pixels, Samples};

/// Choices of the formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodeOptions {
    /// JPEG's quality, 1 to 100.
    pub quality: u8,
}

impl Default for EncodeOptions {
    /// Quality 95.
    fn default() -> Self {
        Self { quality: 95 }
    }
}

/// A picture that a format cannot hold.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// Transparency in a format without.
    #[error("the picture is transparent in places, which JPEG cannot hold; write PNG, WebP or TIFF")]
    Alpha,
    /// The encoder refused it.
    #[error(transparent)]
    Encoder(#[from] image::ImageError),
}

/// Encodes a picture with its profile and Exif block, as far as the format holds them ([`FileFormat`] says what does).
///
/// Samples of 16 bits are rounded to 8 where the format has no more. An alpha channel that is opaque everywhere is
/// dropped for JPEG.
///
/// # Errors
/// [`EncodeError::Alpha`] for transparent pictures as JPEG; [`EncodeError::Encoder`] for sizes beyond the format.
pub fn encode(image: &Image, format: FileFormat, options: &EncodeOptions) -> Result<Vec<u8>, EncodeError> {
    let samples = fitted(image, format)?;
    let mut bytes = Cursor::new(Vec::new());
    match format {
        FileFormat::Png => write(PngEncoder::new(&mut bytes), &samples, image)?,
        FileFormat::Jpeg => write(JpegEncoder::new_with_quality(&mut bytes, options.quality), &samples, image)?,
        FileFormat::Bmp => write(BmpEncoder::new(&mut bytes), &samples, image)?,
        FileFormat::Tiff => write(TiffEncoder::new(&mut bytes), &samples, image)?,
        FileFormat::WebP => write(WebPEncoder::new_lossless(&mut bytes), &samples, image)?,
    }
    Ok(bytes.into_inner())
}

/// The samples in a depth and with the channels that the format holds.
fn fitted(image: &Image, format: FileFormat) -> Result<Cow<'_, Samples>, EncodeError> {
    let mut samples = Cow::Borrowed(image.samples());
    if !format.holds_sixteen_bits() && matches!(*samples, Samples::U16(_)) {
        samples = Cow::Owned(Samples::U8(image.to_u8()));
    }
    if image.has_alpha() && !format.holds_alpha() {
        let opaque = match &*samples {
            Samples::U8(p) => without_alpha(p, u8::MAX).map(Samples::U8),
            Samples::U16(p) => without_alpha(p, u16::MAX).map(Samples::U16),
        };
        samples = Cow::Owned(opaque.ok_or(EncodeError::Alpha)?);
    }
    // Their encoders write no grey with alpha.
    if matches!(format, FileFormat::Tiff | FileFormat::Bmp) && image.channels() == 2 {
        samples = Cow::Owned(match &*samples {
            Samples::U8(p) => Samples::U8(grey_to_rgb(p)),
            Samples::U16(p) => Samples::U16(grey_to_rgb(p)),
        });
    }
    Ok(samples)
}

/// The colour channels, if alpha is `opaque` everywhere.
fn without_alpha<T: Copy + Default + PartialEq>(pixels: &Pixels<T>, opaque: T) -> Option<Pixels<T>> {
    let colours = pixels.channels() - 1;
    let all_opaque = pixels.as_slice().iter().skip(colours).step_by(colours + 1).all(|a| *a == opaque);
    all_opaque.then(|| pixels.map_pixels(colours, |from, to| to.copy_from_slice(&from[..colours])))
}

fn grey_to_rgb<T: Copy + Default>(pixels: &Pixels<T>) -> Pixels<T> {
    pixels.map_pixels(4, |from, to| to.copy_from_slice(&[from[0], from[0], from[0], from[1]]))
}

fn write(mut encoder: impl ImageEncoder, samples: &Samples, image: &Image) -> Result<(), EncodeError> {
    // Formats without a place for them say so; the table at `FileFormat` says it to users.
    if let Some(icc) = &image.metadata.icc {
        let _ = encoder.set_icc_profile(icc.clone());
    }
    if let Some(exif) = &image.metadata.exif {
        let _ = encoder.set_exif_metadata(exif.clone());
    }
    let (width, height) = image.size();
    let (width, height) = (width as u32, height as u32);
    match samples {
        Samples::U8(p) => {
            let colour = match p.channels() {
                1 => ExtendedColorType::L8,
                2 => ExtendedColorType::La8,
                3 => ExtendedColorType::Rgb8,
                _ => ExtendedColorType::Rgba8,
            };
            encoder.write_image(p.as_slice(), width, height, colour)?;
        }
        Samples::U16(p) => {
            let colour = match p.channels() {
                1 => ExtendedColorType::L16,
                2 => ExtendedColorType::La16,
                3 => ExtendedColorType::Rgb16,
                _ => ExtendedColorType::Rgba16,
            };
            let bytes: Vec<u8> = p.as_slice().iter().flat_map(|v| v.to_ne_bytes()).collect();
            encoder.write_image(&bytes, width, height, colour)?;
        }
    }
    Ok(())
}
