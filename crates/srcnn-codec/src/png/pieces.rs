//! Rows of samples to compressed data, in pieces of some rows that all threads filter and compress.

use srcnn_image::parallel::{for_each, threads};
use srcnn_image::rows::Shape;

use super::deflate::{BEGIN, LAST_BLOCK, piece};
use super::filter::Filters;

/// Bytes of samples of a piece, about.
const PIECE: u64 = 1 << 17;
/// Pieces that are compressed at a time: on several threads some for each, so that they seldom wait for each other, but no more
/// in all than this, unless there are more threads.
const AT_A_TIME: usize = 32;
/// The modulus of Adler-32 (RFC 1950).
const ADLER: u64 = 65521;

/// Samples that are being compressed.
pub(super) struct Pieces {
    /// Bytes of a row, and of a pixel.
    row: usize,
    pixel: usize,
    /// Rows of a piece.
    rows: usize,
    /// The row above the first piece that waits.
    above: Vec<u8>,
    /// Pieces that wait, one after the other, and the rows that they have.
    waiting: Vec<u8>,
    waiting_rows: usize,
    /// One for each piece that is compressed at a time, used again and again.
    slots: Vec<Slot>,
    begun: bool,
    /// Of all that was compressed.
    adler: u32,
}

/// Buffers of a piece.
struct Slot {
    filters: Filters,
    filtered: Vec<u8>,
    compressed: Vec<u8>,
    /// Bytes of them that are the piece.
    count: usize,
    adler: u32,
}

impl Pieces {
    pub(super) fn new(shape: Shape) -> Self {
        let row = shape.row_bytes();
        let slots = match threads() {
            0 | 1 => 1,
            threads => threads.max(AT_A_TIME.min(4 * threads)),
        };
        let slot = || Slot {
            filters: Filters::new(row as usize),
            filtered: Vec::new(),
            compressed: Vec::new(),
            count: 0,
            adler: 1,
        };
        Self {
            row: row as usize,
            pixel: shape.channels * shape.depth.bytes() as usize,
            rows: (PIECE / row.max(1)).clamp(1, shape.height as u64) as usize,
            above: vec![0; row as usize],
            waiting: Vec::new(),
            waiting_rows: 0,
            slots: (0..slots).map(|_| slot()).collect(),
            begun: false,
            adler: 1,
        }
    }

    /// Rows that may be added before pieces are compressed: at least one.
    pub(super) fn room(&self) -> usize {
        self.rows * self.slots.len() - self.waiting_rows
    }

    /// Adds rows, for which there must be room, by bytes in the order of the file. Writes what is compressed by then.
    pub(super) fn add<E>(&mut self, rows: &[u8], write: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        self.waiting.extend_from_slice(rows);
        self.waiting_rows += rows.len() / self.row;
        if self.room() > 0 { Ok(()) } else { self.compress(write) }
    }

    /// Compresses and writes the rest, and the end of the stream.
    pub(super) fn finish<E>(mut self, mut write: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        self.compress(&mut write)?;
        write(&[&LAST_BLOCK[..], &self.adler.to_be_bytes()].concat())
    }

    /// Compresses the pieces that wait, and writes them.
    fn compress<E>(&mut self, mut write: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let piece_bytes = self.rows * self.row;
        let (waiting, above, row, pixel) = (&self.waiting, &self.above, self.row, self.pixel);
        let count = waiting.len().div_ceil(piece_bytes.max(1));
        let compress = |(i, slot): (usize, &mut Slot)| {
            let start = i * piece_bytes;
            let above = if start == 0 { &above[..] } else { &waiting[start - row..start] };
            slot.compress(above, &waiting[start..waiting.len().min(start + piece_bytes)], row, pixel);
        };
        let slots = self.slots[..count].iter_mut().enumerate();
        // One piece needs no other thread.
        if count > 1 {
            for_each(slots, compress)
        } else {
            slots.for_each(compress)
        }
        if !self.begun {
            self.begun = true;
            write(&BEGIN)?;
        }
        for slot in &self.slots[..count] {
            self.adler = joined(self.adler, slot.adler, slot.filtered.len() as u64);
            write(&slot.compressed[..slot.count])?;
        }
        if let Some(last) = self.waiting.rchunks_exact(self.row).next() {
            self.above.copy_from_slice(last);
        }
        self.waiting.clear();
        self.waiting_rows = 0;
        Ok(())
    }
}

impl Slot {
    /// Filters and compresses rows.
    fn compress(&mut self, above: &[u8], rows: &[u8], row: usize, pixel: usize) {
        self.filtered.clear();
        let mut above = above;
        for row in rows.chunks_exact(row) {
            self.filters.filter(above, row, pixel, &mut self.filtered);
            above = row;
        }
        self.count = piece(&self.filtered, &mut self.compressed);
        self.adler = simd_adler32::adler32(&&self.filtered[..]);
    }
}

/// Adler-32 of bytes and `length` more, by the sums of both. The lower half is one more than the sum of bytes, the upper half the
/// sum of the lower halves after each byte.
fn joined(first: u32, second: u32, length: u64) -> u32 {
    let [(a1, b1), (a2, b2)] = [first, second].map(|sum| (u64::from(sum & 0xFFFF), u64::from(sum >> 16)));
    let a = (a1 + a2 + ADLER - 1) % ADLER;
    let b = (b1 + b2 + (a1 + ADLER - 1) % ADLER * (length % ADLER)) % ADLER;
    (b << 16 | a) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_of_parts_give_that_of_the_whole() {
        let data: Vec<u8> = (0..200_000u32).map(|i| (i * i / 7) as u8 | 0x80).collect();
        let sum = |data: &[u8]| simd_adler32::adler32(&data);
        for cut in [0, 1, 2, 5000, 65520, 65521, 65522, 131_042, 200_000] {
            assert_eq!(joined(sum(&data[..cut]), sum(&data[cut..]), (data.len() - cut) as u64), sum(&data), "{cut}");
        }
    }
}
