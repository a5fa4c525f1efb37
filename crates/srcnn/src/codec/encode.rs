//! Pictures to bytes.

use std::borrow::Cow;
use std::io::Cursor;

use image::codecs::jpeg::{JpegEncoder, PixelDensity, PixelDensityUnit};
use image::codecs::{bmp::BmpEncoder, png::PngEncoder, qoi::QoiEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::decode::profile_fits;
use super::{FileFormat, container, directory, exif, pnm, tiff_write, xmp};
use crate::image::{Density, DensityUnit, Depth, Image, Pixels, Samples};

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
    #[error("the picture is transparent in places, which this format cannot hold; write PNG, WebP, TIFF or PAM")]
    Alpha,
    /// Beyond what offsets of 32 bits reach.
    #[error("the picture is too large for this format, whose files end at 4 GiB")]
    TooLarge,
    /// The encoder refused it.
    #[error(transparent)]
    Encoder(#[from] image::ImageError),
    /// The encoder of WebP refused it.
    #[error(transparent)]
    WebP(#[from] image_webp::EncodingError),
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
    /// The XMP packet: there is no place for one, or not for so large a one.
    Xmp,
    /// The density: there is no place for one.
    Density,
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Depth => "samples are rounded from 16 to 8 bits",
            Self::Profile => "the colour profile is left out",
            Self::Exif => "the Exif data is left out",
            Self::Xmp => "the XMP packet is left out",
            Self::Density => "the resolution (pixels an inch) is left out",
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
    let metadata = &image.metadata;
    let profile = metadata.icc.is_some() && profile(image, format, &samples).is_none();
    let exif = metadata.exif.is_some() && exif(image, format).is_none();
    let xmp = metadata.xmp.is_some() && xmp(image, format).is_none();
    let density = metadata.density.is_some_and(|d| d.per_metre().is_some()) && !format.holds_density();
    let found = [
        (depth, Loss::Depth),
        (profile, Loss::Profile),
        (exif, Loss::Exif),
        (xmp, Loss::Xmp),
        (density, Loss::Density),
    ];
    Ok(found.into_iter().filter_map(|(lost, loss)| lost.then_some(loss)).collect())
}

/// Encodes a picture with its metadata, whose statements of size become true; [`losses`] tells what the format has no
/// room for.
///
/// An alpha channel that is opaque everywhere is dropped for formats without.
///
/// # Errors
/// [`EncodeError::Alpha`] for transparent pictures in formats without alpha; others for sizes beyond the format.
pub fn encode(image: &Image, format: FileFormat, options: &EncodeOptions) -> Result<Vec<u8>, EncodeError> {
    let samples = fitted(image, format)?;
    let icc = profile(image, format, &samples);
    let exif = exif(image, format);
    let xmp = xmp(image, format);
    let density = image.metadata.density.as_ref();
    let mut bytes = Cursor::new(Vec::new());
    match format {
        FileFormat::Png => write(PngEncoder::new(&mut bytes), &samples, icc, exif)?,
        FileFormat::Jpeg => {
            let mut encoder = JpegEncoder::new_with_quality(&mut bytes, options.quality);
            encoder.set_pixel_density(density.map_or(PixelDensity::default(), jfif));
            write(encoder, &samples, icc, exif)?;
        }
        FileFormat::Bmp => write(BmpEncoder::new(&mut bytes), &samples, None, None)?,
        FileFormat::Qoi => write(QoiEncoder::new(&mut bytes), &samples, None, None)?,
        FileFormat::WebP => return webp(&samples, icc, exif, xmp, density),
        FileFormat::Tiff => {
            let with = tiff_write::Companions {
                icc: icc.map(Vec::as_slice),
                exif: exif.as_deref(),
                xmp: xmp.as_deref(),
                density,
            };
            return tiff_write::encode(&samples, &with);
        }
        FileFormat::Pnm => return Ok(pnm::encode(&samples, false)),
        FileFormat::Pam => return Ok(pnm::encode(&samples, true)),
    }
    let mut bytes = bytes.into_inner();
    match (format, density, xmp) {
        (FileFormat::Png, density, xmp) => container::finish_png(&mut bytes, density, xmp.as_deref()),
        (FileFormat::Jpeg, _, Some(xmp)) => container::finish_jpeg(&mut bytes, &xmp),
        (FileFormat::Bmp, Some(density), _) => container::finish_bmp(&mut bytes, density),
        _ => {}
    }
    Ok(bytes)
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
    // Bitmaps have no grey with alpha, QOI no grey.
    let grey_held = match format {
        FileFormat::Bmp => !image.has_alpha(),
        FileFormat::Qoi => false,
        FileFormat::Png
        | FileFormat::Jpeg
        | FileFormat::Tiff
        | FileFormat::WebP
        | FileFormat::Pnm
        | FileFormat::Pam => true,
    };
    if image.is_grey() && !grey_held {
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
    pixels.map_pixels(pixels.channels() + 2, |from, to| {
        to.fill(from[0]);
        to[3..].copy_from_slice(&from[1..]);
    })
}

/// The profile, if the format has a place for it and it is for the channels that are written.
fn profile<'a>(image: &'a Image, format: FileFormat, samples: &Samples) -> Option<&'a Vec<u8>> {
    let channels = match samples {
        Samples::U8(p) => p.channels(),
        Samples::U16(p) => p.channels(),
    };
    // WebP knows no grey.
    let grey = channels <= 2 && format != FileFormat::WebP;
    image.metadata.icc.as_ref().filter(|icc| format.holds_metadata() && profile_fits(icc, grey))
}

/// The Exif block, if the format has a place for it, with the picture's size.
fn exif(image: &Image, format: FileFormat) -> Option<Vec<u8>> {
    /// A segment of JPEG has 65,535 bytes, of which two are its length and six say what it is.
    const JPEG_EXIF: usize = 65_527;
    let mut exif = image.metadata.exif.clone().filter(|exif| match format {
        FileFormat::Png | FileFormat::WebP => true,
        FileFormat::Jpeg => exif.len() <= JPEG_EXIF,
        FileFormat::Tiff => tiff_write::holds(exif),
        FileFormat::Bmp | FileFormat::Pnm | FileFormat::Pam | FileFormat::Qoi => false,
    })?;
    exif::set_size(&mut exif, image.width() as u32, image.height() as u32);
    Some(exif)
}

/// The XMP packet, if the format has a place for it, with the picture's size.
fn xmp(image: &Image, format: FileFormat) -> Option<Vec<u8>> {
    let mut packet = image.metadata.xmp.clone().filter(|_| format.holds_metadata())?;
    xmp::set_size(&mut packet, image.width() as u32, image.height() as u32);
    (format != FileFormat::Jpeg || packet.len() <= container::JPEG_XMP).then_some(packet)
}

/// A density in whole numbers, as JFIF has them.
fn jfif(density: &Density) -> PixelDensity {
    let whole = density.x.fract() == 0.0 && density.y.fract() == 0.0;
    let (unit, factor) = match density.unit {
        DensityUnit::Aspect => (PixelDensityUnit::PixelAspectRatio, 1.0),
        DensityUnit::Inch => (PixelDensityUnit::Inches, 1.0),
        DensityUnit::Centimetre if whole => (PixelDensityUnit::Centimeters, 1.0),
        DensityUnit::Centimetre => (PixelDensityUnit::Inches, 2.54),
    };
    let [x, y] = [density.x, density.y].map(|v| (v * factor).round().clamp(1.0, 65535.0) as u16);
    PixelDensity { density: (x, y), unit }
}

/// WebP has no place for a density but Exif.
fn webp(
    samples: &Samples,
    icc: Option<&Vec<u8>>,
    exif: Option<Vec<u8>>,
    xmp: Option<Vec<u8>>,
    density: Option<&Density>,
) -> Result<Vec<u8>, EncodeError> {
    let Samples::U8(pixels) = samples else { unreachable!("fitted to 8 bits") };
    let density = density.filter(|density| density.per_metre().is_some());
    let mut bytes = Vec::new();
    let mut encoder = image_webp::WebPEncoder::new(&mut bytes);
    icc.into_iter().for_each(|icc| encoder.set_icc_profile(icc.clone()));
    exif.or_else(|| density.map(directory::of_density)).into_iter().for_each(|exif| encoder.set_exif_metadata(exif));
    xmp.into_iter().for_each(|xmp| encoder.set_xmp_metadata(xmp));
    let colour = match pixels.channels() {
        1 => image_webp::ColorType::L8,
        2 => image_webp::ColorType::La8,
        3 => image_webp::ColorType::Rgb8,
        _ => image_webp::ColorType::Rgba8,
    };
    encoder.encode(pixels.as_slice(), pixels.width() as u32, pixels.height() as u32, colour)?;
    Ok(bytes)
}

fn write(
    mut encoder: impl ImageEncoder,
    samples: &Samples,
    icc: Option<&Vec<u8>>,
    exif: Option<Vec<u8>>,
) -> Result<(), EncodeError> {
    // Only formats that take them get them.
    if let Some(icc) = icc {
        let _ = encoder.set_icc_profile(icc.clone());
    }
    if let Some(exif) = exif {
        let _ = encoder.set_exif_metadata(exif);
    }
    match samples {
        Samples::U8(p) => {
            let colour = match p.channels() {
                1 => ExtendedColorType::L8,
                2 => ExtendedColorType::La8,
                3 => ExtendedColorType::Rgb8,
                _ => ExtendedColorType::Rgba8,
            };
            encoder.write_image(p.as_slice(), p.width() as u32, p.height() as u32, colour)?;
        }
        Samples::U16(p) => {
            let colour = match p.channels() {
                1 => ExtendedColorType::L16,
                2 => ExtendedColorType::La16,
                3 => ExtendedColorType::Rgb16,
                _ => ExtendedColorType::Rgba16,
            };
            let bytes: Vec<u8> = p.as_slice().iter().flat_map(|v| v.to_ne_bytes()).collect();
            encoder.write_image(&bytes, p.width() as u32, p.height() as u32, colour)?;
        }
    }
    Ok(())
}
