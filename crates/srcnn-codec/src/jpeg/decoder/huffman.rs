//! Huffman tables and the symbols coded by them (ITU-T T.81, annex C and F.2.2).

use std::io::Read;

use super::bits::Bits;
use super::error::JpegError;

/// Bits that are looked up at once.
const LOOKUP: u32 = 10;
/// The longest code.
const LONGEST: usize = 16;

/// A Huffman table.
pub(super) struct Table {
    /// By the next bits: bits 0 to 7 are the length of the code and, where they fit, of the additional bits too; 8 to 15
    /// the symbol; 16 to 31 the coefficient, if its bits fit. 0: a longer code.
    lookup: Box<[u32; 1 << LOOKUP]>,
    /// The last code of each length, -1 if there is none; and what to add to a code for the index of its symbol.
    codes: [(i32, i32); LONGEST + 1],
    symbols: Vec<u8>,
}

/// A symbol and the coefficient after it, as far as one look-up gives them.
#[derive(Clone, Copy)]
pub(super) struct Coded(u32);

impl Coded {
    /// The coefficient; 0 if it is still to be read.
    #[inline(always)]
    pub(super) fn value(self) -> i16 {
        (self.0 >> 16) as i16
    }

    /// Coefficients of 0 before it.
    #[inline(always)]
    pub(super) fn run(self) -> usize {
        (self.0 >> 12 & 15) as usize
    }
}

impl Table {
    /// A table from the number of codes of 1 to 16 bits and the symbols in order of their codes; or what is wrong with them.
    pub(super) fn new(counts: &[u8; LONGEST], symbols: &[u8], dc: bool) -> Result<Self, &'static str> {
        if dc && symbols.iter().any(|s| *s > 15) {
            return Err("a DC difference of more than 15 bits");
        }
        let mut table = Self::empty();
        let (mut code, mut index) = (0_u32, 0_usize);
        for (length, count) in (1..).zip(counts) {
            let count = u32::from(*count);
            if count > 0 {
                let Some(of_length) = symbols.get(index..index + count as usize) else {
                    return Err("a Huffman table without its symbols");
                };
                // No code consists of ones only (C.2).
                if code + count >= 1 << length {
                    return Err("a Huffman table with too many codes");
                }
                for (code, symbol) in (code..).zip(of_length) {
                    table.enter(code, length, *symbol);
                }
                let last = code + count - 1;
                table.codes[length as usize] = (last as i32, index as i32 - code as i32);
            }
            code = (code + count) << 1;
            index += count as usize;
        }
        table.symbols = symbols.to_vec();
        Ok(table)
    }

    /// A table without codes.
    pub(super) fn empty() -> Self {
        Self { lookup: Box::new([0; 1 << LOOKUP]), codes: [(-1, 0); LONGEST + 1], symbols: Vec::new() }
    }

    /// Enters a code into the look-up table, unless it is too long.
    fn enter(&mut self, code: u32, length: u32, symbol: u8) {
        if length > LOOKUP {
            return;
        }
        let (free, size) = (LOOKUP - length, u32::from(symbol & 15));
        for rest in 0..1 << free {
            let plain = u32::from(symbol) << 8;
            let entry = match free.checked_sub(size) {
                Some(behind) if size > 0 => {
                    let value = extend(rest >> behind, size);
                    u32::from(value as u16) << 16 | plain | (length + size)
                }
                _ => plain | length,
            };
            self.lookup[(code << free | rest) as usize] = entry;
        }
    }

    /// The next symbol with, if it is short, the coefficient after it. The window then still has what a coefficient needs.
    #[inline(always)]
    pub(super) fn coded<R: Read>(&self, bits: &mut Bits<R>) -> Result<Coded, JpegError> {
        bits.refill();
        let entry = self.lookup[bits.peek(LOOKUP) as usize];
        if entry == 0 {
            return self.long(bits).map(|symbol| Coded(u32::from(symbol) << 8));
        }
        bits.skip(entry & 255);
        Ok(Coded(entry))
    }

    /// The coefficient after a symbol: 0 if the symbol says that there is none.
    #[inline(always)]
    pub(super) fn value<R: Read>(coded: Coded, bits: &mut Bits<R>) -> i16 {
        let (value, size) = (coded.value(), coded.0 >> 8 & 15);
        if value != 0 || size == 0 {
            return value;
        }
        let additional = bits.peek(size);
        bits.skip(size);
        extend(additional, size) as i16
    }

    /// A symbol whose code is longer than what is looked up.
    #[inline(never)]
    fn long<R: Read>(&self, bits: &mut Bits<R>) -> Result<u8, JpegError> {
        for length in LOOKUP + 1..=LONGEST as u32 {
            let code = bits.peek(length) as i32;
            let (last, offset) = self.codes[length as usize];
            if code <= last {
                bits.skip(length);
                let symbol = usize::try_from(code + offset).ok().and_then(|index| self.symbols.get(index));
                return symbol.copied().ok_or(NO_CODE);
            }
        }
        Err(NO_CODE)
    }
}

const NO_CODE: JpegError = JpegError::Corrupt("bits that are no Huffman code");

/// The number that `size` additional bits stand for (F.2.2.1); `size` is 1 to 15.
#[inline(always)]
fn extend(bits: u32, size: u32) -> i32 {
    let negative = ((bits >> (size - 1)) as i32) - 1;
    bits as i32 + (negative & (1 - (1 << size)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn additional_bits_are_numbers() {
        assert_eq!([extend(0, 1), extend(1, 1)], [-1, 1]);
        assert_eq!([0, 3, 4, 7].map(|bits| extend(bits, 3)), [-7, -4, 4, 7]);
        assert_eq!([extend(0, 15), extend(32_767, 15)], [-32_767, 32_767]);
    }

    #[test]
    fn codes_are_told_apart() {
        // Codes 0, 10, and one of 12 bits: 110000000000.
        let mut counts = [0; 16];
        (counts[0], counts[1], counts[11]) = (1, 1, 1);
        let table = Table::new(&counts, &[0x00, 0x21, 0xF0], false).expect("a valid table");
        // 0, 10 + 1, 110000000000, then padding of ones.
        let mut bits = Bits::new(&[0b0101_1100, 0b0000_0000, 0b1111_1111, 0, 0xFF, 0xD9][..]);
        let mut next = || {
            let coded = table.coded(&mut bits)?;
            Ok::<_, JpegError>((coded.run(), Table::value(coded, &mut bits)))
        };
        assert_eq!(next().ok(), Some((0, 0)));
        assert_eq!(next().ok(), Some((2, 1)));
        assert_eq!(next().ok(), Some((15, 0)));
        assert!(next().is_err());
    }

    #[test]
    fn wrong_tables_are_refused() {
        let mut counts = [0; 16];
        counts[0] = 2;
        assert!(Table::new(&counts, &[0, 1], false).is_err());
        counts[0] = 1;
        assert!(Table::new(&counts, &[], false).is_err());
        assert!(Table::new(&counts, &[16], true).is_err());
    }
}
