//! Metadata in the segments of a JPEG file: JFIF (T.871), Exif, XMP (part 3, 1.1.3), IPTC, ICC profiles (ICC.1, annex B.4).

use image::metadata::Orientation;

use srcnn_image::image::{Change, Density, DensityUnit, Metadata};

use super::encoder::Segment;
use super::extended_xmp::{REST, Split, XMP, merged, split, without_name};
use super::markers::{APP0, APP1, APP2, APP13};
use super::photoshop::{PHOTOSHOP, iptc, resources};
use super::segments::{LONGEST_SEGMENT, segments};
use crate::encode_error::EncodeError;
use crate::metadata::exif::found;
use crate::metadata::written::WrittenMetadata;

/// The beginnings of segments of metadata.
const JFIF: &[u8] = b"JFIF\0";
const EXIF: &[u8] = b"Exif\0\0";
const ICC: &[u8] = b"ICC_PROFILE\0";

/// The version of JFIF that is written, 1.02.
const JFIF_VERSION: [u8; 2] = [1, 2];
/// JFIF's units of density.
const ASPECT: u8 = 0;
const INCH: u8 = 1;
const CENTIMETRE: u8 = 2;

/// The longest Exif block that fits into one segment.
pub(super) const LONGEST_EXIF: usize = LONGEST_SEGMENT - EXIF.len();

/// Metadata as they are stored, and how the picture is to be turned, by the segments before the first scan.
pub(super) fn read(head: &[u8]) -> (Metadata, Orientation) {
    let of = |code: u8, prefix: &'static [u8]| {
        let segments = segments(head).filter(move |(c, ..)| *c == code);
        segments.filter_map(move |(_, data, _)| data.strip_prefix(prefix)).map(<[u8]>::to_vec)
    };
    let (exif, orientation) = found(of(APP1, EXIF).next());
    // A profile may be cut into parts, each with its number and how many there are.
    let mut parts: Vec<Vec<u8>> = of(APP2, ICC).filter(|part| part.len() > 2).collect();
    parts.sort_by_key(|part| part[0]);
    let complete = parts.iter().enumerate().all(|(i, part)| usize::from(part[0]) == i + 1)
        && parts.first().is_some_and(|part| usize::from(part[1]) == parts.len());
    let pieces: Vec<Vec<u8>> = of(APP1, REST).collect();
    let xmp = of(APP1, XMP).next().map(|main| merged(&main, &pieces).ok_or(main));
    let changes = if matches!(xmp, Some(Err(_))) { vec![Change::PartOfXmpMissing] } else { Vec::new() };
    let photoshop: Vec<u8> = of(APP13, PHOTOSHOP).flatten().collect();
    let metadata = Metadata {
        icc: complete.then(|| parts.iter().flat_map(|part| &part[2..]).copied().collect()),
        exif,
        xmp: xmp.map(|xmp| xmp.unwrap_or_else(|main| without_name(&main))),
        iptc: iptc(&photoshop),
        density: density(head),
        color_chunks: Vec::new(),
        changes,
    };
    (metadata, orientation)
}

/// The density of JFIF; none for squares of unknown size.
fn density(head: &[u8]) -> Option<Density> {
    let segment = segments(head).find(|(code, data, _)| *code == APP0 && data.starts_with(JFIF))?.1;
    // Behind the name and the version: unit, across, down.
    let [x, y] = [8, 10].map(|at| Some(f64::from(u16::from_be_bytes(*segment.get(at..)?.first_chunk()?))));
    let unit = match *segment.get(7)? {
        INCH => DensityUnit::Inch,
        CENTIMETRE => DensityUnit::Centimetre,
        _ => DensityUnit::Aspect,
    };
    let density = Density { x: x?, y: y?, unit };
    Some(density).filter(|d| d.x > 0.0 && d.y > 0.0 && (d.unit != DensityUnit::Aspect || d.x != d.y))
}

/// The segments of metadata: JFIF, Exif, XMP, IPTC, profile.
///
/// # Errors
/// [`EncodeError::Encoder`] if a profile takes more segments than there are numbers for.
pub(super) fn segments_of(metadata: &WrittenMetadata) -> Result<Vec<Segment>, EncodeError> {
    let mut written = vec![Segment { code: APP0, data: jfif(metadata.density.as_ref()) }];
    let exif = metadata.exif.iter().filter(|block| !block.is_empty());
    written.extend(exif.map(|block| Segment { code: APP1, data: [EXIF, block].concat() }));
    // One that cannot be parted was found too long before.
    if let Some(Split { main, rest }) = metadata.xmp.as_deref().and_then(split) {
        written.push(Segment { code: APP1, data: [XMP, &main].concat() });
        written.extend(rest.iter().map(|piece| Segment { code: APP1, data: [REST, piece].concat() }));
    }
    let photoshop = metadata.iptc.as_deref().map(resources).unwrap_or_default();
    let pieces = photoshop.chunks(LONGEST_SEGMENT - PHOTOSHOP.len());
    written.extend(pieces.map(|piece| Segment { code: APP13, data: [PHOTOSHOP, piece].concat() }));
    let parts = metadata.icc.as_deref().unwrap_or_default().chunks(LONGEST_SEGMENT - ICC.len() - 2);
    let count = u8::try_from(parts.len()).map_err(|_| EncodeError::encoder("JPEG", "the ICC profile is too large"))?;
    written.extend((1..=count).zip(parts).map(|(number, part)| {
        let data = [ICC, &[number, count], part].concat();
        Segment { code: APP2, data }
    }));
    Ok(written)
}

/// The data of JFIF's segment; without a density, pixels are square.
fn jfif(density: Option<&Density>) -> Vec<u8> {
    let (unit, [x, y]) = density.map_or((ASPECT, [1, 1]), in_whole_numbers);
    let [x, y] = [x, y].map(u16::to_be_bytes);
    // The last two bytes are the size of a thumbnail.
    [JFIF, &JFIF_VERSION, &[unit], &x, &y, &[0, 0]].concat()
}

/// A density in whole numbers, as JFIF has them, and the number of its unit.
fn in_whole_numbers(density: &Density) -> (u8, [u16; 2]) {
    let whole = density.x.fract() == 0.0 && density.y.fract() == 0.0;
    let (unit, factor) = match density.unit {
        DensityUnit::Aspect => (ASPECT, 1.0),
        DensityUnit::Inch => (INCH, 1.0),
        DensityUnit::Centimetre if whole => (CENTIMETRE, 1.0),
        DensityUnit::Centimetre => (INCH, 2.54),
    };
    (unit, [density.x, density.y].map(|v| (v * factor).round().clamp(1.0, 65535.0) as u16))
}
