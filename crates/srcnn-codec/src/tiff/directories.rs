//! The directories of a TIFF file that is not held, as far as they speak of its first picture.

use std::io::{self, Read, Seek, SeekFrom};

use crate::metadata::byte_order::ByteOrder;
use crate::metadata::ifd::{Block, Entry};
use crate::metadata::ifd_write::{Field, Offsets, empty_block, write_block_directory};
use crate::metadata::tags::{
    BYTE, DOUBLE, EXIF_DIRECTORY, FLOAT, GPS_DIRECTORY, IFD8, INTEROPERABILITY_DIRECTORY, LONG, LONG8, RATIONAL, SHORT,
    STRIP_BYTE_COUNTS, STRIP_OFFSETS, TILE_BYTE_COUNTS, TILE_OFFSETS, size_of_kind,
};

/// Bytes of all directories and their values, at most.
const LARGEST: usize = 16 << 20;
/// Tags are distinct numbers of 16 bits.
const MOST_ENTRIES: u64 = 1 << 16;

/// How files begin, TIFF and BigTIFF.
const SIGNATURES: [(&[u8], ByteOrder, Offsets); 4] = [
    (b"II*\0", ByteOrder::Little, Offsets::Classic),
    (b"MM\0*", ByteOrder::Big, Offsets::Classic),
    (b"II+\0", ByteOrder::Little, Offsets::Big),
    (b"MM\0+", ByteOrder::Big, Offsets::Big),
];

/// Whether a file begins as this format does.
pub(crate) fn is_signature(head: &[u8]) -> bool {
    SIGNATURES.iter().any(|(signature, ..)| head.starts_with(signature))
}

/// The first directory of a file, and those of Exif and GPS.
pub(super) struct Directories {
    /// A TIFF structure of 32-bit offsets with the directories and their values, but for where strips and tiles lie.
    bytes: Vec<u8>,
    /// The entries of the first directory as they are in the file.
    pub(super) stored: StoredDirectory,
}

/// A directory as it is in a file.
#[derive(Clone, Debug)]
pub(super) struct StoredDirectory {
    /// Bytes of the whole file.
    pub(super) file_length: u64,
    pub(super) order: ByteOrder,
    pub(super) offsets: Offsets,
    /// The entries.
    pub(super) entries: Vec<u8>,
    /// The place of the next directory.
    pub(super) next: Vec<u8>,
}

impl Directories {
    /// The directories as a block in memory.
    pub(super) fn block(&self) -> Option<Block<'_>> {
        Block::new(&self.bytes)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The whole numbers of an entry of the first directory; none where strips and tiles lie.
    pub(super) fn numbers(&self, tag: u16) -> Option<Vec<u32>> {
        let (block, entry, value) = (self.block()?, self.entry(tag)?, self.value(tag)?);
        match entry.kind {
            BYTE => Some(value.iter().map(|v| u32::from(*v)).collect()),
            SHORT => Some(value.as_chunks().0.iter().map(|v| block.order.short(*v).into()).collect()),
            LONG => Some(value.as_chunks().0.iter().map(|v| block.order.long(*v)).collect()),
            _ => None,
        }
    }

    /// The first number of an entry.
    pub(super) fn number(&self, tag: u16) -> Option<u32> {
        self.numbers(tag)?.first().copied()
    }

    /// The numbers of an entry, fractions among them.
    pub(super) fn fractions(&self, tag: u16) -> Option<Vec<f64>> {
        let (block, entry, value) = (self.block()?, self.entry(tag)?, self.value(tag)?);
        let long = |v: &[u8; 4]| block.order.long(*v);
        match entry.kind {
            RATIONAL => {
                let longs: Vec<f64> = value.as_chunks().0.iter().map(|v| long(v).into()).collect();
                Some(longs.as_chunks().0.iter().map(|[above, below]| above / below).collect())
            }
            FLOAT => Some(value.as_chunks().0.iter().map(|v| f32::from_bits(long(v)).into()).collect()),
            DOUBLE => {
                let number = |v: &[u8; 8]| f64::from_bits(block.order.number(v).unwrap_or_default());
                Some(value.as_chunks().0.iter().map(number).collect())
            }
            _ => Some(self.numbers(tag)?.into_iter().map(f64::from).collect()),
        }
    }

    /// Whether the first directory has an entry.
    pub(super) fn has(&self, tag: u16) -> bool {
        self.entry(tag).is_some()
    }

    fn entry(&self, tag: u16) -> Option<Entry> {
        self.block()?.first()?.into_iter().find(|entry| entry.tag == tag)
    }

    /// The value of an entry of the first directory.
    pub(super) fn value(&self, tag: u16) -> Option<Vec<u8>> {
        self.block()?.value(&self.entry(tag)?).map(<[u8]>::to_vec)
    }

