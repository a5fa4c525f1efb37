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
/// Bytes of samples of the pieces that are compressed at a time, at most, but for one piece, of however many threads: their
/// buffers take eight times as much, about.
const MOST: u64 = 4 << 20;
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
        let rows = (PIECE / row.max(1)).clamp(1, shape.height as u64);
        let slots = at_a_time(threads(), row.saturating_mul(rows));
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
            rows: rows as usize,
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

/// Pieces of so many bytes that are compressed at a time, at least one.
fn at_a_time(threads: usize, piece: u64) -> usize {
    let wanted = match threads {
        0 | 1 => 1,
        threads => threads.max(AT_A_TIME.min(4 * threads)),
    };
    wanted.min((MOST / piece.max(1)) as usize).max(1)
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
    use std::io::Read;

    use srcnn_image::image::Depth;

    use super::*;

    #[test]
    fn pieces_take_little_memory_for_any_number_of_threads_and_any_width() {
        for (threads, piece, expected) in [
            (1, PIECE, 1),
            (2, PIECE, 8),
            (8, PIECE, 32),
            (16, PIECE, 32),
            (32, PIECE, 32),
            (64, PIECE, 32),
            (64, PIECE / 2, 64),
            (2, 1_200_000, 3),
            (64, 1_200_000, 3),
            (64, MOST, 1),
            (64, MOST + 1, 1),
            (1000, u64::MAX, 1),
            (2, 0, 8),
        ] {
            assert_eq!(at_a_time(threads, piece), expected, "{threads} threads, {piece} bytes");
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(64).build().expect("threads");
        for width in [1, 100, 5_000, 50_000, 200_000, 700_000, 10_000_000] {
            let shape = Shape { width, height: 600, channels: 3, depth: Depth::Sixteen };
            let rows = pool.install(|| Pieces::new(shape)).room();
            assert!(rows == 1 || rows as u64 * shape.row_bytes() <= MOST, "{width} pixels: {rows} rows");
        }
    }

    #[test]
    fn bytes_are_equal_for_every_number_of_threads() {
        // Rows of about a piece, and of many.
        for (width, height) in [(1_000, 500), (44_000, 40), (400_000, 9)] {
            let shape = Shape { width, height, channels: 3, depth: Depth::Eight };
            let samples: Vec<u8> = (0..shape.bytes()).map(|i| (i / 3 + i * i % 7) as u8).collect();
            let compressed = || {
                let (mut pieces, mut out) = (Pieces::new(shape), Vec::new());
                let mut write = |bytes: &[u8]| -> Result<(), ()> {
                    out.extend_from_slice(bytes);
                    Ok(())
                };
                let mut left = &samples[..];
                while !left.is_empty() {
                    let (rows, rest) = left.split_at(left.len().min(pieces.room() * 3 * width));
                    pieces.add(rows, &mut write).expect("in memory");
                    left = rest;
                }
                pieces.finish(&mut write).expect("in memory");
                out
            };
            let [one, others @ ..] = [1, 2, 5, 64].map(|threads| {
                rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads").install(compressed)
            });
            let mut decompressed = Vec::new();
            flate2::read::ZlibDecoder::new(&one[..]).read_to_end(&mut decompressed).expect("a stream");
            assert_eq!(decompressed.len(), height * (3 * width + 1));
            assert!(others.iter().all(|other| *other == one), "{width}x{height}");
        }
    }

    #[test]
    fn checksums_of_parts_give_that_of_the_whole() {
        let data: Vec<u8> = (0..200_000u32).map(|i| (i * i / 7) as u8 | 0x80).collect();
        let sum = |data: &[u8]| simd_adler32::adler32(&data);
        for cut in [0, 1, 2, 5000, 65520, 65521, 65522, 131_042, 200_000] {
            assert_eq!(joined(sum(&data[..cut]), sum(&data[cut..]), (data.len() - cut) as u64), sum(&data), "{cut}");
        }
    }
}
