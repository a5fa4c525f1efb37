//! TIFF files, written: strips as they are, and everything that goes along.
//!
//! The file begins with the Exif block, which is a TIFF structure itself: all offsets in it, those in makers' notes
//! included, stay right. The directory of the file, at its end, has the block's entries and the picture's.

use std::io::{Seek, SeekFrom, Write};

use super::EncodeError;
use super::companions::Companions;
use super::directory::{Field, density_fields, write_directory};
use super::exif::{Block, Order};
use crate::image::{Depth, Samples};
use crate::rows::Rows;

/// Whether a block can begin a file.
pub(super) fn holds(exif: &[u8]) -> bool {
    Block::new(exif).is_some_and(|block| block.first().is_some())
}

/// Bytes that a strip has, about.
const STRIP: usize = 1 << 20;
/// Offsets have 32 bits.
const LARGEST: u64 = u32::MAX as u64;

/// Writes from where `out` stands, which becomes the file's beginning.
pub(super) fn write(rows: &mut impl Rows, with: &Companions, out: &mut (impl Write + Seek)) -> Result<(), EncodeError> {
    let shape = rows.shape();
    let (width, height, channels) = (shape.width, shape.height, shape.channels);
    let bits = if shape.depth == Depth::Sixteen { 16u16 } else { 8 };
    let row = usize::try_from(shape.row_bytes()).map_err(|_| EncodeError::TooLarge)?;
    let others = [&with.icc, &with.exif, &with.xmp].into_iter().flatten().map(|v| v.len() as u64).sum::<u64>();
    if shape.bytes().saturating_add(others + 65_536 + 8 * (height as u64 + 1)) > LARGEST {
        return Err(EncodeError::TooLarge);
    }
    let begin = out.stream_position()?;
    let block = with.exif.as_deref().and_then(Block::new).and_then(|block| Some((block, block.first()?)));
    let order = block.as_ref().map_or(Order::Little, |(block, _)| block.order);
    let mut head = match with.exif.as_ref().filter(|_| block.is_some()) {
        Some(exif) => exif.clone(),
        None => b"II*\0\0\0\0\0".to_vec(),
    };
    head.resize(head.len().next_multiple_of(4), 0);
    out.write_all(&head)?;
    let strip_rows = (STRIP / row.max(1)).clamp(1, height);
    let strips = height.div_ceil(strip_rows);
    let start = head.len();
    while let Some(part) = rows.read(strip_rows)? {
        match part.samples() {
            Samples::U8(p) => out.write_all(p.as_slice())?,
            Samples::U16(p) => {
                out.write_all(&p.as_slice().iter().flat_map(|v| order.u16(*v)).collect::<Vec<u8>>())?;
            }
        }
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
        longs(0x111, &mut (0..strips).map(|i| start + i * strip_rows * row)),
        Field::shorts(0x115, &[channels as u16], order),
        Field::long(0x116, strip_rows as u32, order),
        longs(0x117, &mut (0..strips).map(|i| strip_rows.min(height - i * strip_rows) * row)),
        // Interleaved.
        Field::shorts(0x11C, &[1], order),
    ];
    if alpha {
        // Not premultiplied.
        fields.push(Field::shorts(0x152, &[2], order));
    }
    fields.extend(with.density.iter().flat_map(|density| density_fields(density, order)));
    let raw = |tag, kind, value: &[u8]| Field { tag, kind, count: value.len() as u32, value: value.to_vec() };
    fields.extend(with.xmp.as_ref().map(|xmp| raw(0x2BC, 1, xmp)));
    fields.extend(with.icc.as_ref().map(|icc| raw(0x8773, 7, icc)));
    let written: Vec<u16> = fields.iter().map(|f| f.tag).collect();
    if let Some((block, entries)) = &block {
        // An entry that points out of the block would point into the samples.
        let sound = entries.iter().filter(|e| block.value(e).is_some());
        let kept = sound.filter(|e| !written.contains(&e.tag) && !STRUCTURE.contains(&e.tag));
        fields.extend(kept.map(Field::kept));
    }
    let mut tail = Vec::new();
    let directory = write_directory(&mut tail, start + row * height, order, fields);
    out.write_all(&tail)?;
    out.seek(SeekFrom::Start(begin + 4))?;
    out.write_all(&order.u32(directory))?;
    out.seek(SeekFrom::End(0))?;
    Ok(())
}

/// Tags that say how samples are stored: none of an Exif block's may speak of ours.
const STRUCTURE: [u16; 19] = [
    0xFE, 0xFF, 0x102, 0x103, 0x106, 0x111, 0x115, 0x116, 0x117, 0x11C, 0x13D, 0x140, 0x142, 0x143, 0x144, 0x145,
    0x152, 0x153, 0x201,
];
