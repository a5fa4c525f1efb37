//! Pictures that are decoded as a whole, and what goes along with any.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

#[cfg(feature = "avif")]
use super::avif;
use super::decode_error::{DecodeError, check_pixels, too_large};
#[cfg(feature = "jxl")]
use super::jxl;
use super::{cmyk, container, exif, png_read, tiff_read, turn, whole, xmp};
use srcnn_image::Limits;
use srcnn_image::image::{Change, Image, Metadata, Pixels, Samples};

/// A picture as it is stored, with what goes along.
pub(super) struct Raw {
    pub(super) picture: Image,
    pub(super) metadata: Metadata,
    /// How it is to be turned.
    pub(super) orientation: Orientation,
}

/// Decodes a file that is held, whose rows do not come one after the other.
pub(super) fn decode_held(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    #[cfg(feature = "jxl")]
    if jxl::is_jxl(bytes) {
        return settled(jxl::read(bytes, limits)?, bytes, None);
    }
    #[cfg(feature = "avif")]
    if avif::is_avif(bytes) {
        return settled(avif::read(bytes, limits)?, bytes, None);
    }
    let is_big_tiff = bytes.starts_with(b"II+\0") || bytes.starts_with(b"MM\0+");
    let format = if is_big_tiff { Some(ImageFormat::Tiff) } else { reader.format() };
    let format = format.ok_or(DecodeError::UnknownFormat)?;
    if !whole::is_whole(bytes, format) {
        return Err(DecodeError::Truncated);
    }
    let raw = match format {
        ImageFormat::Tiff => tiff_read::read(bytes, limits)?,
        _ => read(reader, format, bytes, limits)?,
    };
    settled(raw, bytes, Some(format))
}

/// The picture upright, and what goes along brought in agreement with that.
fn settled(raw: Raw, bytes: &[u8], format: Option<ImageFormat>) -> Result<Image, DecodeError> {
    let Raw { picture, mut metadata, orientation } = raw;
    if format.is_some_and(|format| container::has_more(bytes, format)) {
        metadata.changes.push(Change::First);
    }
    let mut image = turn::turned(picture, orientation);
    if let Some(format @ (ImageFormat::Bmp | ImageFormat::Gif)) = format {
        image = simplest(bytes, format, image);
    }
    image.metadata = settle(metadata, orientation, image.is_grey());
    Ok(image)
}

/// What goes along with a picture that has been turned upright, for the channels that come out.
pub(super) fn settle(mut metadata: Metadata, orientation: Orientation, is_grey: bool) -> Metadata {
    if let Some(exif) = &mut metadata.exif {
        let _applied_by_the_caller = exif::settle(exif);
        metadata.density = metadata.density.or_else(|| exif::Block::new(exif)?.density());
    }
    if let Some(xmp) = metadata.xmp.as_mut().filter(|_| orientation != Orientation::NoTransforms) {
        xmp::reset_orientation(xmp);
    }
    if turn::swaps_sides(orientation)
        && let Some(density) = &mut metadata.density
    {
        std::mem::swap(&mut density.x, &mut density.y);
    }
    metadata.icc = metadata.icc.filter(|profile| profile_fits(profile, is_grey));
    if metadata.icc.is_some() {
        metadata.color_chunks.retain(|(kind, _)| kind == b"cICP");
    }
    metadata
}

/// What `image` decodes.
fn read(
    mut reader: ImageReader<Cursor<&[u8]>>,
    format: ImageFormat,
    bytes: &[u8],
    limits: Limits,
) -> Result<Raw, DecodeError> {
    let mut allowed = image::Limits::no_limits();
    allowed.max_alloc = Some(limits.memory);
    reader.limits(allowed);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    check_pixels(width as usize, height as usize, limits)?;
    let (mut metadata, orientation) = what_goes_along(&mut decoder, bytes, format);
    let turned = if orientation == Orientation::NoTransforms { 1 } else { 2 };
    if decoder.total_bytes().saturating_mul(turned) > limits.memory {
        return Err(too_large(width, height, decoder.total_bytes().saturating_mul(turned), limits));
    }
    let inks = match format {
        ImageFormat::Jpeg => cmyk::jpeg(bytes, metadata.icc.as_deref())?,
        _ => None,
    };
    let picture = match inks {
        Some((picture, change)) => {
            metadata.changes.push(change);
            picture
        }
        None => DynamicImage::from_decoder(decoder)?,
    };
    Ok(Raw { picture: from_dynamic(picture)?, metadata, orientation })
}

/// What a file has beside its samples, as it is stored, and how the picture is to be turned.
pub(super) fn what_goes_along(
    decoder: &mut impl ImageDecoder,
    bytes: &[u8],
    format: ImageFormat,
) -> (Metadata, Orientation) {
    // Metadata that cannot be read is no reason to refuse the picture.
    let chunks = match format {
        ImageFormat::Png => png_read::walk(&mut Cursor::new(bytes)).ok().flatten().unwrap_or_default(),
        _ => png_read::Chunks::default(),
    };
    let metadata = Metadata {
        icc: decoder.icc_profile().ok().flatten(),
        exif: decoder.exif_metadata().ok().flatten().or(chunks.exif),
        xmp: decoder.xmp_metadata().ok().flatten().or(chunks.xmp),
        density: container::density(bytes, format),
        color_chunks: chunks.colors,
        changes: Vec::new(),
    };
    let orientation = metadata.exif.as_deref().filter(|_| format == ImageFormat::Png);
    if let Some(orientation) = orientation.and_then(Orientation::from_exif_chunk) {
        return (metadata, orientation);
    }
    (metadata, decoder.orientation().unwrap_or(Orientation::NoTransforms))
}

/// Pictures with palettes, which decoders resolve to RGB or RGBA: without alpha if all of it is opaque, and grey again if
/// the colors are.
fn simplest(bytes: &[u8], format: ImageFormat, image: Image) -> Image {
    if format == ImageFormat::Bmp && !is_bitmap_with_palette(bytes) {
        return image;
    }
    let pixels = image.to_u8();
    let channels = pixels.channels();
    let opaque = channels == 4 && pixels.as_slice().iter().skip(3).step_by(4).all(|a| *a == 255);
    let grey = channels >= 3 && pixels.as_slice().chunks_exact(channels).all(|p| p[..3] == [p[0]; 3]);
    let mut kept = if grey { vec![0] } else { (0..channels.min(3)).collect() };
    if channels == 4 && !opaque {
        kept.push(3);
    }
    let pixels = pixels.map_pixels(kept.len(), |from, to| to.iter_mut().zip(&kept).for_each(|(to, c)| *to = from[*c]));
    Image::from_u8(pixels).expect("1 to 4 channels")
}

fn is_bitmap_with_palette(bytes: &[u8]) -> bool {
    // The size of the second header is at byte 14; those of 40 bytes and more have bits a pixel at byte 28.
    let header = bytes.get(14..).and_then(|b| b.first_chunk()).map(|b| u32::from_le_bytes(*b));
    let bits = bytes.get(28..).and_then(|b| b.first_chunk()).map(|b| u16::from_le_bytes(*b));
    header.is_some_and(|h| h >= 40) && bits.is_some_and(|b| b <= 8)
}

/// Whether an ICC profile is for grey or for RGB; its color space is at byte 16 (ICC.1, 7.2.6).
pub(super) fn profile_fits(profile: &[u8], grey: bool) -> bool {
    profile.get(16..20) == Some(if grey { b"GRAY" } else { b"RGB " })
}

/// What `image` has decoded.
pub(super) fn from_dynamic(picture: DynamicImage) -> Result<Image, DecodeError> {
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
