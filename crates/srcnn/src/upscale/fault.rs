//! Sanity check of results: values that a working network cannot give.

use srcnn_kernels::Isa;
use srcnn_kernels::color::{Range, range};

use crate::parallel;
use crate::plane::Plane;

/// Fault of a network's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Infinite values or NaN.
    NotFinite,
    /// All black, though the picture is not.
    Black,
    /// One constant value, though the picture has several.
    Constant,
}

impl Fault {
    /// Description, such as `black, and the picture is not`.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::NotFinite => "not finite",
            Self::Black => "black, and the picture is not",
            Self::Constant => "one even tone, and the picture is not",
        }
    }
}

/// Brightness or contrast that a picture must have for its loss to count as a fault: 16 levels of 255, far more than
/// rounding or the fading of a single dot takes away.
const SEEN: f32 = 16.0 / 255.0;
/// Samples that a thread takes at a time.
const CHUNK: usize = 1 << 16;
/// Half a level of 8 bits: anything below is rounded to zero.
const NOTHING: f32 = 0.5 / 255.0;

/// Lowest and highest value of a plane, clamped and scaled to 0.0 (black) to 1.0 (white).
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    low: f32,
    high: f32,
}

impl Span {
    /// The range of values of a plane whose samples for black and white are given; none if a sample is not finite.
    pub(super) fn of(plane: &Plane<f32>, (black, white): (f32, f32)) -> Option<Self> {
        let isa = Isa::best();
        let ranges = parallel::map(plane.as_slice().chunks(CHUNK), |values| range(isa, values));
        let Range { low, high, is_finite } = ranges.into_iter().reduce(Range::and)?;
        let unit = |v: f32| -> f32 { ((v - black) / (white - black)).clamp(0.0, 1.0) };
        is_finite.then(|| Self { low: unit(low), high: unit(high) })
    }

    /// The range that covers both.
    pub(super) fn and(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// The fault of a result, if any, given the range of the input.
    pub(super) fn fault(self, result: Option<Self>) -> Option<Fault> {
        let Some(result) = result else { return Some(Fault::NotFinite) };
        if self.high >= SEEN && result.high < NOTHING {
            return Some(Fault::Black);
        }
        (self.high - self.low >= SEEN && result.high - result.low < NOTHING).then_some(Fault::Constant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_losses_are_faults() {
        let span =
            |values: &[f32]| Span::of(&Plane::new(values.len(), 1, values.to_vec()).expect("filled"), (0.0, 1.0));
        let cases: [(&[f32], &[f32], Option<Fault>); 10] = [
            (&[0.2, 0.8], &[0.2, 0.8], None),
            (&[0.0, 0.0], &[0.0, 0.0], None),
            (&[0.5, 0.5], &[0.5, 0.5], None),
            (&[0.0, 0.01], &[0.0, 0.0], None),
            (&[0.5, 0.5], &[0.0, 0.0], Some(Fault::Black)),
            (&[0.2, 0.8], &[-3.0, -2.0], Some(Fault::Black)),
            (&[0.2, 0.8], &[0.4, 0.4], Some(Fault::Constant)),
            (&[0.2, 0.8], &[2.0, 3.0], Some(Fault::Constant)),
            (&[0.2, 0.8], &[0.2, f32::NAN], Some(Fault::NotFinite)),
            (&[0.0, 0.0], &[0.0, f32::INFINITY], Some(Fault::NotFinite)),
        ];
        for (before, after, fault) in cases {
            assert_eq!(span(before).expect("finite").fault(span(after)), fault, "{before:?} to {after:?}");
        }
        assert_eq!(Span::of(&Plane::filled(3, 3, f32::MAX), (0.0, 1.0)).map(|s| s.low), Some(1.0));
    }
}
