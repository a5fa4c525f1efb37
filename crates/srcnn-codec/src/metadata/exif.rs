//! Exif blocks, which are TIFF structures: corrected in place, and made of a density.
//!
//! Values that the entries of a block point to stay at their places, so that the offsets that makers keep in their own notes
//! stay right.

use image::metadata::Orientation;

use srcnn_image::image::Density;

use super::byte_order::ByteOrder;
use super::ifd::Block;
use super::ifd_write::{Field, density_fields, empty_block, write_block_directory};
use super::tags::{
    EXIF_DIRECTORY, IMAGE_LENGTH, IMAGE_WIDTH, IPTC, LONG, PIXEL_X_DIMENSION, PIXEL_Y_DIMENSION, STRIP_BYTE_COUNTS,
    STRIP_OFFSETS, THUMBNAIL_LENGTH, THUMBNAIL_OFFSET, UNDEFINED,
};

/// Entries of a thumbnail's directory, at most.
const MOST_ENTRIES: usize = 100;

/// What begins an Exif block in JPEG, and by mistake in other formats too.
const PREFIX: &[u8] = b"Exif\0\0";

/// An Exif block as a file has it, without what some programs put before it, and how the picture is to be turned.
pub(crate) fn found(block: Option<Vec<u8>>) -> (Option<Vec<u8>>, Orientation) {
    let block = block.filter(|block| !block.is_empty()).map(|mut block| {
        while block.starts_with(PREFIX) {
            block.drain(..PREFIX.len());
        }
        block
    });
    let orientation = block.as_deref().and_then(Orientation::from_exif_chunk);
    (block, orientation.unwrap_or(Orientation::NoTransforms))
}

/// Removes the thumbnail, and resets the orientation to upright.
pub(crate) fn remove_orientation_and_thumbnail(block: &mut Vec<u8>) {
    // The caller has applied it.
    let _orientation = Orientation::remove_from_exif_chunk(block);
    remove_thumbnail(block);
}

/// Cuts the second directory and the picture of the old size that it points to; none if there is nothing to cut.
fn remove_thumbnail(block: &mut Vec<u8>) -> Option<()> {
    let read = Block::new(block)?;
    let next_at = read.next_at()?;
    let (first, second) = (read.u32(4)? as usize, read.u32(next_at)? as usize);
    if second == 0 || second == first {
        return None;
    }
    let mut gone = Vec::new();
    if let Some(entries) = read.directory(second).filter(|entries| entries.len() <= MOST_ENTRIES) {
        gone.push(second..second + 2 + 12 * entries.len() + 4);
        // The thumbnail is a JPEG stream or one strip.
        for (start, length) in [(THUMBNAIL_OFFSET, THUMBNAIL_LENGTH), (STRIP_OFFSETS, STRIP_BYTE_COUNTS)] {
            let find = |tag| entries.iter().find(|e| e.tag == tag).and_then(|e| read.number(e));
            if let (Some(start), Some(length)) = (find(start), find(length)) {
                gone.push(start as usize..(start as usize).saturating_add(length as usize));
            }
        }
        for entry in &entries {
            let value = read.value(entry).filter(|value| value.len() > 4);
            gone.extend(value.map(|v| read.long(entry.field) as usize..read.long(entry.field) as usize + v.len()));
        }
    }
    block[next_at..next_at + 4].fill(0);
    gone.retain(|range| range.start > next_at + 4 && range.end <= block.len());
    gone.sort_by_key(|range| std::cmp::Reverse(range.end));
    for range in gone {
        // An odd length may be followed by a byte of padding.
        if range.end + 1 >= block.len() {
            block.truncate(range.start);
        } else {
            block[range].fill(0);
        }
    }
    Some(())
}

/// Writes a picture's size where the block states one.
pub(crate) fn set_size(block: &mut [u8], width: u32, height: u32) {
    let Some(read) = Block::new(block) else { return };
    let first = read.first().unwrap_or_default();
    let exif = read.subdirectory(&first, EXIF_DIRECTORY).unwrap_or_default();
    let order = read.order;
    for entry in first.iter().chain(&exif) {
        let side = match entry.tag {
            IMAGE_WIDTH | PIXEL_X_DIMENSION => width,
            IMAGE_LENGTH | PIXEL_Y_DIMENSION => height,
            _ => continue,
        };
        // Two bytes of type and four of count stand before the field.
        block[entry.field_at - 6..entry.field_at - 4].copy_from_slice(&order.u16(LONG));
        block[entry.field_at - 4..entry.field_at].copy_from_slice(&order.u32(1));
        block[entry.field_at..entry.field_at + 4].copy_from_slice(&order.u32(side));
    }
}

