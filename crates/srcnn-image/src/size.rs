//! Sizes of pictures.

use std::fmt;

/// Width and height of a picture, in pixels.
///
/// ```
/// use srcnn_image::Size;
///
/// let size = Size::new(640, 480);
/// assert_eq!(size.times(2), (1280, 960));
/// assert_eq!(size.to_string(), "640x480");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    /// Width.
    pub width: usize,
    /// Height.
    pub height: usize,
}

impl Size {
    /// A size of `width` columns and `height` rows.
    pub const fn new(width: usize, height: usize) -> Self {
        Self { width, height }
    }

    /// Number of pixels, saturated to `u64`.
    pub fn pixels(self) -> u64 {
        (self.width as u64).saturating_mul(self.height as u64)
    }

    /// Both sides multiplied by `factor`, saturated to `usize`.
    pub fn times(self, factor: usize) -> Self {
        self.map(|side| side.saturating_mul(factor))
    }

    /// Maps both sides by `f`.
    pub fn map(self, f: impl Fn(usize) -> usize) -> Self {
        Self { width: f(self.width), height: f(self.height) }
    }

    /// Width and height exchanged.
    pub fn transposed(self) -> Self {
        Self { width: self.height, height: self.width }
    }

    /// Whether either side is zero.
    pub fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// Whether both sides are at most those of `other`.
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
