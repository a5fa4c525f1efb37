//! Bytes to pictures.

use std::io::{BufRead, Cursor, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::metadata::Orientation;
use image::{DynamicImage, ImageBuffer, ImageDecoder, ImageFormat, ImageReader};

#[cfg(feature = "avif")]
use super::avif;
use super::jpeg::JpegError;
#[cfg(feature = "jxl")]
use super::jxl;
use super::png_read::{self, PngRows};
use super::tiff_rows::TiffRows;
use super::{cmyk, container, exif, jpeg_read, tiff_read, whole, xmp};
use crate::image::{Change, Image, Metadata, Pixels, Samples};
use crate::limits::Limits;
use crate::rows::{Held, Rows, RowsError, Shape, collect};

/// Bytes that are no picture, or not one that can be used.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// No known signature.
    #[error("not a picture in a known format (PNG, JPEG, TIFF, WebP, BMP, GIF, PNM, PAM, QOI, JPEG XL, AVIF)")]
    UnknownFormat,
    /// The data stops before the picture does.
    #[error("the file ends too early")]
    Truncated,
    /// The decoder refused it.
    #[error("{}", one_line(.0))]
    Decoder(image::ImageError),
    /// The decoder of TIFF refused it.
    #[error(transparent)]
    Tiff(tiff::TiffError),
    /// The decoder of JPEG XL refused it.
    #[cfg(feature = "jxl")]
    #[error(transparent)]
    Jxl(Box<dyn std::error::Error + Send + Sync>),
    /// The decoder of AVIF refused it.
    #[cfg(feature = "avif")]
    #[error(transparent)]
    Avif(Box<dyn std::error::Error + Send + Sync>),
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
    /// The decoder of JPEG refused it.
    #[error(transparent)]
    Jpeg(JpegError),
    /// The decoder of PNG refused it.
    #[error(transparent)]
    Png(png::DecodingError),
    /// The decoder of GIF refused it.
    #[error(transparent)]
    Gif(gif::DecodingError),
    /// The decoder of WebP refused it.
    #[error(transparent)]
    WebP(image_webp::DecodingError),
    /// It cannot be read.
    #[error(transparent)]
    Io(std::io::Error),
    /// More pixels than the limits allow.
    #[error("{width}x{height} pixels are more than the {limit} that are allowed")]
    TooManyPixels {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
        /// Pixels allowed.
        limit: u64,
    },
    /// More pixels in all frames of an animation than the limits allow.
    #[error("{frames} frames of {width}x{height} pixels are more than the {limit} pixels that are allowed in all")]
    TooManyFrames {
        /// Frames, as far as they were looked at.
        frames: u64,
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
        /// Pixels allowed, all frames together.
        limit: u64,
    },
    /// A file that has to be held as a whole, and is larger than the limits allow.
    #[error("the file has {bytes} bytes, more than the limit of {limit}")]
    LargeFile {
        /// Bytes of the file.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// A kind of samples that is not supported.
    #[error("samples of this kind are not supported: {0}")]
    Samples(String),
    /// A picture without pixels.
    #[error("the picture has no pixels")]
    Empty,
    /// It was asked to stop.
    #[error("interrupted")]
    Cancelled,
}

impl From<std::io::Error> for DecodeError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::Truncated,
            _ => Self::Io(error),
        }
    }
}

impl From<png::DecodingError> for DecodeError {
    fn from(error: png::DecodingError) -> Self {
        match error {
            png::DecodingError::IoError(error) => error.into(),
            other => Self::Png(other),
        }
    }
}

impl From<gif::DecodingError> for DecodeError {
    fn from(error: gif::DecodingError) -> Self {
        match error {
            gif::DecodingError::UnexpectedEof => Self::Truncated,
            gif::DecodingError::Io(error) => error.into(),
            other => Self::Gif(other),
        }
    }
}

impl From<image_webp::DecodingError> for DecodeError {
    fn from(error: image_webp::DecodingError) -> Self {
        match error {
            image_webp::DecodingError::IoError(error) => error.into(),
            other => Self::WebP(other),
        }
    }
}

