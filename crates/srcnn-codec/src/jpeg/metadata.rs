//! Metadata in the segments of a JPEG file: JFIF (T.871), Exif, XMP (part 3, 1.1.3), ICC profiles (ICC.1, annex B.4).

use image::metadata::Orientation;

use srcnn_image::image::{Density, DensityUnit, Metadata};

use super::markers::{APP0, APP1, APP2, PREFIX};
use super::segments::segments;

/// The beginnings of segments of metadata.
const JFIF: &[u8] = b"JFIF\0";
const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const ICC: &[u8] = b"ICC_PROFILE\0";

/// The data of a segment, whose length counts its own two bytes.
const LONGEST_SEGMENT: usize = u16::MAX as usize - 2;
/// The longest Exif block that fits into one segment.
pub(super) const LONGEST_EXIF: usize = LONGEST_SEGMENT - EXIF.len();
/// The longest XMP packet that fits into one segment.
pub(super) const LONGEST_XMP: usize = LONGEST_SEGMENT - XMP.len();

/// Metadata as they are stored, and how the picture is to be turned, by the segments before the first scan.
pub(super) fn read(head: &[u8]) -> (Metadata, Orientation) {
    let of = |code: u8, prefix: &'static [u8]| {
        let segments = segments(head).filter(move |(c, ..)| *c == code);
        segments.filter_map(move |(_, data, _)| data.strip_prefix(prefix)).map(<[u8]>::to_vec)
    };
    let exif = of(APP1, EXIF).next();
    let orientation = exif.as_deref().and_then(Orientation::from_exif_chunk);
    // A profile may be cut into parts, each with its number and how many there are.
    let mut parts: Vec<Vec<u8>> = of(APP2, ICC).filter(|part| part.len() > 2).collect();
    parts.sort_by_key(|part| part[0]);
    let complete = parts.iter().enumerate().all(|(i, part)| usize::from(part[0]) == i + 1)
        && parts.first().is_some_and(|part| usize::from(part[1]) == parts.len());
    let metadata = Metadata {
        icc: complete.then(|| parts.iter().flat_map(|part| &part[2..]).copied().collect()),
        exif,
        xmp: of(APP1, XMP).next(),
        density: density(head),
        color_chunks: Vec::new(),
        changes: Vec::new(),
    };
    (metadata, orientation.unwrap_or(Orientation::NoTransforms))
}

/// The density of JFIF; none for squares of unknown size.
fn density(head: &[u8]) -> Option<Density> {
    let segment = segments(head).find(|(code, data, _)| *code == APP0 && data.starts_with(JFIF))?.1;
    // Behind the name and the version: unit, across, down.
    let [x, y] = [8, 10].map(|at| Some(f64::from(u16::from_be_bytes(*segment.get(at..)?.first_chunk()?))));
    let unit = match segment.get(7)? {
        1 => DensityUnit::Inch,
        2 => DensityUnit::Centimetre,
        _ => DensityUnit::Aspect,
    };
    let density = Density { x: x?, y: y?, unit };
    Some(density).filter(|d| d.x > 0.0 && d.y > 0.0 && (d.unit != DensityUnit::Aspect || d.x != d.y))
}

/// Puts an XMP packet of at most [`LONGEST_XMP`] bytes into a header, after JFIF and Exif.
pub(super) fn insert_xmp(header: &mut Vec<u8>, packet: &[u8]) {
    let before = segments(header).take_while(|(code, ..)| matches!(*code, APP0 | APP1));
    let at = before.last().map_or(2, |(.., end)| end);
    let length = (XMP.len() + packet.len() + 2) as u16;
    let segment = [&[PREFIX, APP1][..], &length.to_be_bytes(), XMP, packet].concat();
    header.splice(at..at, segment);
}
