//! TIFF files, written: strips as they are, and everything that goes along.
//!
//! The file begins with the Exif block, which is a TIFF structure itself: all offsets in it, those in makers' notes
//! included, stay right. The directory of the file, at its end, has the block's entries and the picture's.

use super::EncodeError;
use super::directory::{Field, density_fields, write_directory};
use super::exif::{Block, Order};
use crate::image::{Density, Samples};

/// What goes along with the samples.
pub(super) struct Companions<'a> {
    pub(super) icc: Option<&'a [u8]>,
    pub(super) exif: Option<&'a [u8]>,
    pub(super) xmp: Option<&'a [u8]>,
    pub(super) density: Option<&'a Density>,
}

/// Whether a block can begin a file.
pub(super) fn holds(exif: &[u8]) -> bool {
    Block::new(exif).is_some_and(|block| block.first().is_some())
}

/// Bytes that a strip has, about.
const STRIP: usize = 1 << 20;
/// Offsets have 32 bits.
const LARGEST: usize = u32::MAX as usize;

pub(super) fn encode(samples: &Samples, with: &Companions<'_>) -> Result<Vec<u8>, EncodeError> {
    let (width, height, channels, bits) = match samples {
        Samples::U8(p) => (p.width(), p.height(), p.channels(), 8u16),
        Samples::U16(p) => (p.width(), p.height(), p.channels(), 16),
    };
    let row = width * channels * usize::from(bits) / 8;
    let others = [with.icc, with.exif, with.xmp].iter().flatten().map(|v| v.len()).sum::<usize>();
    let total = row * height + others + 65_536 + 8 * (height + 1);
    if total > LARGEST {
        return Err(EncodeError::TooLarge);
    }
    let mut out = Vec::with_capacity(total);
    let block = with.exif.and_then(Block::new).and_then(|block| Some((block, block.first()?)));
    let order = block.as_ref().map_or(Order::Little, |(block, _)| block.order);
    match with.exif.filter(|_| block.is_some()) {
        Some(exif) => out.extend(exif),
        None => out.extend(b"II*\0\0\0\0\0"),
    }
    out.resize(out.len().next_multiple_of(4), 0);
    let rows = (STRIP / row.max(1)).clamp(1, height);
    let strips = height.div_ceil(rows);
    let start = out.len();
    match samples {
        Samples::U8(p) => out.extend_from_slice(p.as_slice()),
        Samples::U16(p) => out.extend(p.as_slice().iter().flat_map(|v| order.u16(*v))),
    }
    let longs = |tag, values: &mut dyn Iterator<Item = usize>| Field {
        tag,
        kind: 4,
        count: strips as u32,
        value: values.flat_map(|v| order.u32(v as u32)).collect(),
    };
    let alpha = channels.is_multiple_of(2);
    let mut fields = vec![
        Field::long(0x100, width as u32, order),
        Field::long(0x101, height as u32, order),
        Field::shorts(0x102, &vec![bits; channels], order),
        // No compression.
        Field::shorts(0x103, &[1], order),
        // Black is zero; RGB.
        Field::shorts(0x106, &[if channels <= 2 { 1 } else { 2 }], order),
        longs(0x111, &mut (0..strips).map(|i| start + i * rows * row)),
        Field::shorts(0x115, &[channels as u16], order),
        Field::long(0x116, rows as u32, order),
        longs(0x117, &mut (0..strips).map(|i| rows.min(height - i * rows) * row)),
        // Interleaved.
        Field::shorts(0x11C, &[1], order),
    ];
    if alpha {
        // Not premultiplied.
        fields.push(Field::shorts(0x152, &[2], order));
    }
    fields.extend(with.density.iter().flat_map(|density| density_fields(density, order)));
    let raw = |tag, kind, value: &[u8]| Field { tag, kind, count: value.len() as u32, value: value.to_vec() };
    fields.extend(with.xmp.map(|xmp| raw(0x2BC, 1, xmp)));
    fields.extend(with.icc.map(|icc| raw(0x8773, 7, icc)));
    let written: Vec<u16> = fields.iter().map(|f| f.tag).collect();
    if let Some((block, entries)) = &block {
        // An entry that points out of the block would point into the samples.
        let sound = entries.iter().filter(|e| block.value(e).is_some());
        let kept = sound.filter(|e| !written.contains(&e.tag) && !STRUCTURE.contains(&e.tag));
        fields.extend(kept.map(Field::kept));
    }
    let directory = write_directory(&mut out, order, fields);
    out[4..8].copy_from_slice(&order.u32(directory));
    Ok(out)
}

/// Tags that say how samples are stored: none of an Exif block's may speak of ours.
const STRUCTURE: [u16; 19] = [
    0xFE, 0xFF, 0x102, 0x103, 0x106, 0x111, 0x115, 0x116, 0x117, 0x11C, 0x13D, 0x140, 0x142, 0x143, 0x144, 0x145,
    0x152, 0x153, 0x201,
];
