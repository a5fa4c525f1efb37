//! Results that no picture can have become by a network that works.

use crate::parallel;
use crate::plane::Plane;

/// What is wrong with what a network gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Infinite values, or none at all.
    NotFinite,
    /// Black where the picture is not.
    Black,
    /// One value where the picture has several.
    Constant,
}

impl Fault {
    /// `black, and the picture is not`.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::NotFinite => "not finite",
            Self::Black => "black, and the picture is not",
            Self::Constant => "one even tone, and the picture is not",
        }
    }
}

/// What must be seen of a picture before its loss counts: 16 levels of 255, far above what rounding or the fading of a single
/// dot could take away.
const SEEN: f32 = 16.0 / 255.0;
/// Half a level of 8 bits: what is below is rounded to nothing.
const NOTHING: f32 = 0.5 / 255.0;

/// The lowest and the highest value, neither below black nor above white.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    low: f32,
    high: f32,
}

impl Span {
    /// Of samples in which `black` and `white` are that; none if any is not finite.
    pub(super) fn of(plane: &Plane<f32>, (black, white): (f32, f32)) -> Option<Self> {
        let bounds = |values: &[f32]| {
            // Not `f32::min` and `max`: what they do about NaN takes several instructions.
            let low = values.iter().fold(f32::INFINITY, |a, &v| if v < a { v } else { a });
            let high = values.iter().fold(f32::NEG_INFINITY, |a, &v| if v > a { v } else { a });
            // Zero times what is not finite is NaN.
            let zeros = values.iter().fold(0.0, |a, v| a + v * 0.0);
            (low, high, zeros == 0.0)
        };
        let both = |a: (f32, f32, bool), b: (f32, f32, bool)| (a.0.min(b.0), a.1.max(b.1), a.2 && b.2);
        let start = (f32::INFINITY, f32::NEG_INFINITY, true);
        let (low, high, finite) = parallel::map(plane.as_slice().chunks(4096), bounds).into_iter().fold(start, both);
        let unit = |v: f32| -> f32 { ((v - black) / (white - black)).clamp(0.0, 1.0) };
        finite.then(|| Self { low: unit(low), high: unit(high) })
    }

    /// Of both.
    pub(super) fn and(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// What is wrong with a result, if anything is, given what went in.
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
