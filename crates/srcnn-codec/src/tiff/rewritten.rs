//! The first directory of a file as the decoder is to see it: some entries changed or left out, in its place.

use super::directories::StoredDirectory;
use super::patched::Patch;
use crate::metadata::ifd_write::Offsets;
use crate::metadata::tags::{IFD8, LONG, LONG8, SHORT, size_of_kind};

/// A directory that is being changed. It never grows, so that it fits where it was.
#[derive(Clone, Debug)]
pub(super) struct Rewritten {
    stored: StoredDirectory,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    tag: u16,
    kind: u16,
    count: u64,
    /// The value, or its place, as wide as the file's offsets.
    field: Vec<u8>,
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
        Self { stored: stored.clone(), entries }
    }

    /// Leaves an entry out.
    pub(super) fn remove(&mut self, tag: u16) {
        self.entries.retain(|entry| entry.tag != tag);
    }

    /// Makes an entry a single number. One that is missing takes the place of one that was left out, if there was one.
    pub(super) fn set(&mut self, tag: u16, value: u32) {
        let order = self.stored.order;
        let short = u16::try_from(value).ok();
        let kind = if short.is_some() { SHORT } else { LONG };
        let mut field = short.map_or_else(|| order.u32(value).to_vec(), |value| order.u16(value).to_vec());
        field.resize(wide(self.stored.offsets), 0);
        let new = Entry { tag, kind, count: 1, field };
        let has_room = self.patch_length() < self.stored_length();
        match self.entries.iter_mut().find(|entry| entry.tag == tag) {
            Some(entry) => *entry = new,
            None if has_room => {
                let at = self.entries.partition_point(|entry| entry.tag < tag);
                self.entries.insert(at, new);
            }
            None => {}
        }
    }

    /// How many values an entry has.
    pub(super) fn count(&self, tag: u16) -> Option<u64> {
        self.entries.iter().find(|entry| entry.tag == tag).map(|entry| entry.count)
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
        let size = match entry.kind {
            LONG8 | IFD8 => 8,
            kind => size_of_kind(kind).unwrap_or(0) as u64,
        };
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

    /// What is to be read in place of the directory in the file.
    pub(super) fn patch(&self) -> Patch {
        let order = self.stored.order;
        let number = |value: u64| match self.stored.offsets {
            Offsets::Classic => order.u32(value as u32).to_vec(),
            Offsets::Big => order.u64(value).to_vec(),
        };
        let mut bytes = match self.stored.offsets {
            Offsets::Classic => order.u16(self.entries.len() as u16).to_vec(),
            Offsets::Big => order.u64(self.entries.len() as u64).to_vec(),
        };
        for entry in &self.entries {
            bytes.extend(order.u16(entry.tag));
            bytes.extend(order.u16(entry.kind));
            bytes.extend(number(entry.count));
            bytes.extend(&entry.field);
        }
        bytes.extend(&self.stored.next);
        Patch { at: self.stored.at, bytes }
    }

    fn patch_length(&self) -> usize {
        self.entries.len() * (4 + 2 * wide(self.stored.offsets))
    }

    fn stored_length(&self) -> usize {
        self.stored.entries.len()
    }
}

/// Bytes of an offset.
fn wide(offsets: Offsets) -> usize {
    match offsets {
        Offsets::Classic => 4,
        Offsets::Big => 8,
    }
}
