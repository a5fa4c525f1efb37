//! Samples beyond the edges of a picture.

/// The rule for samples beyond the edges of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edge {
    /// The edge sample repeated.
    #[default]
    Replicate,
    /// The picture mirrored, the edge sample repeated: `[1..n, n..1]`.
    Mirror,
    /// The picture repeated, as in a texture whose copies lie next to each other.
    Wrap,
}

impl Edge {
    /// The position in `0..n` whose sample stands for position `i`, which may lie outside.
    ///
    /// # Panics
    /// If `n` is zero.
    pub fn position(self, i: i64, n: usize) -> usize {
        let n = n as i64;
        let inside = match self {
            Self::Replicate => i.clamp(0, n - 1),
            Self::Mirror => {
                let k = i.rem_euclid(2 * n);
                k.min(2 * n - 1 - k)
            }
            Self::Wrap => i.rem_euclid(n),
        };
        inside as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_stays_inside() {
        let all = |edge: Edge| (-4..7).map(|i| edge.position(i, 3)).collect::<Vec<_>>();
        assert_eq!(all(Edge::Replicate), [0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2]);
        assert_eq!(all(Edge::Mirror), [2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0]);
        assert_eq!(all(Edge::Wrap), [2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0]);
    }
}
