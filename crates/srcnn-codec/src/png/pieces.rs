//! Rows of samples to compressed data, in pieces of some rows that all threads filter and compress.

use srcnn_image::parallel::{map, threads};
use srcnn_image::rows::Shape;

use super::deflate::{BEGIN, LAST_BLOCK, piece};
use super::filter::Filters;

/// Bytes of samples of a piece, about.
const PIECE: u64 = 1 << 17;
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
    begun: bool,
    /// Of all that was compressed.
    adler: u32,
}

impl Pieces {
    pub(super) fn new(shape: Shape) -> Self {
        let row = shape.row_bytes();
        Self {
            row: row as usize,
            pixel: shape.channels * shape.depth.bytes() as usize,
            rows: (PIECE / row.max(1)).clamp(1, shape.height as u64) as usize,
            above: vec![0; row as usize],
            waiting: Vec::new(),
            waiting_rows: 0,
            begun: false,
            adler: 1,
        }
    }

    /// Rows that may be added before pieces are compressed: at least one.
    pub(super) fn room(&self) -> usize {
        self.rows * threads().max(1) - self.waiting_rows
    }

    /// Adds rows, for which there must be room, by bytes in the order of the file. Gives what is compressed by then.
    pub(super) fn add(&mut self, rows: &[u8]) -> Vec<Vec<u8>> {
        self.waiting.extend_from_slice(rows);
        self.waiting_rows += rows.len() / self.row;
        if self.room() > 0 { Vec::new() } else { self.compressed() }
    }

    /// Compresses the rest, and ends the stream.
    pub(super) fn finish(mut self) -> Vec<Vec<u8>> {
        let mut parts = self.compressed();
        parts.push([&LAST_BLOCK[..], &self.adler.to_be_bytes()].concat());
        parts
    }

    /// Compresses the pieces that wait.
    fn compressed(&mut self) -> Vec<Vec<u8>> {
        let piece_bytes = self.rows * self.row;
        let (waiting, above, row, pixel) = (&self.waiting, &self.above, self.row, self.pixel);
        let starts = (0..waiting.len()).step_by(piece_bytes.max(1));
        let compress = |start| {
            let above = if start == 0 { &above[..] } else { &waiting[start - row..start] };
            let rows = &waiting[start..waiting.len().min(start + piece_bytes)];
            let filtered = filtered(above, rows, row, pixel);
            (piece(&filtered), simd_adler32::adler32(&&filtered[..]), filtered.len() as u64)
        };
        // One piece needs no other thread.
        let done = if starts.len() > 1 { map(starts, compress) } else { starts.map(compress).collect() };
        let mut parts = if self.begun { Vec::new() } else { vec![BEGIN.to_vec()] };
        self.begun = true;
        for (part, adler, length) in done {
            self.adler = joined(self.adler, adler, length);
            parts.push(part);
        }
        if let Some(last) = self.waiting.rchunks_exact(self.row).next() {
            self.above.copy_from_slice(last);
        }
        self.waiting.clear();
        self.waiting_rows = 0;
        parts
    }
}

/// Filtered rows with the types of their filters.
fn filtered(above: &[u8], rows: &[u8], row: usize, pixel: usize) -> Vec<u8> {
    let mut filters = Filters::new(row);
    let mut filtered = Vec::with_capacity(rows.len() + rows.len() / row);
    let mut above = above;
    for row in rows.chunks_exact(row) {
        filters.filter(above, row, pixel, &mut filtered);
        above = row;
    }
    filtered
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