impl From<image::ImageError> for DecodeError {
    fn from(error: image::ImageError) -> Self {
        match error {
            image::ImageError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Self::Truncated,
            other => Self::Decoder(other),
        }
    }
}

impl From<tiff::TiffError> for DecodeError {
    fn from(error: tiff::TiffError) -> Self {
        match error {
            tiff::TiffError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Self::Truncated,
            other => Self::Tiff(other),
        }
    }
}

/// Whether a decoder refused a file for what it would take.
pub fn is_limit(error: &DecodeError) -> bool {
    matches!(
        error,
        DecodeError::TooLarge { .. }
            | DecodeError::LargeFile { .. }
            | DecodeError::TooManyPixels { .. }
            | DecodeError::TooManyFrames { .. }
            | DecodeError::Gif(gif::DecodingError::MemoryLimit)
            | DecodeError::WebP(image_webp::DecodingError::MemoryLimitExceeded)
            | DecodeError::Decoder(image::ImageError::Limits(_))
            | DecodeError::Tiff(tiff::TiffError::LimitsExceeded)
            | DecodeError::Png(png::DecodingError::LimitsExceeded)
            | DecodeError::Jpeg(JpegError::TooLarge { .. })
    )
}

/// Some decoders write their messages over several lines.
fn one_line(error: &image::ImageError) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A picture as it is stored, with what goes along.
pub(super) struct Raw {
    pub(super) picture: DynamicImage,
    pub(super) metadata: Metadata,
    /// How it is to be turned.
    pub(super) orientation: Orientation,
}

/// Decodes a picture, the format told by content.
///
/// Palettes and fewer bits become 8 bits a sample, floating point 16; a bitmap or GIF whose palette is grey becomes grey.
/// Alpha comes out not multiplied into the colours. CMYK becomes RGB by the file's profile. Exif orientation is applied
/// and reset. A profile is kept if it is one for the channels that come out. [`Metadata::changes`] says what is not as in
/// the file.
///
/// # Errors
/// [`DecodeError`].
pub fn decode(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
    let rows = open(Cursor::new(bytes), limits)?;
    let shape = rows.shape();
    if shape.bytes() > limits.memory {
        return Err(too_large(shape.width as u32, shape.height as u32, shape.bytes(), limits));
    }
    collect(rows).map_err(|error| *error.downcast().expect("decoders give their own errors"))
}

/// [`decode`] for a picture whose rows are wanted one after the other. Those of PNG (not interlaced), JPEG (grey or of three
/// components) and TIFF (grey or RGB in whole samples) are read from the file as they are asked for, if they need not be turned;
/// other pictures are held.
///
/// # Errors
/// [`DecodeError`], here or with a row.
pub fn open<'a>(source: impl BufRead + Seek + 'a, limits: Limits) -> Result<Box<dyn Rows + 'a>, DecodeError> {
    let rows = guarded(|| open_unguarded(source, limits))??;
    Ok(Box::new(Guarded(rows)))
}

/// A bug in one of the decoders must not take down a batch of thousands of files.
pub(super) fn guarded<T>(decode: impl FnOnce() -> T) -> Result<T, DecodeError> {
    catch_unwind(AssertUnwindSafe(decode)).map_err(|_| DecodeError::Crash)
}

struct Guarded<'a>(Box<dyn Rows + 'a>);

impl Rows for Guarded<'_> {
    fn shape(&self) -> Shape {
        self.0.shape()
    }

    fn metadata(&self) -> &Metadata {
        self.0.metadata()
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        guarded(|| self.0.read(rows))?
    }

    fn held_bytes(&self) -> u64 {
        self.0.held_bytes()
    }
}

