//! Resampling of planes in floating point, as a whole or some rows at a time.

use std::borrow::Cow;
use std::ops::Range;

use super::convention::Convention;
use super::error::{ResizeError, check};
use super::separable::{self, Columns, Horizontal, ROWS};
use super::taps::Taps;
use super::{matlab, opencv, pillow};
use crate::buffers::Buffers;
use crate::edge::Edge;
use crate::parallel;
use crate::plane::Plane;
use crate::real::Real;
use crate::size::Size;

/// Resizes one plane to `size` with the geometry and filter of `convention`, in floating point.
///
/// Weights are computed in f64, samples summed in `T`. Results may leave 0.0 to 1.0 (bicubic overshoots) and are not
/// clamped.
///
/// ```
/// use srcnn_image::Plane;
/// use srcnn_image::resample::{Convention, Edge, resize_plane};
///
/// let plane = Plane::filled(4, 4, 0.25f32);
/// let large = resize_plane(&plane, (8, 6), Convention::MatlabBicubic(Edge::Mirror))?;
/// assert_eq!(large.size(), (8, 6));
/// # Ok::<(), srcnn_image::resample::ResizeError>(())
/// ```
///
/// # Errors
/// [`ResizeError::Empty`] if either size is zero.
pub fn resize_plane<T: Real + matlab::Resizable>(
    plane: &Plane<T>,
    size: impl Into<Size>,
    convention: Convention,
) -> Result<Plane<T>, ResizeError> {
    let size = size.into();
    Ok(Resampler::new(plane.size(), size, convention)?.rows(plane, 0, 0..size.height))
}

/// The filters from one size to another, applicable to some rows at a time. The rows are equal, bit for bit, to those
/// of [`resize_plane`].
#[derive(Clone, Debug)]
pub struct Resampler {
    columns: Columns,
    rows: Taps,
    /// Whether the horizontal pass comes first; floating-point sums depend on it.
    horizontal_first: bool,
    /// Whether rows at one edge depend on rows at the opposite edge.
    wraps: bool,
}

impl Resampler {
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
        let wraps = convention == Convention::MatlabBicubic(Edge::Wrap);
        Ok(Self { columns: Columns::new(columns, from.width), rows, horizontal_first, wraps })
    }

    /// Upper bound of the bytes that the filters between two sizes take, known before they are made.
    pub fn bytes(from: Size, to: Size) -> u64 {
        // The widest filter covers four samples of the smaller scale, plus partial samples at its ends; a growing
        // vector may have twice the capacity that it needs.
        let axis = |from: usize, to: usize| {
            let taps = 4 * from.div_ceil(to.max(1)) as u64 + 3;
            let bytes = taps.saturating_mul(size_of::<(usize, f64)>() as u64) + size_of::<usize>() as u64;
            (bytes.saturating_mul(2 * to as u64), taps.saturating_mul(to as u64))
        };
        let ((columns, weights), (rows, _)) = (axis(from.width, to.width), axis(from.height, to.height));
        columns.saturating_add(rows).saturating_add(weights.saturating_mul(size_of::<f32>() as u64))
    }

    /// Whether rows at one edge depend on rows at the opposite edge, so that all are needed at once.
    pub fn wraps(&self) -> bool {
        self.wraps
    }

    /// The rows of the input that rows `rows` of the result depend on.
    pub fn reads(&self, rows: Range<usize>) -> Range<usize> {
        self.rows.reads(rows)
    }

    /// Computes rows `rows` of the result. `part` has the input's rows from `top` on, including all of
    /// [`Resampler::reads`].
    ///
    /// # Panics
    /// If a needed row is missing.
    pub fn rows<T: Real + matlab::Resizable>(&self, part: &Plane<T>, top: usize, rows: Range<usize>) -> Plane<T> {
        let part = self.prepared(Cow::Borrowed(part));
        self.on(&part, top).rows(rows)
    }

    /// [`Resampler::rows`] in memory of `buffers`.
    ///
    /// # Panics
    /// If a needed row is missing.
    pub fn rows_in(&self, part: &Plane<f32>, top: usize, rows: Range<usize>, buffers: &Buffers) -> Plane<f32> {
        let part = self.prepared(Cow::Borrowed(part));
        let out = buffers.take(self.columns.len() * rows.len());
        self.on(&part, top).rows_to(rows, out)
    }

    /// Whether the horizontal pass comes first, so that a [prepared](Self::prepared) plane has the result's width.
    pub fn is_horizontal_first(&self) -> bool {
        self.horizontal_first
    }

    /// A plane ready for [`Resampler::on`]: filtered horizontally if that comes first, else as it is.
    pub fn prepared<'a, T: Real + matlab::Resizable>(&self, part: Cow<'a, Plane<T>>) -> Cow<'a, Plane<T>> {
        match self.horizontal_first {
            true => Cow::Owned(separable::horizontal(&part, &self.columns.of())),
            false => part,
        }
    }

    /// The result of the filters on a plane, whose rows can be computed where they are needed. `part` is
    /// [prepared](Self::prepared), and has the rows from `top` on.
    pub fn on<'a, T: Real + matlab::Resizable>(&'a self, part: &'a Plane<T>, top: usize) -> Resampled<'a, T> {
        let columns = (!self.horizontal_first).then(|| self.columns.of());
        Resampled { part, top, rows: &self.rows, columns, width: self.columns.len() }
    }
}

