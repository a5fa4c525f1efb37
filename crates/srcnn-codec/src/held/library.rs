//! Pictures decoded and encoded by the decoders and encoders of the crate `image`.

use std::error::Error;
use std::fmt;
use std::io::ErrorKind;

use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError};

use srcnn_image::image::{Density, Image, Metadata, Pixels, Samples};
use srcnn_image::{Limits, Size};

use super::decoded::Decoded;
use crate::decode_error::DecodeError;
use crate::encode_error::EncodeError;
use crate::limits::{check_memory, check_pixels};
use crate::metadata::exif::found;
use crate::unsupported::UnsupportedSamples;

/// Decodes a picture whose file states a density of this kind, which the decoders do not read.
pub(crate) fn decode(
    format: &'static str,
    decoder: Result<impl ImageDecoder, ImageError>,
    density: Option<Density>,
    limits: Limits,
) -> Result<Decoded, DecodeError> {
    decode_beside(format, decoder, density, 0, limits)
}

/// [`decode`] for a decoder that takes so many bytes a pixel beside the samples that it gives, or for one whose caller does
/// afterwards.
pub(crate) fn decode_beside(
    format: &'static str,
    decoder: Result<impl ImageDecoder, ImageError>,
    density: Option<Density>,
    beside: u64,
    limits: Limits,
) -> Result<Decoded, DecodeError> {
    let refused = |error| decode_error(format, error);
    let mut decoder = limited(decoder, limits).map_err(refused)?;
    let size = Size::new(decoder.dimensions().0 as usize, decoder.dimensions().1 as usize);
    check_pixels(size, limits)?;
    check_memory(size, size.pixels().saturating_mul(beside).saturating_add(decoder.total_bytes()), limits)?;
    let (metadata, orientation) = metadata(&mut decoder, density);
    let picture = picture(format, decoder, orientation, limits)?;
    Ok(Decoded { picture, metadata, orientation })
}

/// A decoder that takes no more memory than is allowed.
pub(crate) fn limited<D: ImageDecoder>(decoder: Result<D, ImageError>, limits: Limits) -> Result<D, ImageError> {
    let mut decoder = decoder?;
    let mut allowed = image::Limits::no_limits();
    allowed.max_alloc = Some(limits.memory);
    decoder.set_limits(allowed)?;
    Ok(decoder)
}

/// The metadata that a decoder finds, and how the picture is to be turned. What cannot be read is no reason to refuse it.
pub(crate) fn metadata(decoder: &mut impl ImageDecoder, density: Option<Density>) -> (Metadata, Orientation) {
    let (exif, orientation) = found(decoder.exif_metadata().ok().flatten());
    let metadata = Metadata {
        icc: decoder.icc_profile().ok().flatten(),
        exif,
        xmp: decoder.xmp_metadata().ok().flatten(),
        density,
        iptc: None,
        color_chunks: Vec::new(),
        changes: Vec::new(),
    };
    (metadata, orientation)
}

/// The picture of a decoder, which is to be turned.
pub(crate) fn picture(
    format: &'static str,
    decoder: impl ImageDecoder,
    orientation: Orientation,
    limits: Limits,
) -> Result<Image, DecodeError> {
    let (width, height) = decoder.dimensions();
    let size = Size::new(width as usize, height as usize);
    check_pixels(size, limits)?;
    let copies = if orientation == Orientation::NoTransforms { 1 } else { 2 };
    check_memory(size, decoder.total_bytes().saturating_mul(copies), limits)?;
    from_dynamic(DynamicImage::from_decoder(decoder).map_err(|error| decode_error(format, error))?)
}

fn from_dynamic(picture: DynamicImage) -> Result<Image, DecodeError> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let channels = usize::from(picture.color().channel_count());
    let samples = match picture {
        DynamicImage::ImageLuma8(p) => Pixels::new(width, height, channels, p.into_raw()).map(Samples::U8),
        DynamicImage::ImageLumaA8(p) => Pixels::new(width, height, channels, p.into_raw()).map(Samples::U8),
        DynamicImage::ImageRgb8(p) => Pixels::new(width, height, channels, p.into_raw()).map(Samples::U8),
        DynamicImage::ImageRgba8(p) => Pixels::new(width, height, channels, p.into_raw()).map(Samples::U8),
        DynamicImage::ImageLuma16(p) => Pixels::new(width, height, channels, p.into_raw()).map(Samples::U16),
        DynamicImage::ImageLumaA16(p) => Pixels::new(width, height, channels, p.into_raw()).map(Samples::U16),
        DynamicImage::ImageRgb16(p) => Pixels::new(width, height, channels, p.into_raw()).map(Samples::U16),
        DynamicImage::ImageRgba16(p) => Pixels::new(width, height, channels, p.into_raw()).map(Samples::U16),
        _ => return Err(DecodeError::Samples(UnsupportedSamples::FloatingPoint(channels as u8))),
    };
    let samples = samples.map_err(|_| DecodeError::Empty)?;
    Ok(Image::new(samples).expect("1 to 4 channels in every arm"))
}

/// Encodes a picture of 8 bits.
pub(crate) fn encode(format: &'static str, encoder: impl ImageEncoder, image: &Image) -> Result<(), EncodeError> {
    let Samples::U8(pixels) = image.samples() else { unreachable!("converted to 8 bits") };
    let color = match pixels.channels() {
        1 => ExtendedColorType::L8,
        2 => ExtendedColorType::La8,
        3 => ExtendedColorType::Rgb8,
        _ => ExtendedColorType::Rgba8,
    };
    let (width, height) = (pixels.width() as u32, pixels.height() as u32);
    let written = encoder.write_image(pixels.as_slice(), width, height, color);
    written.map_err(|error| encode_error(format, error))
}

/// An error of a decoder.
pub(crate) fn decode_error(format: &'static str, error: ImageError) -> DecodeError {
    match error {
        ImageError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => DecodeError::Truncated,
        ImageError::Limits(_) => DecodeError::decoder_limit(format, WholeMessage(error)),
        _ => DecodeError::decoder(format, WholeMessage(error)),
    }
}

/// An error of an encoder.
pub(crate) fn encode_error(format: &'static str, error: ImageError) -> EncodeError {
    match error {
        ImageError::IoError(error) => EncodeError::Io(error),
        other => EncodeError::encoder(format, other),
    }
}

/// An error whose message has those of its causes in it already.
#[derive(Debug)]
struct WholeMessage(ImageError);

impl fmt::Display for WholeMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for WholeMessage {}
