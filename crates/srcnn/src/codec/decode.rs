//! Bytes to pictures.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use super::whole;
use crate::image::{Image, Metadata, Pixels, Samples};

/// How large a picture may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that the decoded samples, and what the decoder needs beside them, may take.
    pub memory: u64,
}

impl Default for Limits {
    /// 2 GiB: 700 megapixels of 8-bit RGB.
    fn default() -> Self {
        Self { memory: 2 << 30 }
    }
}

/// Bytes that are no picture, or not one that can be used.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// No known signature.
    #[error("not a picture in a known format (PNG, JPEG, BMP, TIFF, WebP)")]
    UnknownFormat,
    /// The data stops before the picture does.
    #[error("the file ends too early")]
    Truncated,
    /// The decoder refused it.
    #[error("{}", one_line(.0))]
    Decoder(image::ImageError),
    /// The decoder failed in a way that it does not describe.
    #[error("the decoder failed on this file")]
    Crash,
    /// Larger than the limits allow.
    #[error("{width}x{height} pixels need {bytes} bytes, more than the limit of {limit}")]
    TooLarge {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
        /// Bytes needed.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// A kind of samples that is not supported.
    #[error("samples of type {0} are not supported; 8 and 16 bits are")]
    Samples(String),
    /// A picture without pixels.
    #[error("the picture has no pixels")]
    Empty,
}

impl From<image::ImageError> for DecodeError {
    fn from(error: image::ImageError) -> Self {
        match error {
            image::ImageError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Self::Truncated,
            other => Self::Decoder(other),
        }
    }
}

/// Some decoders write their messages over several lines.
fn one_line(error: &image::ImageError) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Decodes a picture, the format told by content.
///
/// Palettes and fewer bits become 8 bits a sample; a bitmap whose palette is grey becomes grey. Exif orientation is applied and reset. A profile is kept if it is one
/// for the channels that come out (a CMYK file comes out as RGB, without its CMYK profile).
///
/// # Errors
/// [`DecodeError`].
pub fn decode(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
    // A bug in one of the decoders must not take down a batch of thousands of files.
    let result = catch_unwind(AssertUnwindSafe(|| decode_unguarded(bytes, limits)));
    result.unwrap_or(Err(DecodeError::Crash))
}

fn decode_unguarded(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(image::ImageError::from)?;
    let format = reader.format().ok_or(DecodeError::UnknownFormat)?;
    if !whole::is_whole(bytes, format) {
        return Err(DecodeError::Truncated);
    }
    let mut allowed = image::Limits::no_limits();
    allowed.max_alloc = Some(limits.memory);
    reader.limits(allowed);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if decoder.total_bytes() > limits.memory {
        return Err(DecodeError::TooLarge { width, height, bytes: decoder.total_bytes(), limit: limits.memory });
    }
    // Metadata that cannot be read is no reason to refuse the picture.
    let mut exif = decoder.exif_metadata().ok().flatten();
    let icc = match format {
        ImageFormat::Tiff => tiff_profile(bytes),
        _ => decoder.icc_profile().ok().flatten(),
    };
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    if let Some(exif) = &mut exif {
        let _applied_above = Orientation::remove_from_exif_chunk(exif);
    }
    let mut image = from_dynamic(picture)?;
    if format == ImageFormat::Bmp
        && let Some(grey) = grey_bitmap(bytes, &image)
    {
        image = grey;
    }
    let icc = icc.filter(|profile| profile_fits(profile, image.is_grey()));
    image.metadata = Metadata { icc, exif };
    Ok(image)
}

/// A bitmap's only way to be grey is a palette of greys, which the decoder resolves to RGB: here it is grey again.
fn grey_bitmap(bytes: &[u8], image: &Image) -> Option<Image> {
    // The size of the second header is at byte 14; those of 40 bytes and more have bits a pixel at byte 28.
    let header = u32::from_le_bytes(*bytes.get(14..)?.first_chunk()?);
    let bits = u16::from_le_bytes(*bytes.get(28..)?.first_chunk()?);
    if header < 40 || bits > 8 {
        return None;
    }
    let pixels = image.to_u8();
    let grey = pixels.channels() == 3 && pixels.as_slice().chunks_exact(3).all(|p| p == [p[0]; 3]);
    let grey = grey.then(|| Pixels::from_planes(&[pixels.channel(0)]))?;
    Image::from_u8(grey).ok()
}

/// The profile of a TIFF file, of which `image` leaves out those that are large beside the picture.
fn tiff_profile(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = tiff::decoder::Decoder::new(Cursor::new(bytes)).ok()?;
    decoder.get_tag_u8_vec(tiff::tags::Tag::IccProfile).ok()
}

/// Whether an ICC profile is for grey or for RGB; its colour space is at byte 16 (ICC.1, 7.2.6).
pub(super) fn profile_fits(profile: &[u8], grey: bool) -> bool {
    profile.get(16..20) == Some(if grey { b"GRAY" } else { b"RGB " })
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
        other => return Err(DecodeError::Samples(format!("{:?}", other.color()))),
    };
    let samples = samples.map_err(|_| DecodeError::Empty)?;
    Ok(Image::new(samples).expect("1 to 4 channels in every arm"))
}
