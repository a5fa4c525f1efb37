//! Planes in floating point, whole or some rows at a time.

use std::ops::Range;

use super::convention::Convention;
use super::error::{ResizeError, check};
use super::separable::{self, Taps};
use super::{matlab, opencv, pillow};
use crate::plane::Plane;
use crate::real::Real;
use crate::size::Size;

/// Resizes one plane to `size` with the geometry and filter of `convention`, in floating point.
///
/// Weights are computed in f64, samples accumulated in `T`; results may leave 0..=1 (bicubic overshoots) and are not
/// clamped.
///
/// # Errors
/// [`ResizeError::Empty`] if either size is zero.
pub fn resize_plane<T: Real + matlab::Resizable>(
    plane: &Plane<T>,
    size: impl Into<Size>,
    convention: Convention,
) -> Result<Plane<T>, ResizeError> {
    let size = size.into();
    Ok(Resizing::new(plane.size(), size, convention)?.rows(plane, 0, 0..size.height))
}

/// The filters from one size to another, for some rows at a time: bit for bit the rows that [`resize_plane`] gives.
#[derive(Clone, Debug)]
pub struct Resizing {
    columns: Taps,
    rows: Taps,
    /// Whether rows are filtered before columns; floating-point sums depend on it.
    horizontal_first: bool,
}

impl Resizing {
    /// The filters from size `from` to size `to`.
    ///
    /// # Errors
    /// [`ResizeError::Empty`] if a side is zero.
    pub fn new(from: Size, to: Size, convention: Convention) -> Result<Self, ResizeError> {
        check(from)?;
        check(to)?;
        let (columns, rows, horizontal_first) = match convention {
            Convention::MatlabBicubic(edge) => matlab::axes(from, to, edge),
            Convention::OpencvLinear => {
                (opencv::linear_taps(from.width, to.width), opencv::linear_taps(from.height, to.height), true)
            }
            Convention::OpencvCubic => {
                (opencv::cubic_taps(from.width, to.width), opencv::cubic_taps(from.height, to.height), true)
            }
            Convention::OpencvArea => {
                let (columns, rows) = opencv::area_taps(from, to);
                (columns, rows, true)
            }
            Convention::PillowBicubic => {
                (pillow::bicubic_taps(from.width, to.width), pillow::bicubic_taps(from.height, to.height), true)
            }
        };
        Ok(Self { columns, rows, horizontal_first })
    }

    /// The most bytes that the filters from size to size take, before they are made.
    pub fn bytes(from: Size, to: Size) -> u64 {
        // The widest filter reads four samples of the smaller side's size, and begins and ends between samples; a list
        // that grows has up to twice the room that it needs.
        let axis = |from: usize, to: usize| {
            let taps = 4 * from.div_ceil(to.max(1)) as u64 + 3;
            let bytes = taps.saturating_mul(size_of::<(usize, f64)>() as u64) + size_of::<usize>() as u64;
            bytes.saturating_mul(2 * to as u64)
        };
        axis(from.width, to.width).saturating_add(axis(from.height, to.height))
    }

    /// The rows of the plane that rows `rows` of the result depend on.
    pub fn reads(&self, rows: Range<usize>) -> Range<usize> {
        self.rows.reads(rows)
    }

    /// Rows `rows` of the result; `part` has the plane's rows from `top` on, and all of [`Resizing::reads`].
    ///
    /// # Panics
    /// If a row that is needed is missing.
    pub fn rows<T: Real + matlab::Resizable>(&self, part: &Plane<T>, top: usize, rows: Range<usize>) -> Plane<T> {
        let rows = self.rows.part(rows, top);
        if self.horizontal_first {
            separable::vertical(&separable::horizontal(part, &self.columns), &rows)
        } else {
            separable::horizontal(&separable::vertical(part, &rows), &self.columns)
        }
    }
}
