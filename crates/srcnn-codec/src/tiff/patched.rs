//! A file of which some bytes read differently.

use std::io::{self, Read, Seek, SeekFrom};

/// Bytes of a file and where they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Patch {
    pub(super) at: u64,
    pub(super) bytes: Vec<u8>,
}

/// A file with a patch, which stands at its beginning when it is made.
pub(super) struct Patched<R> {
    source: R,
    /// Where the source stands.
    position: u64,
    patch: Option<Patch>,
    /// Whether the bits of each byte are read in reverse order.
    reversed: bool,
}

impl<R> Patched<R> {
    pub(super) fn new(source: R, patch: Option<Patch>) -> Self {
        Self { source, position: 0, patch, reversed: false }
    }

    /// Changes the patch.
    pub(super) fn set_patch(&mut self, patch: Option<Patch>) {
        self.patch = patch;
    }

    /// Sets whether the bits of each byte are read in reverse order (FillOrder 2): of strips and tiles, never of directories.
    pub(super) fn set_reversed(&mut self, reversed: bool) {
        self.reversed = reversed;
    }
}

impl<R: Read> Read for Patched<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(out)?;
        if let Some(patch) = &self.patch {
            // The part of the patch that lies within what was read.
            let end = self.position + count as u64;
            let (from, to) = (patch.at.max(self.position), (patch.at + patch.bytes.len() as u64).min(end));
            if from < to {
                let read = (from - self.position) as usize..(to - self.position) as usize;
                out[read].copy_from_slice(&patch.bytes[(from - patch.at) as usize..(to - patch.at) as usize]);
            }
        }
        if self.reversed {
            out[..count].iter_mut().for_each(|byte| *byte = byte.reverse_bits());
        }
        self.position += count as u64;
        Ok(count)
    }
}

impl<R: Seek> Seek for Patched<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.source.seek(to)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn only_the_patch_reads_differently_in_portions_of_every_size() {
        for portion in 1..9 {
            for reversed in [false, true] {
                let patch = Some(Patch { at: 3, bytes: vec![98, 99] });
                let mut file = Patched::new(Cursor::new([0, 1, 2, 3, 4, 5, 6, 7]), patch);
                file.set_reversed(reversed);
                for begin in 0..8 {
                    file.seek(SeekFrom::Start(begin as u64)).expect("in memory");
                    let (mut all, mut part) = (Vec::<u8>::new(), vec![0; portion]);
                    while let Ok(count @ 1..) = file.read(&mut part) {
                        all.extend(&part[..count]);
                    }
                    let wanted = [0_u8, 1, 2, 98, 99, 5, 6, 7].map(|v| if reversed { v.reverse_bits() } else { v });
                    assert_eq!(all, wanted[begin..], "{portion}");
                }
            }
        }
    }
}
