//! Huffman tables made for symbols that were counted (ITU-T T.81, annex K.2).

use super::codes::{LONGEST, Spec};
use super::symbols::Counts;

/// Symbols of a table, and one more that takes the code of ones only, which is not allowed.
const SYMBOLS: usize = 257;

/// The table with the shortest codes of at most 16 bits, or nearly so.
pub(super) fn table(counts: &Counts) -> Spec {
    let lengths = lengths(counts);
    // Codes of each length. Counts of 64 bits give no code of more than 93.
    let mut codes = [0_u32; SYMBOLS];
    lengths.iter().filter(|length| **length > 0).for_each(|length| codes[*length] += 1);
    // Two codes that are too long become one of one bit less, that of their common beginning, and one that takes the place of
    // a shorter code together with that code's own symbol (figure K.3).
    for length in (LONGEST + 1..SYMBOLS).rev() {
        while codes[length] > 0 {
            let shorter = (1..length - 1).rev().find(|shorter| codes[*shorter] > 0).expect("there is a shorter code");
            codes[length] -= 2;
            codes[length - 1] += 1;
            codes[shorter + 1] += 2;
            codes[shorter] -= 1;
        }
    }
    // The last code is the one that is not allowed.
    let last = (1..=LONGEST).rev().find(|length| codes[*length] > 0);
    last.into_iter().for_each(|length| codes[length] -= 1);
    let mut symbols: Vec<u8> = (0..=255).filter(|symbol| lengths[usize::from(*symbol)] > 0).collect();
    symbols.sort_by_key(|symbol| lengths[usize::from(*symbol)]);
    Spec { counts: std::array::from_fn(|i| codes[i + 1] as u8), symbols }
}

/// The lengths of the codes by Huffman's algorithm (figure K.1); 0 for symbols that do not come.
fn lengths(counts: &Counts) -> [usize; SYMBOLS] {
    let mut lengths = [0; SYMBOLS];
    // Trees: how often their symbols come, and the symbols.
    let mut trees: Vec<(u64, Vec<usize>)> =
        (0..).zip(counts).filter(|(_, count)| **count > 0).map(|(symbol, count)| (*count, vec![symbol])).collect();
    trees.push((1, vec![SYMBOLS - 1]));
    if trees.len() == 1 {
        lengths[SYMBOLS - 1] = 1;
    }
    while trees.len() > 1 {
        // The rarest two last; of those that are alike the one with the higher symbol.
        trees.sort_by_key(|(count, symbols)| std::cmp::Reverse((*count, std::cmp::Reverse(symbols[0]))));
        let (Some(a), Some(b)) = (trees.pop(), trees.pop()) else { unreachable!("two trees") };
        let joined = [a.1, b.1].concat();
        joined.iter().for_each(|symbol| lengths[*symbol] += 1);
        trees.push((a.0 + b.0, joined));
    }
    lengths
}

#[cfg(test)]
mod tests {
    use super::super::codes::Codes;
    use super::*;

    /// Bits that the symbols take.
    fn bits(counts: &Counts, spec: &Spec) -> u64 {
        let codes = Codes::new(spec);
        (0..=255).map(|symbol| counts[usize::from(symbol)] * u64::from(codes.of(symbol).1)).sum()
    }

    /// Checks that a table has each symbol that comes, and leaves the code of ones free.
    fn check(counts: &Counts, spec: &Spec) {
        let present: Vec<u8> = (0..=255).filter(|symbol| counts[usize::from(*symbol)] > 0).collect();
        let mut symbols = spec.symbols.clone();
        symbols.sort_unstable();
        assert_eq!(symbols, present);
        assert_eq!(spec.counts.iter().map(|count| usize::from(*count)).sum::<usize>(), present.len());
        let room: u32 = (1..).zip(spec.counts).map(|(length, count)| u32::from(count) << (LONGEST - length)).sum();
        assert!(room < 1 << LONGEST, "{room}");
    }

    #[test]
    fn frequent_symbols_have_short_codes() {
        let mut counts = [0; 256];
        (counts[3], counts[7], counts[200], counts[201]) = (100, 50, 10, 10);
        let spec = table(&counts);
        check(&counts, &spec);
        // Huffman's tree of 100, 50, 10, 10 and the code that is left free.
        assert_eq!(bits(&counts, &spec), 100 + 2 * 50 + 3 * 10 + 4 * 10);
    }

    #[test]
    fn one_symbol_and_none_have_tables_too() {
        let mut counts = [0; 256];
        check(&counts, &table(&counts));
        counts[9] = 5;
        let spec = table(&counts);
        check(&counts, &spec);
        assert_eq!((spec.counts[0], spec.symbols), (1, vec![9]));
    }

    #[test]
    fn codes_are_at_most_16_bits_long() {
        // Fibonacci's numbers make the longest codes.
        let mut counts = [0; 256];
        let (mut a, mut b) = (1, 1);
        for count in &mut counts[..80] {
            *count = a;
            (a, b) = (b, a + b);
        }
        check(&counts, &table(&counts));
        check(&[1; 256], &table(&[1; 256]));
        let mut state = 1_u32;
        for _ in 0..100 {
            let counts = std::array::from_fn(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                u64::from(state >> 8) >> (state % 25)
            });
            check(&counts, &table(&counts));
        }
    }
}
