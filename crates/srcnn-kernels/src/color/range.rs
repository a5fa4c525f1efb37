//! Ranges of samples.

use crate::isa::Isa;
use crate::kernel::loops_for_isa;

/// Accumulators side by side: two vectors of eight, so that a comparison need not wait for the one before.
const LANES: usize = 16;

/// Lowest and highest of some samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Lowest sample; infinity if there is none.
    pub low: f32,
    /// Highest sample; minus infinity if there is none.
    pub high: f32,
    /// Whether all samples are finite. If not, the others mean nothing.
    pub is_finite: bool,
}

impl Range {
    /// The range of no samples.
    const NONE: Self = Self { low: f32::INFINITY, high: f32::NEG_INFINITY, is_finite: true };

    /// The range that covers both.
    pub fn and(self, other: Self) -> Self {
        let (low, high) = (self.low.min(other.low), self.high.max(other.high));
        Self { low, high, is_finite: self.is_finite && other.is_finite }
    }
}

/// The range of samples.
pub fn range(isa: Isa, values: &[f32]) -> Range {
    let mut found = Range::NONE;
    let out = &mut found;
    loops_for_isa!(Range, isa, body(values: &[f32], out: &mut Range));
    found
}

#[inline(always)]
fn body(values: &[f32], out: &mut Range) {
    let (mut low, mut high, mut zeros) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES], [0.0; LANES]);
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for i in 0..LANES {
            let v = chunk[i];
            // Not `f32::min` and `max`, whose handling of NaN takes several instructions.
            low[i] = if v < low[i] { v } else { low[i] };
            high[i] = if v > high[i] { v } else { high[i] };
            // Zero times a value that is not finite is NaN.
            zeros[i] += v * 0.0;
        }
    }
    let lane = |i: usize| Range { low: low[i], high: high[i], is_finite: zeros[i] == 0.0 };
    let single = |v: &f32| Range { low: *v, high: *v, is_finite: v.is_finite() };
    *out = (0..LANES).map(lane).chain(rest.iter().map(single)).fold(Range::NONE, Range::and);
}
