//! MATLAB's `imresize`, bicubic with antialiasing.
//!
//! The kernel is cubic with a = -0.5, widened by 1 / scale when shrinking. Output position `i` (from 1) has its centre
//! at `u = i / scale + 0.5 (1 - 1 / scale)`. Its taps start at `floor(u - kw / 2)` and cover `ceil(kw) + 2` samples,
//! where `kw` is 4, or 4 / scale when shrinking; their weights are normalised. The axis with the smaller scale is
//! resized first, the vertical one if both are equal. Integer samples are rounded after each pass.

use super::cubic::cubic;
use super::error::{ResizeError, check};
use super::sample::Sample;
use super::separable::{Horizontal, horizontal, vertical};
use super::taps::Taps;
use crate::edge::Edge;
use crate::plane::Plane;
use crate::size::Size;

/// Type of samples that [`resize`] takes: `u8` and `u16` (rounded after each pass), `f32` and `f64` (0.0 to 1.0, not
/// clamped).
#[expect(private_bounds, reason = "the arithmetic of samples is an implementation detail")]
pub trait Resizable: Sample {}
impl<S: Sample> Resizable for S {}

/// MATLAB's `imresize(plane, [height width], 'bicubic')`: the scale of each axis is the ratio of the sizes.
///
/// # Errors
/// [`ResizeError::Empty`] if either size is zero.
pub fn resize<S: Resizable>(plane: &Plane<S>, size: impl Into<Size>, edge: Edge) -> Result<Plane<S>, ResizeError> {
    let size = size.into();
    check(size)?;
    let scale = (size.width as f64 / plane.width() as f64, size.height as f64 / plane.height() as f64);
    Ok(resize_axes(plane, size, scale, edge))
}

/// MATLAB's `imresize(plane, factor, 'bicubic')`: each side becomes `ceil(factor * side)`.
///
/// # Errors
/// [`ResizeError::Factor`] if the factor is not a positive number, or the result is too large to count.
pub fn resize_by<S: Resizable>(plane: &Plane<S>, factor: f64, edge: Edge) -> Result<Plane<S>, ResizeError> {
    let refuse = || ResizeError::Factor { factor: factor.to_string() };
    if !(factor.is_finite() && factor > 0.0) {
        return Err(refuse());
    }
    let side = |n: usize| {
        let side = (factor * n as f64).ceil();
        if side < f64::from(u32::MAX) { Ok(side as usize) } else { Err(refuse()) }
    };
    let size = Size::new(side(plane.width())?, side(plane.height())?);
    check(size)?;
    Ok(resize_axes(plane, size, (factor, factor), edge))
}

/// MATLAB's `imresize` by `factor`, but with the result cropped on the right and at the bottom to `size`.
///
/// # Errors
/// [`ResizeError`] if a size is zero or the factor is not a positive number.
pub fn resize_by_to<S: Resizable>(
    plane: &Plane<S>,
    factor: f64,
    size: impl Into<Size>,
    edge: Edge,
) -> Result<Plane<S>, ResizeError> {
    if !(factor.is_finite() && factor > 0.0) {
        return Err(ResizeError::Factor { factor: factor.to_string() });
    }
    let size = size.into();
    check(size)?;
    Ok(resize_axes(plane, size, (factor, factor), edge))
}

/// Taps of the columns and the rows, and whether the horizontal pass comes first.
pub(super) fn axes(from: Size, size: Size, edge: Edge) -> (Taps, Taps, bool) {
    let scale = (size.width as f64 / from.width as f64, size.height as f64 / from.height as f64);
    (taps(from.width, size.width, scale.0, edge), taps(from.height, size.height, scale.1, edge), scale.0 < scale.1)
}

fn resize_axes<S: Sample>(plane: &Plane<S>, size: Size, scale: (f64, f64), edge: Edge) -> Plane<S> {
    let columns = taps(plane.width(), size.width, scale.0, edge);
    let rows = taps(plane.height(), size.height, scale.1, edge);
    if scale.0 < scale.1 {
        vertical(&horizontal(plane, &Horizontal::new(&columns)), &rows)
    } else {
        horizontal(&vertical(plane, &rows), &Horizontal::new(&columns))
    }
}

fn taps(input: usize, output: usize, scale: f64, edge: Edge) -> Taps {
    let stretch = scale.min(1.0);
    let kernel_width = 4.0 / stretch;
    let count = kernel_width.ceil() as i64 + 2;
    let mut taps = Taps::new();
    for i in 1..=output {
        let centre = i as f64 / scale + 0.5 * (1.0 - 1.0 / scale);
        let first = (centre - kernel_width / 2.0).floor() as i64;
        let positions = first..first + count;
        let weight = |j: i64| stretch * cubic(stretch * (centre - j as f64), -0.5);
        let sum: f64 = positions.clone().map(weight).sum();
        let pairs = positions.map(|j| (edge.position(j - 1, input), weight(j) / sum));
        taps.push(pairs.filter(|&(_, w)| w != 0.0));
    }
    taps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_stays_constant_at_any_factor() {
        for factor in [1.0 / 3.0, 0.5, 0.77, 1.0, 1.7, 2.0, 4.0] {
            for edge in [Edge::Mirror, Edge::Replicate, Edge::Wrap] {
                let out = resize_by(&Plane::filled(7, 5, 0.25f64), factor, edge).expect("sizes above zero");
                assert!(out.as_slice().iter().all(|v| (v - 0.25).abs() < 1e-14), "{factor} {edge:?}");
            }
        }
    }

    #[test]
    fn the_size_is_rounded_up_and_bad_factors_are_refused() {
        let plane = Plane::filled(7, 5, 0u8);
        assert_eq!(resize_by(&plane, 0.5, Edge::Mirror).map(|p| p.size()), Ok(Size::new(4, 3)));
        for factor in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e30] {
            assert!(resize_by(&plane, factor, Edge::Mirror).is_err(), "{factor}");
        }
        assert!(resize(&plane, (0, 3), Edge::Mirror).is_err());
    }
}
