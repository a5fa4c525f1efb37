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

/// The codes of a table by symbol.
pub(super) struct Codes([u32; 256]);

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
        Self(codes)
    }

    /// The code of a symbol and its length; 0 bits for symbols that have none.
    #[inline(always)]
    pub(super) fn of(&self, symbol: u8) -> (u32, u32) {
        let entry = self.0[usize::from(symbol)];
        (entry >> 8, entry & 255)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_count_up_and_double_with_each_bit() {
        // Figure C.3's rule on codes 0, 10, 110, 1110.
        let mut counts = [0; LONGEST];
        (counts[0], counts[1], counts[2], counts[3]) = (1, 1, 1, 1);
        let codes = Codes::new(&Spec { counts, symbols: vec![7, 5, 0, 255] });
        assert_eq!([7, 5, 0, 255, 1].map(|symbol| codes.of(symbol)), [(0, 1), (2, 2), (6, 3), (14, 4), (0, 0)]);
    }
}