/// A block with an IPTC record, as TIFF files have it, in a first directory of its own; the one that was there has no meaning then.
pub(crate) fn with_iptc(block: Option<Vec<u8>>, record: &[u8]) -> Vec<u8> {
    let mut out = block.unwrap_or_else(|| empty_block(ByteOrder::Little));
    let Some(read) = Block::new(&out) else { return out };
    let order = read.order;
    let entries = read.first().unwrap_or_default();
    let mut fields: Vec<Field> = entries.iter().filter(|entry| entry.tag != IPTC).map(Field::kept).collect();
    fields.push(Field { tag: IPTC, kind: UNDEFINED, count: record.len() as u32, value: record.to_vec() });
    let at = write_block_directory(&mut out, order, fields);
    out[4..8].copy_from_slice(&order.u32(at));
    out
}

/// Takes an IPTC record out of a block that [`with_iptc`] made. None if there is none, or a program put it elsewhere.
pub(crate) fn take_iptc(block: &mut Vec<u8>) -> Option<Vec<u8>> {
    let read = Block::new(block)?;
    let (order, directory, entries) = (read.order, read.u32(4)? as usize, read.first()?);
    let entry = entries.iter().find(|entry| entry.tag == IPTC)?;
    let record = read.value(entry).filter(|record| record.len() > entry.field.len())?.to_vec();
    let at = read.long(entry.field) as usize;
    // The directory is the last, and the record lies before it.
    let is_last = read.next_at()? + 4 == block.len() && (at + record.len()).next_multiple_of(2) == directory;
    if !is_last {
        return None;
    }
    let fields = entries.iter().filter(|entry| entry.tag != IPTC).map(Field::kept).collect();
    block.truncate(at);
    let at = write_block_directory(block, order, fields);
    block[4..8].copy_from_slice(&order.u32(at));
    Some(record)
}

/// A block with a density and nothing else.
pub(crate) fn of_density(density: &Density) -> Vec<u8> {
    let mut out = empty_block(ByteOrder::Little);
    let at = write_block_directory(&mut out, ByteOrder::Little, density_fields(density, ByteOrder::Little).into());
    out[4..8].copy_from_slice(&at.to_le_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::ifd::Entry;
    use crate::metadata::tags::{ASCII, MAKE};

    fn values(block: &[u8]) -> Vec<(u16, Vec<u8>)> {
        let read = Block::new(block).expect("a block");
        let of = |entry: &Entry| (entry.tag, read.value(entry).expect("a value").to_vec());
        read.first().expect("a directory").iter().map(of).collect()
    }

    #[test]
    fn a_record_comes_out_as_it_was_put_in_and_other_values_stay() {
        for order in [ByteOrder::Little, ByteOrder::Big] {
            let mut block = empty_block(order);
            let make = Field { tag: MAKE, kind: ASCII, count: 9, value: b"a maker\0\0".to_vec() };
            let at = write_block_directory(&mut block, order, vec![make, Field::long(IMAGE_WIDTH, 7, order)]);
            block[4..8].copy_from_slice(&order.u32(at));
            for record in [&b"\x1C\x02\x78\0\x02ab"[..], &[7; 70_000]] {
                let mut with = with_iptc(Some(block.clone()), record);
                assert!(with[8..].starts_with(&block[8..]), "nothing has moved");
                let mut wanted = values(&block);
                wanted.push((IPTC, record.to_vec()));
                assert_eq!(values(&with), wanted);
                assert_eq!(take_iptc(&mut with).as_deref(), Some(record));
                assert_eq!(values(&with), values(&block));
                assert_eq!(take_iptc(&mut with), None);
            }
        }
        let mut alone = with_iptc(None, b"a record");
        assert_eq!(take_iptc(&mut alone).as_deref(), Some(&b"a record"[..]));
        assert_eq!(values(&alone), []);
    }
}
