//! The first directory of a file as the decoder is to see it: some entries changed, added or left out. It stands behind the file's
//! end, with the values that were added.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use super::directories::StoredDirectory;
use super::patched::Patch;
use crate::metadata::ifd_write::Offsets;
use crate::metadata::tags::{IFD8, LONG, LONG8, SHORT, size_of_kind};

/// Where files say where their first directory is: TIFF, and BigTIFF.
const FIRST_PLACE: (u64, u64) = (4, 8);

/// A directory that is being changed.
#[derive(Clone, Debug)]
pub(super) struct Rewritten {
    stored: StoredDirectory,
    entries: Vec<Entry>,
    /// Values behind the file's end, and where there is room for more.
    added: Vec<Patch>,
    end: u64,
}

#[derive(Clone, Debug)]
struct Entry {
    tag: u16,
    kind: u16,
    count: u64,
    /// The value, or its place, as wide as the file's offsets.
    field: Vec<u8>,
}

impl Entry {
    /// Bytes of one of its numbers.
    fn size(&self) -> u64 {
        match self.kind {
            LONG8 | IFD8 => 8,
            kind => size_of_kind(kind).unwrap_or(0) as u64,
        }
    }
}

/// A part of a value that stands somewhere in the file.
pub(super) struct Part {
    pub(super) at: u64,
    pub(super) bytes: usize,
}

impl Rewritten {
    pub(super) fn new(stored: &StoredDirectory) -> Self {
        let (wide, order) = (wide(stored.offsets), stored.order);
        let entry = |bytes: &[u8]| Entry {
            tag: order.short([bytes[0], bytes[1]]),
            kind: order.short([bytes[2], bytes[3]]),
            count: order.number(&bytes[4..4 + wide]).unwrap_or(0),
            field: bytes[4 + wide..].to_vec(),
        };
        let entries = stored.entries.chunks_exact(4 + 2 * wide).map(entry).collect();
        Self { entries, added: Vec::new(), end: stored.file_length, stored: stored.clone() }
    }

    /// Leaves an entry out.
    pub(super) fn remove(&mut self, tag: u16) {
        self.entries.retain(|entry| entry.tag != tag);
    }

    /// Makes an entry a single number.
    pub(super) fn set(&mut self, tag: u16, value: u32) {
        let order = self.stored.order;
        let short = u16::try_from(value).ok();
        let kind = if short.is_some() { SHORT } else { LONG };
        let field = short.map_or_else(|| order.u32(value).to_vec(), |value| order.u16(value).to_vec());
        self.put(Entry { tag, kind, count: 1, field });
    }

    /// Makes an entry numbers as wide as the file's offsets.
    pub(super) fn set_places(&mut self, tag: u16, places: &[u64]) {
        let kind = if self.stored.offsets == Offsets::Big { LONG8 } else { LONG };
        let mut field: Vec<u8> = places.iter().flat_map(|place| self.place(*place)).collect();
        if places.len() > 1 {
            let at = self.add(field.into());
            field = self.place(at);
        }
        self.put(Entry { tag, kind, count: places.len() as u64, field });
    }

    /// Puts an entry where it belongs.
    fn put(&mut self, mut new: Entry) {
        new.field.resize(wide(self.stored.offsets), 0);
        match self.entries.iter_mut().find(|entry| entry.tag == new.tag) {
            Some(entry) => *entry = new,
            None => self.entries.insert(self.entries.partition_point(|entry| entry.tag < new.tag), new),
        }
    }

    /// Adds bytes behind the file's end, and gives their place.
    pub(super) fn add(&mut self, bytes: Arc<[u8]>) -> u64 {
        let at = self.end;
        self.end += bytes.len() as u64;
        self.added.push(Patch { at, bytes });
        at
    }

    /// Whether places up to some bytes behind the end fit into the file's offsets.
    pub(super) fn has_room(&self, bytes: u64) -> bool {
        self.stored.offsets == Offsets::Big || self.end.saturating_add(bytes) <= u64::from(u32::MAX)
    }

    /// How many values an entry has.
    pub(super) fn count(&self, tag: u16) -> Option<u64> {
        self.entries.iter().find(|entry| entry.tag == tag).map(|entry| entry.count)
    }

