//! Bits, written one after the other.

/// Bits of a word.
const WORD: u32 = u64::BITS;

/// A string of bits, the first of which is the highest one of the first word.
#[derive(Default)]
pub(super) struct Bits {
    words: Vec<u64>,
    /// The bits after the words, the last one lowest. What is above them is of no meaning.
    last: u64,
    /// How many there are, less than [`WORD`].
    filled: u32,
}

impl Bits {
    /// Removes all bits.
    pub(super) fn clear(&mut self) {
        self.words.clear();
        self.filled = 0;
    }

    /// Adds the lowest `count` bits of `bits`, at most 32. Those above them must be 0.
    #[inline(always)]
    pub(super) fn put(&mut self, bits: u32, count: u32) {
        let (bits, free) = (u64::from(bits), WORD - self.filled);
        if count < free {
            self.last = self.last << count | bits;
            self.filled += count;
        } else {
            let over = count - free;
            self.words.push(self.last << (free & (WORD - 1)) | bits >> over);
            self.last = bits;
            self.filled = over;
        }
    }

    /// The whole words, and the bits after them with their number, less than 64.
    pub(super) fn parts(&self) -> (&[u64], u64, u32) {
        (&self.words, self.last & ((1 << self.filled) - 1), self.filled)
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
            for _ in 0..200 + round {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let count = (state >> 9) % 33;
                let value = (u64::from(state) & ((1 << count) - 1)) as u32;
                bits.put(value, count);
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
