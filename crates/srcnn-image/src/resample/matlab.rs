//! MATLAB's `imresize`, bicubic with antialiasing.
//!
//! The kernel is cubic with a = -0.5, stretched by 1/scale when shrinking. Output position `i` (from 1) has its centre
//! at `u = i / scale + 0.5 (1 - 1 / scale)`; its taps run from `floor(u - kw / 2)` over `ceil(kw) + 2` samples, where
//! `kw` is 4, or 4 / scale when shrinking, and their weights are normalised. The axis with the smaller scale goes
//! first, the vertical one if they are equal. Integer samples are rounded after each pass.

use super::separable::{Sample, Taps, horizontal, vertical};
use super::{ResizeError, check, cubic};
use crate::plane::Plane;

/// What lies beyond the edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Mirrored, the edge sample repeated: `[1..n, n..1]`. MATLAB today.
    Mirror,
    /// The edge sample for ever: older MATLABs.
    Clamp,
}

/// A sample that [`resize`] takes: `u8` and `u16` (rounded after each pass), `f32` and `f64` (0.0 to 1.0, not clamped).
#[expect(private_bounds, reason = "how samples are summed is nobody else's business")]
pub trait Resizable: Sample {}
impl<S: Sample> Resizable for S {}

/// `imresize(plane, [height width], 'bicubic')`: the scale of each axis is the ratio of the sizes.
///
/// # Errors
/// [`ResizeError::Empty`] if either size is zero.
pub fn resize<S: Resizable>(plane: &Plane<S>, size: (usize, usize), edge: Edge) -> Result<Plane<S>, ResizeError> {
    check(size)?;
    let scale = (size.0 as f64 / plane.width() as f64, size.1 as f64 / plane.height() as f64);
    Ok(resize_axes(plane, size, scale, edge))
}

/// `imresize(plane, factor, 'bicubic')`: each side becomes `ceil(factor * side)`.
///
/// # Errors
/// [`ResizeError::Factor`] if the factor is not a positive number or the result is larger than can be counted.
pub fn resize_by<S: Resizable>(plane: &Plane<S>, factor: f64, edge: Edge) -> Result<Plane<S>, ResizeError> {
    let refuse = || ResizeError::Factor { factor: factor.to_string() };
    if !(factor.is_finite() && factor > 0.0) {
        return Err(refuse());
    }
    let side = |n: usize| {
        let side = (factor * n as f64).ceil();
        if side < f64::from(u32::MAX) { Ok(side as usize) } else { Err(refuse()) }
    };
    let size = (side(plane.width())?, side(plane.height())?);
    check(size)?;
    Ok(resize_axes(plane, size, (factor, factor), edge))
}

/// `imresize` by `factor`, but for its size: `size` may cut the result short, right and bottom.
///
/// # Errors
/// [`ResizeError`] if a size is zero or the factor is not a positive number.
pub fn resize_by_to<S: Resizable>(
    plane: &Plane<S>,
    factor: f64,
    size: (usize, usize),
    edge: Edge,
) -> Result<Plane<S>, ResizeError> {
    if !(factor.is_finite() && factor > 0.0) {
        return Err(ResizeError::Factor { factor: factor.to_string() });
    }
    check(size)?;
    Ok(resize_axes(plane, size, (factor, factor), edge))
}

/// The taps of both axes, and whether the horizontal one goes first.
pub(super) fn axes(from: (usize, usize), size: (usize, usize), edge: Edge) -> (Taps, Taps, bool) {
    axes_beyond(from, size, |j, n| beyond(j, n, edge))
}

/// The same filter, on a picture whose copies lie next to each other: not MATLAB's, which knows no such edge.
pub(super) fn wrapped_axes(from: (usize, usize), size: (usize, usize)) -> (Taps, Taps, bool) {
    axes_beyond(from, size, |j, n| j.rem_euclid(n as i64) as usize)
}

fn axes_beyond(from: (usize, usize), size: (usize, usize), beyond: impl Fn(i64, usize) -> usize) -> (Taps, Taps, bool) {
    let scale = (size.0 as f64 / from.0 as f64, size.1 as f64 / from.1 as f64);
    (taps(from.0, size.0, scale.0, &beyond), taps(from.1, size.1, scale.1, &beyond), scale.0 < scale.1)
}

fn resize_axes<S: Sample>(plane: &Plane<S>, size: (usize, usize), scale: (f64, f64), edge: Edge) -> Plane<S> {
    let beyond = |j, n| beyond(j, n, edge);
    let columns = taps(plane.width(), size.0, scale.0, beyond);
    let rows = taps(plane.height(), size.1, scale.1, beyond);
    if scale.0 < scale.1 {
        vertical(&horizontal(plane, &columns), &rows)
    } else {
        horizontal(&vertical(plane, &rows), &columns)
    }
}

fn taps(input: usize, output: usize, scale: f64, beyond: impl Fn(i64, usize) -> usize) -> Taps {
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
        let pairs = positions.map(|j| (beyond(j - 1, input), weight(j) / sum));
        taps.push(pairs.filter(|&(_, w)| w != 0.0));
    }
    taps
}

/// The sample that stands for position `j` (from 0, any sign).
fn beyond(j: i64, n: usize, edge: Edge) -> usize {
    let n = n as i64;
    let inside = match edge {
        Edge::Clamp => j.clamp(0, n - 1),
        Edge::Mirror => {
            let k = j.rem_euclid(2 * n);
            if k < n { k } else { 2 * n - 1 - k }
        }
    };
    inside as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_edge_rules_stay_inside() {
        let at = |j, edge| beyond(j, 3, edge);
        assert_eq!((-4..7).map(|j| at(j, Edge::Clamp)).collect::<Vec<_>>(), [0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2]);
        assert_eq!((-4..7).map(|j| at(j, Edge::Mirror)).collect::<Vec<_>>(), [2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0]);
    }

    #[test]
    fn a_constant_stays_constant_at_any_factor() {
        for factor in [1.0 / 3.0, 0.5, 0.77, 1.0, 1.7, 2.0, 4.0] {
            for edge in [Edge::Mirror, Edge::Clamp] {
                let out = resize_by(&Plane::filled(7, 5, 0.25f64), factor, edge).expect("sizes above zero");
                assert!(out.as_slice().iter().all(|v| (v - 0.25).abs() < 1e-14), "{factor} {edge:?}");
            }
        }
    }

    #[test]
    fn the_size_is_rounded_up_and_bad_factors_are_refused() {
        let plane = Plane::filled(7, 5, 0u8);
        assert_eq!(resize_by(&plane, 0.5, Edge::Mirror).map(|p| p.size()), Ok((4, 3)));
        for factor in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e30] {
            assert!(resize_by(&plane, factor, Edge::Mirror).is_err(), "{factor}");
        }
        assert!(resize(&plane, (0, 3), Edge::Mirror).is_err());
    }
}
