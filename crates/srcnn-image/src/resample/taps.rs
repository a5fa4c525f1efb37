//! Taps of filters along one axis.

use std::ops::Range;

/// Taps of a filter along one axis: for each output position, the input positions and their weights.
///
/// The taps of all output positions are in one vector; edge rules are already applied to the positions.
#[derive(Clone, Debug, Default)]
pub(super) struct Taps {
    pairs: Vec<(usize, f64)>,
    ends: Vec<usize>,
}

impl Taps {
    /// No output positions.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds the taps of the next output position.
    pub(super) fn push(&mut self, pairs: impl IntoIterator<Item = (usize, f64)>) {
        self.pairs.extend(pairs);
        self.ends.push(self.pairs.len());
    }

    /// Number of output positions.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The weights of all taps.
    pub(super) fn weights(&self) -> impl Iterator<Item = f64> {
        self.pairs.iter().map(|pair| pair.1)
    }

    /// The taps of output position `i` among all.
    pub(super) fn range(&self, i: usize) -> Range<usize> {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        start..self.ends[i]
    }

    /// The pairs (input position, weight) of output position `i`.
    pub(super) fn at(&self, i: usize) -> &[(usize, f64)] {
        &self.pairs[self.range(i)]
    }

    /// The input positions of output position `i`.
    pub(super) fn positions(&self, i: usize) -> impl Iterator<Item = usize> {
        self.at(i).iter().map(|pair| pair.0)
    }

    /// The range of input positions that the output positions `outputs` depend on.
    pub(super) fn reads(&self, outputs: Range<usize>) -> Range<usize> {
        let positions = || outputs.clone().flat_map(|i| self.positions(i));
        positions().min().map_or(0..0, |first| first..positions().max().unwrap_or(first) + 1)
    }
}
