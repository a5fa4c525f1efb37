//! The crops of the two evaluation procedures, as rectangles: of planes and of pictures alike.

use crate::plane::{Rect, ShapeError};
use crate::size::Size;

/// Cuts right and bottom to a multiple of `scale` (the paper's `modcrop.m`).
///
/// # Errors
/// [`ShapeError::Empty`] if nothing is left or `scale` is zero.
pub fn modcrop(size: impl Into<Size>, scale: usize) -> Result<Rect, ShapeError> {
    let Size { width, height } = size.into();
    let cut = |n: usize| n.checked_rem(scale).map_or(0, |rest| n - rest);
    non_empty(Rect { x: 0, y: 0, width: cut(width), height: cut(height) })
}

/// The Keras notebook's `modcrop`, with its slip: rows `0..h'`, columns `1..w'`, so the first column is lost as well.
///
/// # Errors
/// [`ShapeError::Empty`] if nothing is left or `scale` is zero.
pub fn modcrop_notebook(size: impl Into<Size>, scale: usize) -> Result<Rect, ShapeError> {
    let rect = modcrop(size, scale)?;
    non_empty(Rect { x: 1, width: rect.width - 1, ..rect })
}

/// Cuts `border` pixels from every side.
///
/// # Errors
/// [`ShapeError::Empty`] if nothing is left.
pub fn shave(size: impl Into<Size>, border: usize) -> Result<Rect, ShapeError> {
    let Size { width, height } = size.into();
    let cut = |n: usize| n.saturating_sub(border.saturating_mul(2));
    non_empty(Rect { x: border, y: border, width: cut(width), height: cut(height) })
}

fn non_empty(rect: Rect) -> Result<Rect, ShapeError> {
    if rect.width == 0 || rect.height == 0 {
        return Err(ShapeError::Empty { width: rect.width, height: rect.height });
    }
    Ok(rect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modcrop_keeps_the_top_left() {
        assert_eq!(modcrop((512, 344), 3), Ok(Rect { x: 0, y: 0, width: 510, height: 342 }));
        assert_eq!(modcrop((9, 9), 3), Ok(Rect { x: 0, y: 0, width: 9, height: 9 }));
        assert!(modcrop((2, 9), 3).is_err());
        assert!(modcrop((2, 9), 0).is_err());
    }

    #[test]
    fn the_notebook_loses_the_first_column() {
        assert_eq!(modcrop_notebook((512, 512), 3), Ok(Rect { x: 1, y: 0, width: 509, height: 510 }));
        assert!(modcrop_notebook((1, 9), 1).is_err());
    }

    #[test]
    fn shave_leaves_at_least_a_pixel() {
        assert_eq!(shave((7, 8), 3), Ok(Rect { x: 3, y: 3, width: 1, height: 2 }));
        assert!(shave((6, 8), 3).is_err());
        assert!(shave((6, 8), usize::MAX).is_err());
    }
}
