//! The size of the result.

use crate::Size;

/// The size of the result, for a picture of any size.
///
/// A side that follows from the aspect is rounded to the nearest pixel, halves up, and is at least one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// Each side `round(factor * side)`, no less than it is.
    Factor(f64),
    /// Exactly so wide and high, whatever becomes of the aspect.
    Exact(usize, usize),
    /// So wide; the height follows.
    Width(usize),
    /// So high; the width follows.
    Height(usize),
    /// The longer side.
    LongSide(usize),
    /// The shorter side.
    ShortSide(usize),
    /// The smallest enlargement with no side below these; a picture that has that stays as it is.
    AtLeast(usize, usize),
    /// The largest size of the picture's aspect inside this box.
    Fit(usize, usize),
    /// The picture's own: it is restored, as one that was enlarged before.
    SameSize,
}

impl Target {
    /// The size (width, height) that a picture of `size` becomes. Sides beyond counting saturate.
    pub fn of(self, size: Size) -> Size {
        let Size { width, height } = size;
        let wide = |w: usize| Size::new(w.max(1), follow(height, w, width));
        let high = |h: usize| Size::new(follow(width, h, height), h.max(1));
        let landscape = width >= height;
        // Whether the first side's factor, a / width, is above the second's, b / height.
        let steeper = |a: usize, b: usize| a as u128 * height as u128 > b as u128 * width as u128;
        match self {
            Self::Factor(factor) => scaled(size, factor),
            Self::Exact(w, h) => Size::new(w.max(1), h.max(1)),
            Self::SameSize => size,
            Self::Width(w) => wide(w),
            Self::Height(h) => high(h),
            Self::LongSide(n) if landscape => wide(n),
            Self::LongSide(n) => high(n),
            Self::ShortSide(n) if landscape => high(n),
            Self::ShortSide(n) => wide(n),
            Self::AtLeast(w, h) if width >= w && height >= h => size,
            Self::AtLeast(w, h) => {
                if steeper(w, h) {
                    wide(w)
                } else {
                    high(h)
                }
            }
            Self::Fit(w, h) => {
                if steeper(w, h) {
                    high(h)
                } else {
                    wide(w)
                }
            }
        }
    }

    /// The factor that a picture of `size` needs of a model: the larger one of its sides'; of [`Target::Factor`] that
    /// factor itself.
    pub fn factor(self, size: Size) -> f64 {
        if let Self::Factor(factor) = self {
            return factor;
        }
        let Size { width, height } = self.of(size);
        (width as f64 / size.width as f64).max(height as f64 / size.height as f64)
    }
}

/// `round(side * to / from)`, at least 1.
fn follow(side: usize, to: usize, from: usize) -> usize {
    let (side, to, from) = (side as u128, to as u128, from as u128);
    let rounded = side.saturating_mul(to).saturating_mul(2).saturating_add(from) / (2 * from);
    usize::try_from(rounded).unwrap_or(usize::MAX).max(1)
}

/// The size of a picture of `size` times `factor`: each side `round(factor * side)`, no less than it is.
pub fn scaled(size: Size, factor: f64) -> Size {
    // The cast saturates.
    size.map(|side| ((side as f64 * factor).round() as usize).max(side))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_met_to_the_pixel() {
        let cases = [
            ((300, 200), Target::Factor(1.7), (510, 340)),
            ((300, 200), Target::Exact(3840, 2160), (3840, 2160)),
            ((300, 200), Target::Width(1001), (1001, 667)),
            ((300, 200), Target::Height(1001), (1502, 1001)),
            ((300, 200), Target::LongSide(1000), (1000, 667)),
            ((200, 300), Target::LongSide(1000), (667, 1000)),
            ((300, 200), Target::ShortSide(1000), (1500, 1000)),
            ((200, 300), Target::ShortSide(1000), (1000, 1500)),
            ((300, 200), Target::AtLeast(600, 600), (900, 600)),
            ((300, 200), Target::AtLeast(300, 200), (300, 200)),
            ((300, 200), Target::AtLeast(10, 201), (302, 201)),
            ((300, 200), Target::Fit(600, 600), (600, 400)),
            ((300, 200), Target::Fit(1000, 300), (450, 300)),
            ((300, 200), Target::Fit(30, 30), (30, 20)),
            ((1000, 1), Target::Width(10), (10, 1)),
            ((1, 1), Target::Fit(7, 5), (5, 5)),
        ];
        for (size, target, expected) in cases {
            assert_eq!(target.of(size.into()), expected, "{target:?} of {size:?}");
        }
    }

    #[test]
    fn boxes_hold_and_are_held_at_every_shape() {
        for (width, height) in (1..40).flat_map(|w| (1..40).map(move |h| (w, h))) {
            for (w, h) in [(1, 1), (17, 5), (64, 64), (31, 97)] {
                let (fw, fh) = Target::Fit(w, h).of(Size { width, height }).into();
                assert!(fw <= w && fh <= h && (fw == w || fh == h), "{width}x{height} in {w}x{h}: {fw}x{fh}");
                let (aw, ah) = Target::AtLeast(w, h).of(Size { width, height }).into();
                assert!(aw >= w.max(width) && ah >= h.max(height), "{width}x{height} to {w}x{h}: {aw}x{ah}");
                assert!(aw == w || ah == h || (aw, ah) == (width, height));
            }
        }
    }

    #[test]
    fn sizes_beyond_counting_saturate() {
        assert_eq!(Target::Width(usize::MAX).of(Size::new(1, 2)), (usize::MAX, usize::MAX));
        assert_eq!(Target::Factor(1e300).of(Size::new(1, 2)), (usize::MAX, usize::MAX));
    }

    #[test]
    fn the_model_is_picked_for_the_steeper_side() {
        assert_eq!(Target::Exact(300, 200).factor(Size::new(100, 100)), 3.0);
        assert_eq!(Target::Fit(200, 300).factor(Size::new(100, 100)), 2.0);
        // What is rounded up to 2x2 pixels still needs no model of a larger factor than was asked for.
        assert_eq!(Target::Factor(1.5).factor(Size::new(1, 1)), 1.5);
    }
}