fn open_unguarded<'a>(mut source: impl BufRead + Seek + 'a, limits: Limits) -> Result<Box<dyn Rows + 'a>, DecodeError> {
    /// Signatures are no longer.
    const SIGNATURE: u64 = 64;
    let mut head = Vec::new();
    source.by_ref().take(SIGNATURE).read_to_end(&mut head)?;
    source.seek(SeekFrom::Start(0))?;
    let is_tiff = [&b"II*\0"[..], b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|begin| head.starts_with(begin));
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        let in_rows = PngRows::open(&mut source, limits)?.is_some();
        source.seek(SeekFrom::Start(0))?;
        if in_rows {
            return Ok(Box::new(PngRows::open(source, limits)?.ok_or(DecodeError::Truncated)?));
        }
    } else if head.starts_with(&[0xFF, 0xD8, 0xFF]) {
        let turned = jpeg_read::Stored::open(&mut source, limits)?.map(|stored| stored.is_turned());
        source.seek(SeekFrom::Start(0))?;
        if let Some(turned) = turned {
            let stored = jpeg_read::Stored::open(source, limits)?.ok_or(DecodeError::Truncated)?;
            return Ok(match turned {
                true => Box::new(Held::from(stored.turned(limits)?)),
                false => Box::new(stored.upright()),
            });
        }
    } else if is_tiff {
        let in_rows = TiffRows::open(&mut source, limits)?.is_some();
        source.seek(SeekFrom::Start(0))?;
        if in_rows {
            return Ok(Box::new(TiffRows::open(source, limits)?.ok_or(DecodeError::Truncated)?));
        }
    }
    let length = source.seek(SeekFrom::End(0))?;
    if length > limits.memory {
        return Err(DecodeError::LargeFile { bytes: length, limit: limits.memory });
    }
    source.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::with_capacity(length as usize);
    source.read_to_end(&mut bytes)?;
    // The file is there beside what becomes of it.
    let limits = Limits { memory: limits.memory - length, ..limits };
    Ok(Box::new(Held::from(decode_held(&bytes, limits)?)))
}

fn decode_held(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
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
    let Raw { mut picture, mut metadata, orientation } = raw;
    picture.apply_orientation(orientation);
    if format.is_some_and(|format| container::has_more(bytes, format)) {
        metadata.changes.push(Change::First);
    }
    let mut image = from_dynamic(picture)?;
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
    if matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    ) && let Some(density) = &mut metadata.density
    {
        std::mem::swap(&mut density.x, &mut density.y);
    }
    metadata.icc = metadata.icc.filter(|profile| profile_fits(profile, is_grey));
    if metadata.icc.is_some() {
        metadata.colour_chunks.retain(|(kind, _)| kind == b"cICP");
    }
    metadata
}

/// Refuses more pixels than are allowed.
pub(super) fn check_pixels(width: usize, height: usize, limits: Limits) -> Result<(), DecodeError> {
    if width as u128 * height as u128 <= u128::from(limits.pixels) {
        return Ok(());
    }
    Err(DecodeError::TooManyPixels { width, height, limit: limits.pixels })
}

pub(super) fn too_large(width: u32, height: u32, bytes: u64, limits: Limits) -> DecodeError {
    DecodeError::TooLarge { width, height, bytes, limit: limits.memory }
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
    Ok(Raw { picture, metadata, orientation })
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
        colour_chunks: chunks.colours,
        changes: Vec::new(),
    };
    let orientation = metadata.exif.as_deref().filter(|_| format == ImageFormat::Png);
    if let Some(orientation) = orientation.and_then(Orientation::from_exif_chunk) {
        return (metadata, orientation);
    }
    (metadata, decoder.orientation().unwrap_or(Orientation::NoTransforms))
}

/// Pictures with palettes, which decoders resolve to RGB or RGBA: without alpha if all of it is opaque, and grey again if
/// the colours are.
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

/// Whether an ICC profile is for grey or for RGB; its colour space is at byte 16 (ICC.1, 7.2.6).
pub(super) fn profile_fits(profile: &[u8], grey: bool) -> bool {
    profile.get(16..20) == Some(if grey { b"GRAY" } else { b"RGB " })
}

/// A picture of 8 bits for what turns it.
pub(super) fn to_dynamic(image: Image) -> DynamicImage {
    let (width, height) = (image.width() as u32, image.height() as u32);
    let pixels = image.to_u8();
    let channels = pixels.channels();
    let samples = pixels.into_vec();
    let picture = match channels {
        1 => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageLuma8),
        2 => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageLumaA8),
        3 => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgb8),
        _ => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgba8),
    };
    picture.expect("as many samples as pixels")
}

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
