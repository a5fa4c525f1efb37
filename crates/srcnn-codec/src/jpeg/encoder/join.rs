//! Strings of bits joined to entropy-coded data: bytes with a 0 after each of 0xFF (ITU-T T.81, F.1.2.3).

use super::bits::Bits;
use crate::jpeg::markers::{PREFIX, STUFFING};

/// Bits of a word.
const WORD: u32 = u64::BITS;

/// Entropy-coded data as it grows.
#[derive(Default)]
pub(super) struct Joined {
    bytes: Vec<u8>,
    /// Bits that are no whole word yet: the lowest `filled` ones, less than [`WORD`].
    rest: u64,
    filled: u32,
}

impl Joined {
    /// Adds a string of bits.
    pub(super) fn append(&mut self, bits: &Bits) {
        let (words, last, count) = bits.parts();
        self.bytes.reserve(words.len() * 9);
        match self.filled {
            0 => words.iter().for_each(|word| self.word(*word)),
            filled => {
                for word in words {
                    self.word(self.rest << (WORD - filled) | word >> filled);
                    self.rest = *word;
                }
                self.rest &= (1 << filled) - 1;
            }
        }
        let filled = self.filled + count;
        if filled < WORD {
            // The last bits are less than a word.
            self.rest = self.rest << count | last;
            self.filled = filled;
        } else {
            let over = filled - WORD;
            self.word(self.rest << (WORD - self.filled) | last >> over);
            (self.rest, self.filled) = (last & ((1 << over) - 1), over);
        }
    }

    /// Fills the last byte with ones.
    pub(super) fn finish(&mut self) {
        let bytes = self.filled.div_ceil(8);
        let ones = 8 * bytes - self.filled;
        let rest = self.rest << ones | ((1 << ones) - 1);
        (0..bytes).rev().for_each(|byte| self.stuffed((rest >> (8 * byte)) as u8));
        (self.rest, self.filled) = (0, 0);
    }

    /// The bytes so far, which may be taken away.
    pub(super) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    #[inline(always)]
    fn word(&mut self, word: u64) {
        // The highest bit of a byte of 0xFF, and of others from 0x80 on where the byte below is 0xFF.
        const LOWEST: u64 = u64::from_le_bytes([1; 8]);
        if (!word).wrapping_sub(LOWEST) & word & LOWEST << 7 == 0 {
            self.bytes.extend_from_slice(&word.to_be_bytes());
        } else {
            word.to_be_bytes().into_iter().for_each(|byte| self.stuffed(byte));
        }
    }

    fn stuffed(&mut self, byte: u8) {
        self.bytes.push(byte);
        if byte == PREFIX {
            self.bytes.push(STUFFING);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits by a definition: one at a time.
    fn bytes(bits: &[bool]) -> Vec<u8> {
        let mut out = Vec::new();
        for byte in bits.chunks(8) {
            let value = (0..8).fold(0, |value, i| value << 1 | u8::from(byte.get(i).copied().unwrap_or(true)));
            out.push(value);
            if value == 0xFF {
                out.push(0);
            }
        }
        out
    }

    #[test]
    fn strings_of_any_length_are_joined() {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 8
        };
        for round in 0..200 {
            let (mut joined, mut all) = (Joined::default(), Vec::new());
            for _ in 0..=round % 7 {
                let mut bits = Bits::default();
                // Many ones, so that bytes of 0xFF are frequent.
                for _ in 0..next() % 200 {
                    let bit = next() % 8 != 0;
                    bits.put(u32::from(bit), 1);
                    all.push(bit);
                }
                joined.append(&bits);
            }
            joined.finish();
            assert_eq!(*joined.bytes(), bytes(&all), "{round}");
        }
    }
}