/// The result of a [`Resampler`] on a plane.
#[derive(Clone, Debug)]
pub struct Resampled<'a, T: Real + matlab::Resizable> {
    /// The plane, filtered horizontally already if that comes first.
    part: &'a Plane<T>,
    top: usize,
    rows: &'a Taps,
    /// The horizontal filter; none if the plane is filtered by it.
    columns: Option<Horizontal<'a, T>>,
    /// Width of the result.
    width: usize,
}

/// Buffers of a thread that computes rows of [`Resampled`].
#[derive(Clone, Debug)]
pub struct Scratch<T: Real + matlab::Resizable> {
    buffers: separable::Scratch<T>,
    rows: Vec<T>,
}

impl<T: Real + matlab::Resizable> Default for Scratch<T> {
    fn default() -> Self {
        Self { buffers: separable::Scratch::default(), rows: Vec::new() }
    }
}

impl<T: Real + matlab::Resizable> Resampled<'_, T> {
    /// Rows `rows` of the result.
    ///
    /// # Panics
    /// If a needed row is missing.
    pub fn rows(&self, rows: Range<usize>) -> Plane<T> {
        let out = vec![T::default(); self.width * rows.len()];
        self.rows_to(rows, out)
    }

    fn rows_to(&self, rows: Range<usize>, mut out: Vec<T>) -> Plane<T> {
        let width = self.width;
        parallel::for_each_with(out.chunks_mut(width * ROWS).enumerate(), Scratch::default, |scratch, (i, out)| {
            let first = rows.start + i * ROWS;
            self.fill(first..first + out.len() / width, scratch, out);
        });
        Plane::new(width, rows.len(), out).expect("one row an output position")
    }

    /// Rows that are best computed together: one, or as many as share vectors.
    pub fn rows_together(&self) -> usize {
        self.columns.as_ref().map_or(1, |columns| if columns.is_enlargement() { 1 } else { ROWS })
    }

    /// Writes rows `rows` of the result to `out`, one after the other.
    ///
    /// # Panics
    /// If a needed row is missing, or `out` has another length.
    pub fn fill(&self, rows: Range<usize>, scratch: &mut Scratch<T>, out: &mut [T]) {
        assert_eq!(out.len(), rows.len() * self.width, "room for the rows");
        let (narrow, Scratch { buffers, rows: between }) = (self.part.width(), scratch);
        for (first, out) in rows.clone().step_by(ROWS).zip(out.chunks_mut(ROWS * self.width)) {
            let count = out.len() / self.width;
            let mut vertical = |out: &mut [T]| {
                for (y, out) in (first..).zip(out.chunks_exact_mut(narrow)) {
                    separable::vertical_row(self.part, self.top, self.rows, y, buffers, out);
                }
            };
            let Some(columns) = &self.columns else {
                vertical(out);
                continue;
            };
            between.resize(ROWS * narrow, T::default());
            vertical(&mut between[..count * narrow]);
            columns.run(&between[..count * narrow], narrow, buffers, out);
        }
    }
}
