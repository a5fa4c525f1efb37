//! The Huffman tables of annex K.3 (ITU-T T.81), which most encoders use.

use super::codes::{LONGEST, Spec};
use super::symbols::TABLES;

/// The tables of luma and of color differences, each for DC and AC coefficients.
pub(super) fn tables() -> [Spec; TABLES] {
    [dc(LUMA_DC), ac(LUMA_AC, &LUMA_AC_FIRST), dc(CHROMA_DC), ac(CHROMA_AC, &CHROMA_AC_FIRST)]
}

/// Codes of each length in tables K.3 to K.6.
const LUMA_DC: [u8; LONGEST] = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const CHROMA_DC: [u8; LONGEST] = [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0];
const LUMA_AC: [u8; LONGEST] = [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125];
const CHROMA_AC: [u8; LONGEST] = [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119];

/// The symbols of table K.5 with codes of less than 16 bits; the others follow in ascending order.
const LUMA_AC_FIRST: [u8; 37] = [
    0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22, 0x71, 0x14,
    0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52, 0xD1, 0xF0, 0x24, 0x33, 0x62, 0x72, 0x82,
];

/// The symbols of table K.6 with codes of less than 16 bits.
const CHROMA_AC_FIRST: [u8; 43] = [
    0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71, 0x13, 0x22, 0x32,
    0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33, 0x52, 0xF0, 0x15, 0x62, 0x72, 0xD1, 0x0A, 0x16,
    0x24, 0x34, 0xE1, 0x25, 0xF1,
];

/// A table of the 12 sizes of differences.
fn dc(counts: [u8; LONGEST]) -> Spec {
    Spec { counts, symbols: (0..12).collect() }
}

/// A table of all runs of zeros with all sizes of 1 to 10 bits, the end of the block and sixteen zeros.
fn ac(counts: [u8; LONGEST], first: &[u8]) -> Spec {
    let all = (0..=255_u8).filter(|symbol| matches!(symbol & 15, 1..=10) || matches!(symbol, 0x00 | 0xF0));
    let mut symbols = first.to_vec();
    symbols.extend(all.filter(|symbol| !first.contains(symbol)));
    Spec { counts, symbols }
}

#[cfg(test)]
mod tests {
    use super::super::codes::Codes;
    use super::*;

    #[test]
    fn codes_are_those_that_the_annex_prints() {
        let tables = tables();
        for (spec, symbols) in tables.iter().zip([12, 162, 12, 162]) {
            assert_eq!(spec.symbols.len(), symbols);
            assert_eq!(spec.counts.iter().map(|count| usize::from(*count)).sum::<usize>(), symbols);
            let mut sorted = spec.symbols.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), symbols);
        }
        // Symbols and codes of tables K.3 to K.6 as they are printed: the first, the last, some of those between.
        let printed: [&[(u8, &str)]; 4] = [
            &[(0, "00"), (1, "010"), (5, "110"), (6, "1110"), (11, "111111110")],
            &[
                (0x00, "1010"),
                (0x01, "00"),
                (0x0A, "1111111110000011"),
                (0x11, "1100"),
                (0x15, "11111110110"),
                (0x24, "111111110100"),
                (0x82, "111111111000000"),
                (0xF0, "11111111001"),
                (0xFA, "1111111111111110"),
            ],
            &[(0, "00"), (1, "01"), (2, "10"), (3, "110"), (11, "11111111110")],
            &[
                (0x00, "00"),
                (0x01, "01"),
                (0x0A, "111111110100"),
                (0x11, "1011"),
                (0x25, "111111111000010"),
                (0xE1, "11111111100000"),
                (0xF0, "1111111010"),
                (0xF1, "111111111000011"),
                (0xFA, "1111111111111110"),
            ],
        ];
        for (spec, printed) in tables.iter().zip(printed) {
            let codes = Codes::new(spec);
            for (symbol, code) in printed {
                let value = u32::from_str_radix(code, 2).expect("binary");
                assert_eq!(codes.of(*symbol), (value, code.len() as u32), "{symbol:#x}");
            }
        }
    }
}
