//! Huffman tables as they are stored, and their codes (ITU-T T.81, annex C).

/// The longest code.
pub(super) const LONGEST: usize = 16;

/// A Huffman table as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spec {
    /// The number of codes of 1 to 16 bits.
    pub(super) counts: [u8; LONGEST],
    /// The symbols in order of their codes.
    pub(super) symbols: Vec<u8>,
}

/// The codes of a table by symbol, and of AC coefficients by themselves.
pub(super) struct Codes {
    /// Code and, in the last byte, length.
    symbols: [u32; 256],
    /// Of a number of zeros and a coefficient within [`SMALL`], code, additional bits and, in the last byte, length of both.
    small: Box<[[u32; 2 * SMALL]; 16]>,
}

/// Coefficients from here on, and below its negative, have no codes by themselves.
const SMALL: usize = 32;

impl Codes {
    pub(super) fn new(spec: &Spec) -> Self {
        let mut codes = [0; 256];
        let mut symbols = spec.symbols.iter();
        let mut code = 0;
        for (length, count) in (1..).zip(spec.counts) {
            for symbol in symbols.by_ref().take(usize::from(count)) {
                codes[usize::from(*symbol)] = code << 8 | length;
                code += 1;
            }
            code <<= 1;
        }
        let mut small = Box::new([[0; 2 * SMALL]; 16]);
        for (zeros, small) in (0..).zip(&mut *small) {
            for (value, entry) in (-(SMALL as i32)..).zip(small).filter(|(value, _)| *value != 0) {
                let (bits, size) = additional(value);
                let code = codes[(zeros << 4 | size) as usize & 255];
                *entry = ((code >> 8) << size | bits) << 8 | ((code & 255) + size);
            }
        }
        Self { symbols: codes, small }
    }

    /// The code of a symbol and its length; 0 bits for symbols that have none.
    #[inline(always)]
    pub(super) fn of(&self, symbol: u8) -> (u32, u32) {
        let entry = self.symbols[usize::from(symbol)];
        (entry >> 8, entry & 255)
    }

    /// The code of an AC coefficient that is not 0 after at most 15 that are, with the additional bits, and their length.
    #[inline(always)]
    pub(super) fn of_coefficient(&self, zeros: u32, value: i32) -> (u32, u32) {
        if let Some(entry) = self.small[zeros as usize & 15].get((value + SMALL as i32) as usize) {
            return (entry >> 8, entry & 255);
        }
        let (bits, size) = additional(value);
        let (code, length) = self.of((zeros << 4 | size) as u8);
        (code << size | bits, length + size)
    }
}

/// The bits after a symbol for a number, and their number: none for 0 (F.1.2.1 and F.1.2.2).
#[inline(always)]
pub(super) fn additional(number: i32) -> (u32, u32) {
    let size = u32::BITS - number.unsigned_abs().leading_zeros();
    // One less where it is negative.
    let bits = (number + (number >> 31)) as u32 & ((1 << size) - 1);
    (bits, size)
}

#[cfg(test)]
mod tests {
    use super::super::standard;
    use super::*;

    #[test]
    fn coefficients_are_their_symbols_and_bits() {
        for spec in [&standard::tables()[1], &standard::tables()[3]] {
            let codes = Codes::new(spec);
            for zeros in 0..16 {
                for value in (-1023..=1023).filter(|value| *value != 0) {
                    let (bits, size) = additional(value);
                    let (code, length) = codes.of((zeros << 4 | size) as u8);
                    let expected = (code << size | bits, length + size);
                    assert_eq!(codes.of_coefficient(zeros, value), expected, "{zeros} {value}");
                }
            }
        }
    }

    #[test]
    fn codes_count_up_and_double_with_each_bit() {
        // Figure C.3's rule on codes 0, 10, 110, 1110.
        let mut counts = [0; LONGEST];
        (counts[0], counts[1], counts[2], counts[3]) = (1, 1, 1, 1);
        let codes = Codes::new(&Spec { counts, symbols: vec![7, 5, 0, 255] });
        assert_eq!(
            [-3, -2, -1, 0, 1, 2, 3, 4].map(additional).map(|(bits, size)| (size, bits)),
            [(2, 0), (2, 1), (1, 0), (0, 0), (1, 1), (2, 2), (2, 3), (3, 4)]
        );
        assert_eq!([7, 5, 0, 255, 1].map(|symbol| codes.of(symbol)), [(0, 1), (2, 2), (6, 3), (14, 4), (0, 0)]);
    }
}
