//! The chunks and segments that picture files are made of, as far as the decoders and encoders leave them out: density,
//! XMP, and whether there are more pictures than one.

use image::ImageFormat;

use super::{exif, png_read};
use srcnn_image::image::{Density, DensityUnit};

pub(super) const XMP_NAMESPACE: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// A segment of JPEG has 65,535 bytes, of which two are its length.
const SEGMENT: usize = 65_533;
/// The longest XMP packet that fits into one segment.
pub(super) const JPEG_XMP: usize = SEGMENT - XMP_NAMESPACE.len();

/// The density that a file states outside Exif, unless it says nothing.
pub(super) fn density(bytes: &[u8], format: ImageFormat) -> Option<Density> {
    match format {
        ImageFormat::Png => {
            let chunk = png_chunks(bytes).find(|(kind, _)| *kind == b"pHYs")?.1;
            let [x, y] = [0, 4].map(|at| Some(u32::from_be_bytes(*chunk.get(at..)?.first_chunk()?)));
            png_read::density(x?, y?, *chunk.get(8)? == 1)
        }
        ImageFormat::Jpeg => {
            let segment = jpeg_segments(bytes).find(|(code, data, _)| *code == 0xE0 && data.starts_with(b"JFIF\0"))?.1;
            let [x, y] = [8, 10].map(|at| Some(f64::from(u16::from_be_bytes(*segment.get(at..)?.first_chunk()?))));
            let unit = match segment.get(7)? {
                1 => DensityUnit::Inch,
                2 => DensityUnit::Centimetre,
                _ => DensityUnit::Aspect,
            };
            Some(Density { x: x?, y: y?, unit })
        }
        ImageFormat::Bmp => {
            let number = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
            // Headers of 40 bytes and more have it.
            (number(14)? >= 40).then_some(())?;
            Some(Density::from_per_metre(number(38)?, number(42)?))
        }
        _ => None,
    }
    // Square pixels of no size say nothing.
    .filter(|d| d.x > 0.0 && d.y > 0.0 && (d.unit != DensityUnit::Aspect || d.x != d.y))
}

/// Whether a file holds more pictures than the one that is read: an animation, or pages.
pub(super) fn has_more(bytes: &[u8], format: ImageFormat) -> bool {
    match format {
        ImageFormat::Png => png_chunks(bytes).any(|(kind, _)| kind == b"acTL"),
        ImageFormat::Gif => gif_images(bytes).is_some_and(|n| n > 1),
        // The flags of an extended file are at byte 20.
        ImageFormat::WebP => bytes.get(12..16) == Some(b"VP8X") && bytes.get(20).is_some_and(|flags| flags & 2 != 0),
        ImageFormat::Tiff => exif::Block::new(bytes).is_some_and(|block| block.has_second()),
        _ => false,
    }
}

/// Puts an XMP packet of at most [`JPEG_XMP`] bytes into a JPEG file, after JFIF and Exif.
pub(super) fn finish_jpeg(file: &mut Vec<u8>, xmp: &[u8]) {
    let at = jpeg_segments(file).take_while(|(code, ..)| matches!(code, 0xE0 | 0xE1)).last().map_or(2, |(.., end)| end);
    let length = (XMP_NAMESPACE.len() + xmp.len() + 2) as u16;
    let segment = [&[0xFF, 0xE1][..], &length.to_be_bytes(), XMP_NAMESPACE, xmp].concat();
    file.splice(at..at, segment);
}

/// States a density in a bitmap.
pub(super) fn finish_bmp(file: &mut [u8], density: &Density) {
    if let (Some((x, y)), Some(field)) = (density.per_metre(), file.get_mut(38..46)) {
        field[..4].copy_from_slice(&(x.round() as u32).to_le_bytes());
        field[4..].copy_from_slice(&(y.round() as u32).to_le_bytes());
    }
}

/// The chunks of a PNG file: type and data.
fn png_chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let mut rest = bytes.get(8..).unwrap_or_default();
    std::iter::from_fn(move || {
        let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        let kind = rest.get(4..)?.first_chunk()?;
        let data = rest.get(8..length.checked_add(8)?)?;
        rest = rest.get(length.checked_add(12)?..)?;
        Some((kind, data))
    })
}

/// The segments of a JPEG file before its scans: code, data, and where the segment ends.
pub(super) fn jpeg_segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8], usize)> {
    let mut at = 2;
    std::iter::from_fn(move || {
        at += bytes.get(at..)?.iter().position(|b| *b != 0xFF)?;
        let (code, start) = (bytes[at], at + 1);
        let length = usize::from(u16::from_be_bytes(*bytes.get(start..)?.first_chunk()?));
        at = start + length.max(2);
        let data = bytes.get(start + 2..at)?;
        // A start of scan or an end of image.
        (!matches!(code, 0xD9 | 0xDA)).then_some((code, data, at))
    })
}

/// How many pictures a GIF file has, if it goes on to its end.
pub(super) fn gif_images(bytes: &[u8]) -> Option<usize> {
    /// The bytes of the color table that a byte of flags announces.
    fn table(flags: u8) -> usize {
        if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
    }
    let mut at = 13 + table(*bytes.get(10)?);
    let mut images = 0;
    loop {
        match bytes.get(at)? {
            b';' => return Some(images),
            b'!' => at += 2,
            b',' => {
                images += 1;
                at += 11 + table(*bytes.get(at + 9)?);
            }
            // Padding.
            _ => {
                at += 1;
                continue;
            }
        }
        // Blocks: each a length and as many bytes; the last has none.
        loop {
            let length = usize::from(*bytes.get(at)?);
            at += 1 + length;
            if length == 0 {
                break;
            }
        }
    }
}
