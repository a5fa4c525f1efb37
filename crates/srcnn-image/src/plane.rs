//! Planes: single channels of pictures.

use crate::size::Size;

/// One channel: at least 1x1 samples, row by row from the top, without gaps.
///
/// Floating-point planes hold 0.0 for black and 1.0 for white; integer planes use the whole range of their type.
///
/// ```
/// use srcnn_image::Plane;
/// use srcnn_image::plane::Rect;
///
/// let plane = Plane::from_fn(4, 3, |x, y| (10 * y + x) as f32);
/// assert_eq!(plane.row(1), [10.0, 11.0, 12.0, 13.0]);
/// let part = plane.crop(Rect { x: 1, y: 1, width: 2, height: 2 })?;
/// assert_eq!(part.as_slice(), [11.0, 12.0, 21.0, 22.0]);
/// # Ok::<(), srcnn_image::plane::ShapeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Plane<T = f32> {
    width: usize,
    height: usize,
    data: Vec<T>,
}

/// A size, rectangle or number of samples that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// A width or height of zero.
    #[error("a picture of {width}x{height} has no pixels")]
    Empty {
        /// Width asked for.
        width: usize,
        /// Height asked for.
        height: usize,
    },
    /// The number of samples is not width x height x channels.
    #[error("{found} samples given, {expected} needed")]
    Length {
        /// Number of samples needed.
        expected: usize,
        /// Number of samples given.
        found: usize,
    },
    /// A rectangle exceeds the picture.
    #[error("a crop to {width}x{height} at ({x}, {y}) leaves the picture of {outer_width}x{outer_height}")]
    Outside {
        /// Left edge of the crop.
        x: usize,
        /// Top edge of the crop.
        y: usize,
        /// Width of the crop.
        width: usize,
        /// Height of the crop.
        height: usize,
        /// Width of the picture.
        outer_width: usize,
        /// Height of the picture.
        outer_height: usize,
    },
}

/// A rectangle in a picture, in pixels from its top left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    /// First column.
    pub x: usize,
    /// First row.
    pub y: usize,
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
}

impl Rect {
    /// Checks that the rectangle is not empty and lies inside a picture of `width` x `height`.
    ///
    /// # Errors
    /// [`ShapeError::Empty`], [`ShapeError::Outside`].
    pub fn check_inside(&self, width: usize, height: usize) -> Result<(), ShapeError> {
        if self.width == 0 || self.height == 0 {
            return Err(ShapeError::Empty { width: self.width, height: self.height });
        }
        let right = self.x.checked_add(self.width);
        let bottom = self.y.checked_add(self.height);
        if right.is_some_and(|r| r <= width) && bottom.is_some_and(|b| b <= height) {
            return Ok(());
        }
        Err(ShapeError::Outside {
            x: self.x,
            y: self.y,
            width: self.width,
            height: self.height,
            outer_width: width,
            outer_height: height,
        })
    }
}

/// Checks that `found` samples fill `width` x `height` x `channels`, none of which may be zero.
pub(crate) fn check_shape(width: usize, height: usize, channels: usize, found: usize) -> Result<(), ShapeError> {
    if width == 0 || height == 0 || channels == 0 {
        return Err(ShapeError::Empty { width, height });
    }
    let expected = width.saturating_mul(height).saturating_mul(channels);
    if expected != found {
        return Err(ShapeError::Length { expected, found });
    }
    Ok(())
}

impl<T: Copy> Plane<T> {
    /// Wraps `width * height` samples, row by row.
    ///
    /// # Errors
    /// [`ShapeError`] if a side is zero or the number of samples differs.
    pub fn new(width: usize, height: usize, data: Vec<T>) -> Result<Self, ShapeError> {
        check_shape(width, height, 1, data.len())?;
        Ok(Self { width, height, data })
    }

    /// A plane with all samples equal to `value`.
    ///
    /// # Panics
    /// If a side is zero.
    pub fn filled(width: usize, height: usize, value: T) -> Self {
        assert!(width > 0 && height > 0, "a plane has at least one sample");
        let count = width.checked_mul(height).expect("fewer samples than can be counted");
        Self { width, height, data: vec![value; count] }
    }

    /// A plane with the sample `f(x, y)` at column x, row y.
    ///
    /// # Panics
    /// If a side is zero.
    pub fn from_fn(width: usize, height: usize, mut f: impl FnMut(usize, usize) -> T) -> Self {
        assert!(width > 0 && height > 0, "a plane has at least one sample");
        let data = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| f(x, y)).collect();
        Self { width, height, data }
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Width and height.
    pub fn size(&self) -> Size {
        Size::new(self.width, self.height)
    }

    /// The samples of row `y`, left to right.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, y: usize) -> &[T] {
        &self.data[y * self.width..(y + 1) * self.width]
    }

    /// All samples, row by row.
    pub fn as_slice(&self) -> &[T] {
        &self.data
    }

    /// All samples, mutable.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.data
    }

    /// Converts into the vector of samples.
    pub fn into_vec(self) -> Vec<T> {
        self.data
    }

    /// Maps every sample by `f`.
    pub fn map<U>(&self, f: impl FnMut(T) -> U) -> Plane<U> {
        Plane { width: self.width, height: self.height, data: self.data.iter().copied().map(f).collect() }
    }

    /// A copy of a rectangle.
    ///
    /// # Errors
    /// [`ShapeError`] if the rectangle is empty or exceeds the plane.
    pub fn crop(&self, rect: Rect) -> Result<Self, ShapeError> {
        rect.check_inside(self.width, self.height)?;
        let mut data = Vec::with_capacity(rect.width * rect.height);
        (rect.y..rect.y + rect.height).for_each(|y| data.extend_from_slice(&self.row(y)[rect.x..rect.x + rect.width]));
        Ok(Self { width: rect.width, height: rect.height, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_must_fill_the_rectangle() {
        assert_eq!(Plane::new(2, 2, vec![0u8; 3]), Err(ShapeError::Length { expected: 4, found: 3 }));
        assert!(matches!(Plane::<u8>::new(0, 2, vec![]), Err(ShapeError::Empty { .. })));
        assert!(matches!(Plane::new(usize::MAX, 2, vec![0u8; 3]), Err(ShapeError::Length { .. })));
    }

    #[test]
    fn a_crop_keeps_its_rows_and_refuses_to_leave() {
        let plane = Plane::from_fn(4, 3, |x, y| 10 * y + x);
        let part = plane.crop(Rect { x: 1, y: 1, width: 2, height: 2 }).expect("inside");
        assert_eq!(part.as_slice(), [11, 12, 21, 22]);
        assert!(plane.crop(Rect { x: 3, y: 0, width: 2, height: 1 }).is_err());
        assert!(plane.crop(Rect { x: usize::MAX, y: 0, width: 2, height: 1 }).is_err());
    }
}
