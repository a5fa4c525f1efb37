//! A file in which one number reads as another.

use std::io::{self, Read, Seek, SeekFrom};

/// Two bytes of a file and where they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Patch {
    pub(super) at: u64,
    pub(super) bytes: [u8; 2],
}

/// A file with a patch, which stands at its beginning when it is made.
pub(super) struct Patched<R> {
    source: R,
    /// Where the source stands.
    position: u64,
    patch: Option<Patch>,
}

impl<R> Patched<R> {
    pub(super) fn new(source: R, patch: Option<Patch>) -> Self {
        Self { source, position: 0, patch }
    }
}

impl<R: Read> Read for Patched<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(out)?;
        if let Some(patch) = self.patch {
            for (place, byte) in (patch.at..).zip(patch.bytes) {
                let index = place.checked_sub(self.position).and_then(|index| usize::try_from(index).ok());
                if let Some(to) = index.and_then(|index| out[..count].get_mut(index)) {
                    *to = byte;
                }
            }
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
            let patch = Some(Patch { at: 3, bytes: [98, 99] });
            let mut file = Patched::new(Cursor::new([0, 1, 2, 3, 4, 5, 6, 7]), patch);
            for begin in 0..8 {
                file.seek(SeekFrom::Start(begin as u64)).expect("in memory");
                let (mut all, mut part) = (Vec::<u8>::new(), vec![0; portion]);
                while let Ok(count @ 1..) = file.read(&mut part) {
                    all.extend(&part[..count]);
                }
                assert_eq!(all, [0, 1, 2, 98, 99, 5, 6, 7][begin..], "{portion}");
            }
        }
    }
}
