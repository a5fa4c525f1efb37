//! Exif blocks, which are TIFF structures: corrected in place, and made of a density.
//!
//! Values that the entries of a block point to stay at their places, so that the offsets that makers keep in their own notes
//! stay right.

use image::metadata::Orientation;

use srcnn_image::image::Density;

use super::byte_order::ByteOrder;
use super::ifd::Block;
use super::ifd_write::{density_fields, empty_block, write_block_directory};
use super::tags::{
    EXIF_DIRECTORY, IMAGE_LENGTH, IMAGE_WIDTH, LONG, PIXEL_X_DIMENSION, PIXEL_Y_DIMENSION, STRIP_BYTE_COUNTS,
    STRIP_OFFSETS, THUMBNAIL_LENGTH, THUMBNAIL_OFFSET,
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

/// A block with a density and nothing else.
pub(crate) fn of_density(density: &Density) -> Vec<u8> {
    let mut out = empty_block(ByteOrder::Little);
    let at = write_block_directory(&mut out, ByteOrder::Little, density_fields(density, ByteOrder::Little).into());
    out[4..8].copy_from_slice(&at.to_le_bytes());
    out
}
