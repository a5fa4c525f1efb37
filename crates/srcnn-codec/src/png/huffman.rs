//! Huffman codes of limited length (RFC 1951, 3.2.2).

/// The code of a symbol: its bits, the first of them the least significant, and their number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) bits: u16,
    pub(super) length: u8,
}

/// The lengths of codes of at most `longest` bits, by how often symbols occur; 0 for those that do not. At least two symbols
/// must occur, and no more than there are codes.
pub(super) fn lengths(counts: &[u32], longest: u8) -> Vec<u8> {
    let mut counts: Vec<(u64, usize)> =
        counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(i, count)| (u64::from(*count), i)).collect();
    let symbols = counts.iter().map(|(_, symbol)| symbol + 1).max().unwrap_or(0);
    loop {
        counts.sort_unstable();
        let depths = depths(&counts.iter().map(|(count, _)| *count).collect::<Vec<u64>>());
        if depths.iter().all(|depth| *depth <= longest) {
            let mut lengths = vec![0; symbols];
            counts.iter().zip(depths).for_each(|((_, symbol), depth)| lengths[*symbol] = depth);
            return lengths;
        }
        // Rarer symbols nearer to the others: in the end, all are alike.
        counts.iter_mut().for_each(|(count, _)| *count = count.div_ceil(2));
    }
}

/// Depths of leaves in Huffman's tree, whose weights ascend. Inner nodes are made in the order of their weights, so that the two
/// lightest nodes are among the first leaves and the first inner nodes left.
fn depths(weights: &[u64]) -> Vec<u8> {
    let leaves = weights.len();
    let mut inner: Vec<u64> = Vec::with_capacity(leaves);
    let mut parents = vec![0; 2 * leaves];
    let (mut leaf, mut node) = (0, 0);
    for made in 0..leaves.saturating_sub(1) {
        let mut sum = 0;
        for _ in 0..2 {
            let take_leaf = leaf < leaves && (node >= inner.len() || weights[leaf] <= inner[node]);
            let (weight, at) = if take_leaf { (weights[leaf], leaf) } else { (inner[node], leaves + node) };
            if take_leaf {
                leaf += 1;
            } else {
                node += 1;
            }
            parents[at] = leaves + made;
            sum += weight;
        }
        inner.push(sum);
    }
    let root = leaves + inner.len().saturating_sub(1);
    let mut depths = vec![0u8; root + 1];
    for at in (0..root).rev() {
        depths[at] = depths[parents[at]].saturating_add(1);
    }
    depths.truncate(leaves);
    depths
}

/// The codes of these lengths, in the order of lengths and then symbols.
pub(super) fn codes(lengths: &[u8]) -> Vec<Code> {
    let mut of_length = [0u32; 17];
    lengths.iter().for_each(|length| of_length[usize::from(*length)] += 1);
    of_length[0] = 0;
    let mut next = [0u32; 17];
    for length in 1..17 {
        next[length] = (next[length - 1] + of_length[length - 1]) << 1;
    }
    let code = |length: &u8| {
        if *length == 0 {
            return Code::default();
        }
        let bits = next[usize::from(*length)];
        next[usize::from(*length)] += 1;
        Code { bits: (bits as u16).reverse_bits() >> (16 - length), length: *length }
    };
    lengths.iter().map(code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_use_all_the_room_and_no_more() {
        let fibonacci = |n: usize| {
            (0..n)
                .scan((1u32, 1u32), |s, _| {
                    let v = s.0;
                    *s = (s.1, s.0 + s.1);
                    Some(v)
                })
                .collect()
        };
        let counts: [Vec<u32>; 5] =
            [vec![1, 1], vec![5, 0, 9], vec![3; 286], fibonacci(40), (1..=286).map(|i| i * i).collect()];
        for counts in counts {
            for longest in [9, 14, 15] {
                let lengths = lengths(&counts, longest);
                let room: f64 = lengths.iter().filter(|l| **l > 0).map(|l| 0.5f64.powi((*l).into())).sum();
                assert_eq!(room, 1.0, "{counts:?}");
                assert!(lengths.iter().all(|length| *length <= longest));
                for (count, length) in counts.iter().zip(&lengths) {
                    assert_eq!(*count == 0, *length == 0);
                }
                let mut codes: Vec<_> = codes(&lengths).into_iter().filter(|code| code.length > 0).collect();
                codes.sort_unstable_by_key(|code| code.bits.reverse_bits());
                let begins = |a: Code, b: Code| b.bits & ((1u32 << a.length) - 1) as u16 == a.bits;
                assert!(codes.windows(2).all(|pair| !begins(pair[0], pair[1])), "no code begins another");
            }
        }
    }

    /// Four symbols with the counts 1, 1, 2, 4 have codes of 3, 3, 2 and 1 bits: the worked example of every textbook.
    #[test]
    fn frequent_symbols_have_short_codes() {
        assert_eq!(lengths(&[1, 1, 2, 4], 15), [3, 3, 2, 1]);
        let bits: Vec<u16> = codes(&[3, 3, 2, 1]).iter().map(|code| code.bits).collect();
        assert_eq!(bits, [0b011, 0b111, 0b01, 0b0]);
    }
}
