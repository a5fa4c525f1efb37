//! Bits, written one after the other.

/// Bits of a word.
const WORD: u32 = u64::BITS;

/// Words that a block takes at most: 64 coefficients of a code of 16 bits and 11 more.
const WORDS_A_BLOCK: usize = 64 * (16 + 11) / WORD as usize;

/// A string of bits, the first of which is the highest one of the first word.
#[derive(Default)]
pub(super) struct Bits {
    /// Those in use, and room.
    words: Vec<u64>,
    used: usize,
    rest: Rest,
}

/// The bits after whole words.
#[derive(Clone, Copy, Default)]
struct Rest {
    /// The last one lowest. What is above them is of no meaning.
    bits: u64,
    /// How many there are, less than [`WORD`].
    count: u32,
}

impl Rest {
    /// Adds the lowest `count` bits of `bits`, at most 32. Those above them must be 0. Gives the word that is full.
    #[inline(always)]
    fn put(&mut self, bits: u32, count: u32) -> Option<u64> {
        let (bits, free) = (u64::from(bits), WORD - self.count);
        if count < free {
            self.bits = self.bits << count | bits;
            self.count += count;
            return None;
        }
        let over = count - free;
        let word = self.bits << (free & (WORD - 1)) | bits >> over;
        *self = Self { bits, count: over };
        Some(word)
    }
}

impl Bits {
    /// Removes all bits.
    pub(super) fn clear(&mut self) {
        self.used = 0;
        self.rest = Rest::default();
    }

    /// Adds the lowest `count` bits of `bits`, at most 32. Those above them must be 0.
    #[inline(always)]
    pub(super) fn put(&mut self, bits: u32, count: u32) {
        if let Some(word) = self.rest.put(bits, count) {
            if self.used == self.words.len() {
                self.words.resize(2 * self.used + 64, 0);
            }
            self.words[self.used] = word;
            self.used += 1;
        }
    }

    /// Writes the bits of some blocks by `write`.
    #[inline(always)]
    pub(super) fn blocks(&mut self, blocks: usize, write: impl FnOnce(&mut Writer)) {
        let needed = self.used + blocks * WORDS_A_BLOCK + 1;
        if self.words.len() < needed {
            self.words.resize(needed.max(2 * self.words.len()), 0);
        }
        let mut writer = Writer { words: &mut self.words, used: self.used, rest: self.rest };
        write(&mut writer);
        (self.used, self.rest) = (writer.used, writer.rest);
    }

    /// The whole words, and the bits after them with their number, less than 64.
    pub(super) fn parts(&self) -> (&[u64], u64, u32) {
        let Rest { bits, count } = self.rest;
        (&self.words[..self.used], bits & ((1 << count) - 1), count)
    }
}

/// Writes bits where there is room for them; so the compiler can keep in registers what changes with each.
pub(super) struct Writer<'a> {
    words: &'a mut [u64],
    used: usize,
    rest: Rest,
}

impl Writer<'_> {
    /// As [`Bits::put`].
    #[inline(always)]
    pub(super) fn put(&mut self, bits: u32, count: u32) {
        if let Some(word) = self.rest.put(bits, count) {
            self.words[self.used] = word;
            self.used += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_out_as_they_went_in() {
        let mut state = 1_u32;
        let mut bits = Bits::default();
        for round in 0..3 {
            bits.clear();
            let mut text = String::new();
            for turn in 0..200 + round {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let count = (state >> 9) % 33;
                let value = (u64::from(state) & ((1 << count) - 1)) as u32;
                if turn % 3 == 0 {
                    bits.put(value, count);
                } else {
                    bits.blocks(1, |writer| writer.put(value, count));
                }
                if count > 0 {
                    text.push_str(&format!("{value:0count$b}", count = count as usize));
                }
            }
            let (words, last, filled) = bits.parts();
            let mut out: String = words.iter().map(|word| format!("{word:064b}")).collect();
            if filled > 0 {
                out.push_str(&format!("{last:0filled$b}", filled = filled as usize));
            }
            assert_eq!(out, text);
        }
    }
}
