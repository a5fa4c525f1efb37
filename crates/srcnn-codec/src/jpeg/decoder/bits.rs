//! Bytes and bits of a file: buffered, with the stuffing of entropy-coded data removed (ITU-T T.81, F.1.2.3 and B.1.1.5).

use std::io::{self, Read};

use super::error::JpegError;
use crate::jpeg::markers::PREFIX;

/// Bytes read at once.
const BUFFER: usize = 1 << 16;
const ONES: u64 = 0x0101_0101_0101_0101;

/// A file, read byte by byte between scans and bit by bit within them.
///
/// Reading bits does not fail: behind the end of the data come zeros, and [`Bits::check`] tells whether they were used.
pub(super) struct Bits<R> {
    reader: R,
    buffer: Box<[u8]>,
    at: usize,
    end: usize,
    /// The next bits, the first one highest.
    window: u64,
    /// Bits in the window.
    count: u32,
    /// How many of the bits put into the window were made up, behind the end of the data.
    made_up: u32,
    /// The marker that ended the data.
    marker: Option<u8>,
    /// No more data before a marker or the end of the file.
    ended: bool,
    failure: Option<io::Error>,
}

impl<R: Read> Bits<R> {
    pub(super) fn new(reader: R) -> Self {
        let buffer = vec![0; BUFFER].into_boxed_slice();
        let (window, count, made_up, marker, ended, failure) = (0, 0, 0, None, false, None);
        Self { reader, buffer, at: 0, end: 0, window, count, made_up, marker, ended, failure }
    }

    /// The source, somewhere behind what was read.
    pub(super) fn into_source(self) -> R {
        self.reader
    }

    /// The next byte as it is in the file; none at its end.
    fn next(&mut self) -> Option<u8> {
        if self.at == self.end {
            (self.at, self.end) = (0, 0);
            loop {
                match self.reader.read(&mut self.buffer) {
                    Ok(n) => self.end = n.min(BUFFER),
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                    Err(e) => self.failure = Some(e),
                }
                break;
            }
        }
        let byte = *self.buffer[..self.end].get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// Why there is no next byte.
    fn end_of_file(&mut self) -> JpegError {
        self.failure.take().map_or(JpegError::Truncated, JpegError::Io)
    }

    pub(super) fn byte(&mut self) -> Result<u8, JpegError> {
        self.next().ok_or_else(|| self.end_of_file())
    }

    /// The data of a segment whose marker has been read (B.1.1.4).
    pub(super) fn segment(&mut self) -> Result<Vec<u8>, JpegError> {
        let length = usize::from(u16::from_be_bytes([self.byte()?, self.byte()?]));
        let length = length.checked_sub(2).ok_or(JpegError::Corrupt("a segment shorter than its length field"))?;
        (0..length).map(|_| self.byte()).collect()
    }

    /// The next marker. What is left of the data before it is passed over.
    pub(super) fn marker(&mut self) -> Result<u8, JpegError> {
        (self.window, self.count, self.made_up, self.ended) = (0, 0, 0, false);
        if let Some(marker) = self.marker.take() {
            return Ok(marker);
        }
        loop {
            let mut byte = self.byte()?;
            if byte != PREFIX {
                continue;
            }
            while byte == PREFIX {
                byte = self.byte()?;
            }
            if byte != 0 {
                return Ok(byte);
            }
        }
    }

    /// Whether all bits so far were there.
    #[inline]
    pub(super) fn check(&mut self) -> Result<(), JpegError> {
        if self.made_up <= self.count { Ok(()) } else { Err(self.shortage()) }
    }

    #[cold]
    fn shortage(&mut self) -> JpegError {
        match self.marker {
            Some(_) => JpegError::Corrupt("coded data ends before the picture does"),
            None => self.end_of_file(),
        }
    }

    /// Makes sure that the next 32 bits are in the window.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        if self.count >= 32 {
            return;
        }
        if let Some(bytes) = self.buffer[..self.end].get(self.at..).and_then(|rest| rest.first_chunk()) {
            let word = u64::from_be_bytes(*bytes);
            // No byte of 0xFF.
            if (!word).wrapping_sub(ONES) & word & (ONES << 7) == 0 && !self.ended {
                // Bits of a byte that does not fit completely are set once more when it comes.
                self.window |= word >> self.count;
                let fit = (64 - self.count) / 8;
                self.at += fit as usize;
                self.count += 8 * fit;
                return;
            }
        }
        self.refill_slowly();
    }

    #[inline(never)]
    fn refill_slowly(&mut self) {
        while self.count <= 56 {
            if self.ended {
                self.made_up += 8;
            } else {
                match self.next_coded() {
                    Some(byte) => self.window |= u64::from(byte) << (56 - self.count),
                    None => {
                        self.ended = true;
                        continue;
                    }
                }
            }
            self.count += 8;
        }
    }

    /// The next byte of entropy-coded data; none at a marker or the end of the file.
    fn next_coded(&mut self) -> Option<u8> {
        let mut byte = self.next()?;
        if byte != PREFIX {
            return Some(byte);
        }
        while byte == PREFIX {
            byte = self.next()?;
        }
        if byte == 0 {
            return Some(PREFIX);
        }
        self.marker = Some(byte);
        None
    }

    /// The next `n` bits, 1 to 32, which stay. [`Bits::refill`] must have been called.
    #[inline(always)]
    pub(super) fn peek(&self, n: u32) -> u32 {
        (self.window >> (64 - n)) as u32
    }

    /// Passes over bits that are in the window.
    #[inline(always)]
    pub(super) fn skip(&mut self, n: u32) {
        self.window <<= n;
        self.count -= n;
    }

    /// The next `n` bits, 0 to 16.
    #[inline(always)]
    pub(super) fn take(&mut self, n: u32) -> u32 {
        self.refill();
        let bits = (self.window >> 32 >> (32 - n)) as u32;
        self.skip(n);
        bits
    }

    /// The next bit.
    #[inline(always)]
    pub(super) fn bit(&mut self) -> bool {
        self.take(1) == 1
    }
}
