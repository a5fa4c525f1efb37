//! A file of which some bytes read differently, and that may go on behind its end.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

/// Bytes of a file, or behind it, and where they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Patch {
    pub(super) at: u64,
    pub(super) bytes: Arc<[u8]>,
}

impl Patch {
    fn end(&self) -> u64 {
        self.at + self.bytes.len() as u64
    }
}

/// A file with patches, which stands at its beginning when it is made.
pub(super) struct Patched<R> {
    source: R,
    /// Where the source stands. It follows `position` when it is read.
    source_position: u64,
    position: u64,
    /// In the order of their places; none overlaps another.
    patches: Vec<Patch>,
    /// Whether the bits of each byte are read in reverse order.
    reversed: bool,
}

impl<R> Patched<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, source_position: 0, position: 0, patches: Vec::new(), reversed: false }
    }

    /// Changes the patches, which do not overlap.
    pub(super) fn set_patches(&mut self, mut patches: Vec<Patch>) {
        patches.sort_by_key(|patch| patch.at);
        self.patches = patches;
    }

    /// Sets whether the bits of each byte are read in reverse order (FillOrder 2): of strips and tiles, never of directories.
    pub(super) fn set_reversed(&mut self, reversed: bool) {
        self.reversed = reversed;
    }
}

impl<R: Read + Seek> Read for Patched<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let next = self.patches.get(self.patches.partition_point(|patch| patch.end() <= self.position));
        let count = match next {
            Some(patch) if patch.at <= self.position => {
                let there = &patch.bytes[(self.position - patch.at) as usize..];
                let count = there.len().min(out.len());
                out[..count].copy_from_slice(&there[..count]);
                count
            }
            next => {
                let most = next.and_then(|patch| usize::try_from(patch.at - self.position).ok());
                let most = most.unwrap_or(usize::MAX).min(out.len());
                if self.source_position != self.position {
                    self.source.seek(SeekFrom::Start(self.position))?;
                }
                let count = self.source.read(&mut out[..most])?;
                self.source_position = self.position + count as u64;
                count
            }
        };
        if self.reversed {
            out[..count].iter_mut().for_each(|byte| *byte = byte.reverse_bits());
        }
        self.position += count as u64;
        Ok(count)
    }
}

impl<R: Seek> Seek for Patched<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(place) => (place, 0),
            SeekFrom::Current(by) => (self.position, by),
            SeekFrom::End(by) => {
                self.source_position = self.source.seek(SeekFrom::End(0))?;
                let last = self.patches.last().map_or(0, Patch::end);
                (self.source_position.max(last), by)
            }
        };
        self.position = from.checked_add_signed(by).ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn only_patches_read_differently_in_portions_of_every_size() {
        for portion in 1..12 {
            for reversed in [false, true] {
                let mut file = Patched::new(Cursor::new([0, 1, 2, 3, 4, 5, 6, 7]));
                let patch = |at, bytes: &[u8]| Patch { at, bytes: bytes.into() };
                file.set_patches(vec![patch(8, &[100, 101]), patch(3, &[98, 99]), patch(10, &[102])]);
                file.set_reversed(reversed);
                let wanted = [0_u8, 1, 2, 98, 99, 5, 6, 7, 100, 101, 102];
                let wanted = wanted.map(|v| if reversed { v.reverse_bits() } else { v });
                for begin in (0..=11).rev() {
                    let to = match begin % 3 {
                        0 => SeekFrom::Start(begin as u64),
                        1 => SeekFrom::End(begin as i64 - 11),
                        _ => SeekFrom::Current(begin as i64 - file.stream_position().expect("in memory") as i64),
                    };
                    assert_eq!(file.seek(to).ok(), Some(begin as u64));
                    let (mut all, mut part) = (Vec::<u8>::new(), vec![0; portion]);
                    while let Ok(count @ 1..) = file.read(&mut part) {
                        all.extend(&part[..count]);
                    }
                    assert_eq!(all, wanted[begin..], "{portion}");
                }
            }
        }
    }
}
