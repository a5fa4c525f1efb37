//! A file of which some pieces are left out, and that may go on behind its end.

use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::ops::Range;

/// Pieces of a file, one after the other, and some bytes behind them.
pub(super) struct Spliced<R> {
    source: R,
    /// Where in the file the pieces lie.
    pieces: Vec<Range<u64>>,
    tail: Vec<u8>,
    /// The piece that is being read, and where in it; behind the last one, where in the tail.
    piece: usize,
    at: u64,
}

impl<R: BufRead + Seek> Spliced<R> {
    /// Stands at its beginning.
    pub(super) fn new(source: R, pieces: Vec<Range<u64>>, tail: Vec<u8>) -> io::Result<Self> {
        let mut spliced = Self { source, pieces, tail, piece: 0, at: 0 };
        spliced.go(0)?;
        Ok(spliced)
    }

    /// Goes to a place, counted from its beginning.
    fn go(&mut self, place: u64) -> io::Result<()> {
        (self.piece, self.at) = (0, place);
        while let Some(piece) = self.pieces.get(self.piece) {
            let length = piece.end - piece.start;
            if self.at < length {
                self.source.seek(SeekFrom::Start(piece.start + self.at))?;
                break;
            }
            self.at -= length;
            self.piece += 1;
        }
        Ok(())
    }

    fn length_before(&self, piece: usize) -> u64 {
        self.pieces.iter().take(piece).map(|piece| piece.end - piece.start).sum()
    }
}

impl<R: BufRead + Seek> BufRead for Spliced<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while let Some(piece) = self.pieces.get(self.piece) {
            let left = piece.end - piece.start - self.at;
            if left > 0 {
                let there = self.source.fill_buf()?;
                return Ok(&there[..there.len().min(usize::try_from(left).unwrap_or(usize::MAX))]);
            }
            (self.piece, self.at) = (self.piece + 1, 0);
            if let Some(next) = self.pieces.get(self.piece) {
                self.source.seek(SeekFrom::Start(next.start))?;
            }
        }
        Ok(self.tail.get(usize::try_from(self.at).unwrap_or(usize::MAX)..).unwrap_or_default())
    }

    fn consume(&mut self, bytes: usize) {
        if self.piece < self.pieces.len() {
            self.source.consume(bytes);
        }
        self.at += bytes as u64;
    }
}

impl<R: BufRead + Seek> Read for Spliced<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let there = self.fill_buf()?;
        let count = there.len().min(out.len());
        out[..count].copy_from_slice(&there[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead + Seek> Seek for Spliced<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => (self.length_before(self.piece) + self.at).checked_add_signed(by),
            SeekFrom::End(by) => {
                (self.length_before(self.pieces.len()) + self.tail.len() as u64).checked_add_signed(by)
            }
        };
        let place = place.ok_or(io::ErrorKind::InvalidInput)?;
        self.go(place)?;
        Ok(place)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor};

    use super::*;

    #[test]
    fn pieces_and_tail_are_read_from_everywhere_in_portions_of_every_size() {
        let wanted = [0, 1, 2, 5, 6, 9, 100, 101];
        for capacity in 1..12 {
            let source = BufReader::with_capacity(capacity, Cursor::new((0..10).collect::<Vec<u8>>()));
            let mut spliced = Spliced::new(source, vec![0..3, 5..7, 8..8, 9..10], vec![100, 101]).expect("in memory");
            for begin in (0..=wanted.len()).chain([0]) {
                assert_eq!(spliced.seek(SeekFrom::Start(begin as u64)).ok(), Some(begin as u64));
                assert_eq!(spliced.stream_position().ok(), Some(begin as u64));
                let mut all = Vec::new();
                spliced.read_to_end(&mut all).expect("in memory");
                assert_eq!(all, wanted[begin..], "{capacity}");
                assert_eq!(spliced.seek(SeekFrom::End(-1)).ok(), Some(7));
            }
        }
    }
}
