//! Exif in TIFF files: spread over the first directory, and directories of its own.

use crate::metadata::ifd::{Block, Entry};
use crate::metadata::ifd_write::{Field, Offsets, empty_block, write_block_directory, write_directory};
use crate::metadata::tags::{
    ARTIST, COPYRIGHT, DATE_TIME, DOCUMENT_NAME, EXIF_DIRECTORY, GPS_DIRECTORY, HOST_COMPUTER, IMAGE_DESCRIPTION,
    INTEROPERABILITY_DIRECTORY, LONG8, MAKE, MODEL, ORIENTATION, PAGE_NAME, RATING, RATING_PERCENT, RESOLUTION_UNIT,
    SOFTWARE, WINDOWS_AUTHOR, WINDOWS_COMMENT, WINDOWS_KEYWORDS, WINDOWS_SUBJECT, WINDOWS_TITLE, X_RESOLUTION,
    Y_RESOLUTION,
};

/// Tags of a TIFF file's first directory that speak of the picture, not of how it is stored: those of Exif 2.32 (tables 3
/// and 4) and the usual ones beside them.
const KEPT: [u16; 21] = [
    DOCUMENT_NAME,
    IMAGE_DESCRIPTION,
    MAKE,
    MODEL,
    ORIENTATION,
    X_RESOLUTION,
    Y_RESOLUTION,
    PAGE_NAME,
    RESOLUTION_UNIT,
    SOFTWARE,
    DATE_TIME,
    ARTIST,
    HOST_COMPUTER,
    RATING,
    RATING_PERCENT,
    COPYRIGHT,
    WINDOWS_TITLE,
    WINDOWS_COMMENT,
    WINDOWS_AUTHOR,
    WINDOWS_KEYWORDS,
    WINDOWS_SUBJECT,
];

/// Bytes of a block, at most.
const LARGEST_BLOCK: usize = 16 << 20;

/// Whether an Exif block can begin a file.
pub(super) fn can_begin_a_file(exif: &[u8]) -> bool {
    Block::new(exif).is_some_and(|block| block.first().is_some())
}

/// The Exif block of a TIFF file: the entries of its first directory that speak of the picture, and the directories of Exif
/// and GPS. None if there is nothing in it but density and orientation.
pub(super) fn block(file: &[u8]) -> Option<Vec<u8>> {
    let read = Block::new(file)?;
    let first = read.first()?;
    let mut out = empty_block(read.order);
    let mut room = LARGEST_BLOCK;
    let mut fields = fields_of(&read, first.iter().filter(|e| KEPT.contains(&e.tag)), &mut room);
    for tag in [EXIF_DIRECTORY, GPS_DIRECTORY] {
        let Some(entries) = read.subdirectory(&first, tag) else { continue };
        let plain = entries.iter().filter(|e| e.tag != INTEROPERABILITY_DIRECTORY);
        let mut inner = fields_of(&read, plain, &mut room);
        if let Some(entries) = read.subdirectory(&entries, INTEROPERABILITY_DIRECTORY) {
            let deepest = fields_of(&read, entries.iter(), &mut room);
            let at = write_block_directory(&mut out, read.order, deepest);
            inner.push(Field::long(INTEROPERABILITY_DIRECTORY, at, read.order));
        }
        let at = write_block_directory(&mut out, read.order, inner);
        fields.push(Field::long(tag, at, read.order));
    }
    // A density alone is kept as such.
    if fields.iter().all(|f| [X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT, ORIENTATION].contains(&f.tag)) {
        return None;
    }
    let at = write_block_directory(&mut out, read.order, fields);
    out[4..8].copy_from_slice(&read.order.u32(at));
    Some(out)
}

/// Entries with their values, as long as there is `room` for them.
fn fields_of<'e>(block: &Block<'_>, entries: impl Iterator<Item = &'e Entry>, room: &mut usize) -> Vec<Field> {
    let field = |entry: &Entry| {
        let value = block.value(entry)?;
        *room = room.checked_sub(12 + value.len())?;
        Some(Field { tag: entry.tag, kind: entry.kind, count: entry.count, value: value.to_vec() })
    };
    entries.filter_map(field).collect()
}

/// The entries of a block that are kept in a file of other offsets, with the directories that they point to, which are written
/// before.
pub(super) fn copied(out: &mut Vec<u8>, start: u64, block: &Block<'_>, offsets: Offsets) -> Vec<Field> {
    let (order, mut room) = (block.order, LARGEST_BLOCK);
    let Some(first) = block.first() else { return Vec::new() };
    let mut fields = fields_of(block, first.iter().filter(|e| KEPT.contains(&e.tag)), &mut room);
    for tag in [EXIF_DIRECTORY, GPS_DIRECTORY] {
        let Some(entries) = block.subdirectory(&first, tag) else { continue };
        let inner = fields_of(block, entries.iter().filter(|e| e.tag != INTEROPERABILITY_DIRECTORY), &mut room);
        let at = write_directory(out, start, order, offsets, inner);
        fields.push(Field { tag, kind: LONG8, count: 1, value: order.u64(at).to_vec() });
    }
    fields
}