    /// The whole numbers of an entry. None if there is no such entry, or more of them than the file has bytes.
    pub(super) fn numbers(&self, tag: u16, source: &mut (impl Read + Seek)) -> io::Result<Option<Vec<u64>>> {
        let (wide, order) = (wide(self.stored.offsets), self.stored.order);
        let Some(entry) = self.entries.iter().find(|entry| entry.tag == tag) else { return Ok(None) };
        let size @ (2 | 4 | 8) = entry.size() else { return Ok(None) };
        let bytes = size.saturating_mul(entry.count);
        let value = match bytes {
            0 => return Ok(None),
            _ if bytes <= wide as u64 => entry.field[..bytes as usize].to_vec(),
            _ if bytes > self.stored.file_length => return Ok(None),
            _ => {
                let mut value = vec![0; bytes as usize];
                source.seek(SeekFrom::Start(order.number(&entry.field).unwrap_or(0)))?;
                source.read_exact(&mut value)?;
                value
            }
        };
        Ok(Some(value.chunks_exact(size as usize).filter_map(|v| order.number(v)).collect()))
    }

    /// Makes an entry have only some of its values. They are read by `read` if they have to move into the directory itself.
    pub(super) fn take<E>(
        &mut self,
        tag: u16,
        first: u64,
        count: u64,
        read: impl FnOnce(Part) -> Result<Vec<u8>, E>,
    ) -> Result<(), E> {
        let (wide, order) = (wide(self.stored.offsets), self.stored.order);
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.tag == tag) else { return Ok(()) };
        let size = entry.size();
        let whole = size.saturating_mul(entry.count);
        let (begin, bytes) = (size.saturating_mul(first), size.saturating_mul(count));
        if whole <= wide as u64 {
            let part = entry.field.iter().copied().skip(begin as usize).take(bytes as usize);
            entry.field = part.collect();
        } else {
            let at = order.number(&entry.field).unwrap_or(0).saturating_add(begin);
            entry.field = match bytes <= wide as u64 {
                true => read(Part { at, bytes: bytes as usize })?,
                false if wide == 8 => order.u64(at).to_vec(),
                false => order.u32(at as u32).to_vec(),
            };
        }
        entry.field.resize(wide, 0);
        entry.count = count;
        Ok(())
    }

    /// What is to be read in place of parts of the file and behind it, so that this directory is the file's first.
    pub(super) fn patches(&self) -> Vec<Patch> {
        let mut bytes = match self.stored.offsets {
            Offsets::Classic => self.stored.order.u16(self.entries.len() as u16).to_vec(),
            Offsets::Big => self.stored.order.u64(self.entries.len() as u64).to_vec(),
        };
        for entry in &self.entries {
            bytes.extend(self.stored.order.u16(entry.tag));
            bytes.extend(self.stored.order.u16(entry.kind));
            bytes.extend(self.place(entry.count));
            bytes.extend(&entry.field);
        }
        bytes.extend(&self.stored.next);
        // Offsets do not reach the end of a file of more than 4 GiB, nor its last bytes what they point to.
        let highest = if self.stored.offsets == Offsets::Big { u64::MAX } else { u32::MAX.into() };
        let at = self.end.min(highest - bytes.len() as u64);
        let (classic, big) = FIRST_PLACE;
        let first = if self.stored.offsets == Offsets::Big { big } else { classic };
        let mut patches = vec![Patch { at: first, bytes: self.place(at).into() }];
        patches.extend(self.added.iter().cloned());
        patches.push(Patch { at, bytes: bytes.into() });
        patches
    }

    /// A number as wide as the file's offsets.
    fn place(&self, value: u64) -> Vec<u8> {
        match self.stored.offsets {
            Offsets::Classic => self.stored.order.u32(value as u32).to_vec(),
            Offsets::Big => self.stored.order.u64(value).to_vec(),
        }
    }
}

/// Bytes of an offset.
fn wide(offsets: Offsets) -> usize {
    match offsets {
        Offsets::Classic => 4,
        Offsets::Big => 8,
    }
}
