//! Width and height.

use std::fmt;

/// Width and height of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Size {
    /// A size of `width` columns and `height` rows.
    pub const fn new(width: usize, height: usize) -> Self {
        Self { width, height }
    }

    /// Width times height; what is beyond `u64` saturates.
    pub fn pixels(self) -> u64 {
        (self.width as u64).saturating_mul(self.height as u64)
    }

    /// Both sides times `factor`; what is beyond `usize` saturates.
    pub fn times(self, factor: usize) -> Self {
        self.map(|side| side.saturating_mul(factor))
    }

    /// The size of sides `f(side)`.
    pub fn map(self, f: impl Fn(usize) -> usize) -> Self {
        Self { width: f(self.width), height: f(self.height) }
    }

    /// Height and width exchanged.
    pub fn transposed(self) -> Self {
        Self { width: self.height, height: self.width }
    }

    /// Whether either side is zero.
    pub fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// Whether neither side is longer than that of `other`.
    pub fn fits_in(self, other: Self) -> bool {
        self.width <= other.width && self.height <= other.height
    }
}

impl From<(usize, usize)> for Size {
    fn from((width, height): (usize, usize)) -> Self {
        Self { width, height }
    }
}

impl From<Size> for (usize, usize) {
    fn from(size: Size) -> Self {
        (size.width, size.height)
    }
}

impl PartialEq<(usize, usize)> for Size {
    fn eq(&self, other: &(usize, usize)) -> bool {
        *self == Self::from(*other)
    }
}

impl fmt::Display for Size {
    /// `640x480`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}
