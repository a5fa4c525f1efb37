//! Degradation of 8-bit planes, by a whole factor.

use crate::Size;
use crate::image::Pixels;
use crate::plane::Plane;
use crate::quantize::to_u8;
use crate::resample::{Convention, Edge, ResizeError, matlab, resize_u8};

/// Rules by which 8-bit pictures are shrunk and enlarged again.
///
/// ```
/// use srcnn::Plane;
/// use srcnn::degrade::Degradation;
///
/// let degraded = Degradation::PAPER.planes(&[Plane::filled(12, 9, 200u8)], 3)?;
/// assert_eq!(degraded.small[0].size(), (4, 3));
/// assert_eq!(degraded.large[0].size(), (12, 9));
/// # Ok::<(), srcnn::resample::ResizeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Degradation {
    /// The resampling. MATLAB's is computed in f64, where only the small picture may be rounded; the others' in the
    /// integer arithmetic of 8-bit pictures.
    pub convention: Convention,
    /// Whether MATLAB's small picture is rounded to 8 bits, as in a file; the others' always is.
    pub round: bool,
}

/// Degraded planes, 0.0 to 1.0 except for overshoot.
#[derive(Clone, Debug)]
pub struct Degraded {
    /// The shrunk planes.
    pub small: Vec<Plane<f64>>,
    /// The shrunk planes, enlarged to the original size.
    pub large: Vec<Plane<f64>>,
}

impl Degradation {
    /// The SRCNN paper's degradation: MATLAB's bicubic with mirrored edges, without rounding.
    pub const PAPER: Self = Self { convention: Convention::MatlabBicubic(Edge::Mirror), round: false };
    /// The Keras notebook's degradation: OpenCV's bilinear on 8 bits.
    pub const KERAS: Self = Self { convention: Convention::OpencvLinear, round: true };

    /// Shrinks planes of one size to `floor(side / scale)`, and enlarges them to their old size.
    ///
    /// # Errors
    /// [`ResizeError::Empty`] if a side is shorter than `scale`.
    ///
    /// # Panics
    /// If there is no plane, their sizes differ, or `scale` is zero.
    pub fn planes(&self, planes: &[Plane<u8>], scale: usize) -> Result<Degraded, ResizeError> {
        let unit = |v: u8| f64::from(v) / 255.0;
        let Convention::MatlabBicubic(edge) = self.convention else {
            let [small, large] = self.pixels(&Pixels::from_planes(planes), scale)?;
            let planes = |pixels: &Pixels<u8>| pixels.to_planes().iter().map(|p| p.map(unit)).collect();
            return Ok(Degraded { small: planes(&small), large: planes(&large) });
        };
        let size = planes[0].size();
        let shrink = |plane: &Plane<u8>| {
            let small = matlab::resize(&plane.map(unit), shrunk(size, scale), edge)?;
            Ok(if self.round { small.map(|v| unit(to_u8(v))) } else { small })
        };
        let small = planes.iter().map(shrink).collect::<Result<Vec<_>, ResizeError>>()?;
        let large = small.iter().map(|plane| matlab::resize(plane, size, edge)).collect::<Result<_, _>>()?;
        Ok(Degraded { small, large })
    }

    /// Shrinks a picture to `floor(side / scale)` and enlarges it to its old size, both in 8 bits. Returns the small
    /// picture, then the enlarged one.
    ///
    /// # Errors
    /// [`ResizeError::Empty`] if a side is shorter than `scale`.
    ///
    /// # Panics
    /// If `scale` is zero.
    pub fn pixels(&self, pixels: &Pixels<u8>, scale: usize) -> Result<[Pixels<u8>; 2], ResizeError> {
        let small = resize_u8(pixels, shrunk(pixels.size(), scale), self.convention)?;
        let large = resize_u8(&small, pixels.size(), self.convention)?;
        Ok([small, large])
    }
}

fn shrunk(size: Size, scale: usize) -> Size {
    size.map(|side| side / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_recipe_rounds_has_whole_levels() {
        let plane = Plane::from_fn(13, 11, |x, y| (x * 19 + y * 7 % 50) as u8);
        let whole =
            |planes: &[Plane<f64>]| planes[0].as_slice().iter().all(|v| (v * 255.0 - (v * 255.0).round()).abs() < 1e-9);
        let rounded = Degradation { round: true, ..Degradation::PAPER };
        for (degradation, small, large) in
            [(Degradation::PAPER, false, false), (rounded, true, false), (Degradation::KERAS, true, true)]
        {
            let degraded = degradation.planes(std::slice::from_ref(&plane), 3).expect("large enough");
            assert_eq!(degraded.small[0].size(), (4, 3));
            assert_eq!(degraded.large[0].size(), (13, 11));
            assert_eq!((whole(&degraded.small), whole(&degraded.large)), (small, large), "{degradation:?}");
        }
        assert!(Degradation::PAPER.planes(&[plane], 12).is_err());
    }
}
