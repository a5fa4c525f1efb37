//! Pictures to bytes.

use std::borrow::Cow;
use std::io::Cursor;

use image::codecs::{bmp::BmpEncoder, jpeg::JpegEncoder, png::PngEncoder, tiff::TiffEncoder, webp::WebPEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::FileFormat;
use super::decode::profile_fits;
use crate::image::{Depth, Image, Pixels, Samples};

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

/// What a format cannot hold of a picture, and leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Samples of 16 bits, rounded to 8.
    Depth,
    /// The ICC profile: there is no place for one, or it is for other channels than are written.
    Profile,
    /// The Exif block: there is no place for one, or not for so large a one.
    Exif,
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Depth => "samples are rounded from 16 to 8 bits",
            Self::Profile => "the colour profile is left out",
            Self::Exif => "the Exif data is left out",
        })
    }
}

/// What [`encode`] will leave out of a picture in this format.
///
/// # Errors
/// [`EncodeError::Alpha`] if it would refuse the picture.
pub fn losses(image: &Image, format: FileFormat) -> Result<Vec<Loss>, EncodeError> {
    let samples = fitted(image, format)?;
    let depth = image.depth() == Depth::Sixteen && !format.holds_sixteen_bits();
    let profile = image.metadata.icc.is_some() && profile(image, format, &samples).is_none();
    let exif = image.metadata.exif.is_some() && exif(image, format).is_none();
    let found = [(depth, Loss::Depth), (profile, Loss::Profile), (exif, Loss::Exif)];
    Ok(found.into_iter().filter_map(|(lost, loss)| lost.then_some(loss)).collect())
}

/// Encodes a picture with its profile and Exif block; [`losses`] tells what the format has no room for.
///
/// An alpha channel that is opaque everywhere is
/// dropped for JPEG.
///
/// # Errors
/// [`EncodeError::Alpha`] for transparent pictures as JPEG; [`EncodeError::Encoder`] for sizes beyond the format.
pub fn encode(image: &Image, format: FileFormat, options: &EncodeOptions) -> Result<Vec<u8>, EncodeError> {
    let samples = fitted(image, format)?;
    let mut bytes = Cursor::new(Vec::new());
    match format {
        FileFormat::Png => write(PngEncoder::new(&mut bytes), format, &samples, image)?,
        FileFormat::Jpeg => {
            write(JpegEncoder::new_with_quality(&mut bytes, options.quality), format, &samples, image)?;
        }
        FileFormat::Bmp => write(BmpEncoder::new(&mut bytes), format, &samples, image)?,
        FileFormat::Tiff => write(TiffEncoder::new(&mut bytes), format, &samples, image)?,
        FileFormat::WebP => write(WebPEncoder::new_lossless(&mut bytes), format, &samples, image)?,
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
fn without_alpha<T: Copy + Default + PartialEq + Send + Sync>(pixels: &Pixels<T>, opaque: T) -> Option<Pixels<T>> {
    let colours = pixels.channels() - 1;
    let all_opaque = pixels.as_slice().iter().skip(colours).step_by(colours + 1).all(|a| *a == opaque);
    all_opaque.then(|| pixels.map_pixels(colours, |from, to| to.copy_from_slice(&from[..colours])))
}

fn grey_to_rgb<T: Copy + Default + Send + Sync>(pixels: &Pixels<T>) -> Pixels<T> {
    pixels.map_pixels(4, |from, to| to.copy_from_slice(&[from[0], from[0], from[0], from[1]]))
}

/// The profile, if the format has a place for it and it is for the channels that are written.
fn profile<'a>(image: &'a Image, format: FileFormat, samples: &Samples) -> Option<&'a Vec<u8>> {
    let channels = match samples {
        Samples::U8(p) => p.channels(),
        Samples::U16(p) => p.channels(),
    };
    // WebP knows no grey.
    let grey = channels <= 2 && format != FileFormat::WebP;
    let held = format != FileFormat::Bmp;
    image.metadata.icc.as_ref().filter(|icc| held && profile_fits(icc, grey))
}

/// The Exif block, if the format has a place for it.
fn exif(image: &Image, format: FileFormat) -> Option<&Vec<u8>> {
    /// A segment of JPEG has 65,535 bytes, of which two are its length and six say what it is.
    const JPEG_EXIF: usize = 65_527;
    image.metadata.exif.as_ref().filter(|exif| match format {
        FileFormat::Png | FileFormat::WebP => true,
        FileFormat::Jpeg => exif.len() <= JPEG_EXIF,
        FileFormat::Bmp | FileFormat::Tiff => false,
    })
}

fn write(
    mut encoder: impl ImageEncoder,
    format: FileFormat,
    samples: &Samples,
    image: &Image,
) -> Result<(), EncodeError> {
    // Only formats that take them get them.
    if let Some(icc) = profile(image, format, samples) {
        let _ = encoder.set_icc_profile(icc.clone());
    }
    if let Some(exif) = exif(image, format) {
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