    /// Reads the directories of a file that `source` stands at the beginning of. None if it is no TIFF.
    pub(super) fn read(source: &mut (impl Read + Seek)) -> io::Result<Option<Self>> {
        let begin = source.stream_position()?;
        let mut head = [0; 8];
        source.read_exact(&mut head)?;
        let known = SIGNATURES.iter().find(|(signature, ..)| head.starts_with(signature));
        let Some(&(_, order, offsets)) = known else { return Ok(None) };
        let mut out = empty_block(order);
        let length = source.seek(SeekFrom::End(0))? - begin;
        let mut reader = Reader { source, begin, length, order, offsets, room: LARGEST };
        let place = match offsets {
            Offsets::Classic => head[4..].to_vec(),
            Offsets::Big => reader.bytes(8, 8)?.unwrap_or_default(),
        };
        let Some(first) = order.number(&place) else { return Ok(None) };
        let Some(mut directory) = reader.directory(first)? else { return Ok(None) };
        let stored = directory.stored.clone();
        for tag in [EXIF_DIRECTORY, GPS_DIRECTORY] {
            let Some(at) = directory.take_place(tag, order) else { continue };
            let Some(mut inner) = reader.directory(at)? else { continue };
            if let Some(at) = inner.take_place(INTEROPERABILITY_DIRECTORY, order)
                && let Some(deepest) = reader.directory(at)?
            {
                let at = write_block_directory(&mut out, order, deepest.fields);
                inner.fields.push(Field::long(INTEROPERABILITY_DIRECTORY, at, order));
            }
            let at = write_block_directory(&mut out, order, inner.fields);
            directory.fields.push(Field::long(tag, at, order));
        }
        let at = write_block_directory(&mut out, order, directory.fields);
        out[4..8].copy_from_slice(&order.u32(at));
        // The directory ends with the place of the next one: there is one or there is none.
        let end = out.len() - 4;
        out[end..].copy_from_slice(&order.u32(u32::from(directory.has_next)));
        Ok(Some(Self { bytes: out, stored }))
    }
}

/// The entries of a directory with their values, as far as there is room.
struct Directory {
    fields: Vec<Field>,
    stored: StoredDirectory,
    /// Whether there is a directory after it.
    has_next: bool,
}

impl Directory {
    /// Where a field says that a directory is; the field itself makes no sense elsewhere.
    fn take_place(&mut self, tag: u16, order: ByteOrder) -> Option<u64> {
        let index = self.fields.iter().position(|field| field.tag == tag)?;
        order.number(&self.fields.remove(index).value)
    }
}

/// Reads directories of a file that is not held.
struct Reader<'a, R> {
    source: &'a mut R,
    begin: u64,
    /// The file's.
    length: u64,
    order: ByteOrder,
    offsets: Offsets,
    /// Bytes that may still be read.
    room: usize,
}

impl<R: Read + Seek> Reader<'_, R> {
    /// None if the file ends before the directory does.
    fn directory(&mut self, at: u64) -> io::Result<Option<Directory>> {
        // Bytes of the number of entries, and of an offset.
        let (counter, wide) = if self.offsets == Offsets::Big { (8, 8) } else { (2, 4) };
        let Some(count) = self.bytes(at, counter)?.and_then(|bytes| self.order.number(&bytes)) else { return Ok(None) };
        let count = count.min(MOST_ENTRIES) as usize;
        let size = 4 + 2 * wide;
        let begin = at.saturating_add(counter as u64);
        let Some(entries) = self.bytes(begin, size * count + wide)? else {
            return Ok(None);
        };
        let (entries, next) = entries.split_at(size * count);
        let mut fields = Vec::new();
        for entry in entries.chunks_exact(size) {
            let (tag, kind) = (self.order.short([entry[0], entry[1]]), self.order.short([entry[2], entry[3]]));
            let number = |bytes| self.order.number(bytes).unwrap_or(0);
            let (count, field) = (number(&entry[4..4 + wide]), &entry[4 + wide..]);
            let is_place = matches!(tag, EXIF_DIRECTORY | GPS_DIRECTORY | INTEROPERABILITY_DIRECTORY);
            let value_size = size_of_kind(kind).or_else(|| (is_place && matches!(kind, LONG8 | IFD8)).then_some(8));
            let length = value_size.and_then(|size| size.checked_mul(usize::try_from(count).ok()?));
            let value = match length {
                None => None,
                Some(length) if length <= wide => Some(field[..length].to_vec()),
                // Where strips and tiles lie is the decoder's business, and there may be many.
                Some(_) if matches!(tag, STRIP_OFFSETS | STRIP_BYTE_COUNTS | TILE_OFFSETS | TILE_BYTE_COUNTS) => None,
                Some(length) => self.bytes(number(field), length)?,
            };
            if let Some(value) = value {
                fields.push(Field { tag, kind, count: count as u32, value });
            }
        }
        let has_next = self.order.number(next).is_some_and(|next| next != 0);
        let stored = StoredDirectory {
            file_length: self.begin + self.length,
            order: self.order,
            offsets: self.offsets,
            entries: entries.to_vec(),
            next: next.to_vec(),
        };
        Ok(Some(Directory { fields, stored, has_next }))
    }

    /// Some bytes of the file; none if it has fewer, or there is no room.
    fn bytes(&mut self, at: u64, length: usize) -> io::Result<Option<Vec<u8>>> {
        let Some(room) = self.room.checked_sub(length) else { return Ok(None) };
        if at.saturating_add(length as u64) > self.length {
            return Ok(None);
        }
        self.source.seek(SeekFrom::Start(self.begin + at))?;
        let mut bytes = Vec::new();
        self.source.by_ref().take(length as u64).read_to_end(&mut bytes)?;
        if bytes.len() < length {
            return Ok(None);
        }
        self.room = room;
        Ok(Some(bytes))
    }
}
