//! Bicubic and friends, as MATLAB, OpenCV and Pillow each compute them.
//!
//! They differ in where the centre of a pixel is, in the cubic's `a`, in what lies beyond the edge, and in whether
//! shrinking widens the filter. Scores depend on the choice, so there is no default: the caller names a [`Convention`].
//!
//! [`resize_u8`] is bit for bit what the named program gives for 8-bit pictures. [`resize_plane`] is the same
//! geometry and filter in floating point, for samples that were never integers.

pub mod matlab;
pub mod opencv;
pub mod pillow;
mod separable;

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::image::Pixels;
use crate::plane::Plane;
use crate::real::Real;
pub use matlab::Edge;
use separable::Taps;

/// Which program's resampling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Convention {
    /// MATLAB's `imresize`, bicubic (a = -0.5), widened when shrinking.
    MatlabBicubic(Edge),
    /// OpenCV's `INTER_LINEAR`: not widened when shrinking.
    OpencvLinear,
    /// OpenCV's `INTER_CUBIC` (a = -0.75): not widened when shrinking.
    OpencvCubic,
    /// OpenCV's `INTER_AREA`: the mean over the covered area when shrinking.
    OpencvArea,
    /// Pillow's `BICUBIC` (a = -0.5), widened when shrinking.
    PillowBicubic,
}

impl Convention {
    /// Every convention under its name; MATLAB's mirrored edges are the ones without a suffix.
    pub const NAMED: [(&'static str, Self); 6] = [
        ("matlab-bicubic", Self::MatlabBicubic(Edge::Mirror)),
        ("matlab-bicubic-clamped", Self::MatlabBicubic(Edge::Clamp)),
        ("opencv-linear", Self::OpencvLinear),
        ("opencv-cubic", Self::OpencvCubic),
        ("opencv-area", Self::OpencvArea),
        ("pillow-bicubic", Self::PillowBicubic),
    ];

    /// The name that [`FromStr`] reads.
    pub fn name(self) -> &'static str {
        let named = Self::NAMED.iter().find(|(_, c)| *c == self);
        named.map(|(name, _)| *name).expect("every convention has a name")
    }
}

impl TryFrom<String> for Convention {
    type Error = UnknownConvention;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

impl From<Convention> for String {
    fn from(convention: Convention) -> Self {
        convention.name().to_owned()
    }
}

impl fmt::Display for Convention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no [`Convention`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no way to resample; known are {}", Convention::NAMED.map(|(n, _)| n).join(", "))]
pub struct UnknownConvention {
    name: String,
}

impl FromStr for Convention {
    type Err = UnknownConvention;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let named = Self::NAMED.iter().find(|(n, _)| *n == name);
        named.map(|(_, c)| *c).ok_or_else(|| UnknownConvention { name: name.to_owned() })
    }
}

/// A size to resample to, or a combination of picture and convention, that has no meaning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResizeError {
    /// A side of zero was asked for.
    #[error("a picture cannot be resized to {width}x{height}")]
    Empty {
        /// Columns asked for.
        width: usize,
        /// Rows asked for.
        height: usize,
    },
    /// A factor that is not a positive number, or that gives a size beyond counting.
    #[error("a picture cannot be resized by a factor of {factor}")]
    Factor {
        /// The factor, as it prints.
        factor: String,
    },
}

/// Resizes 8-bit samples to `size` (width, height), bit for bit as the named program does.
///
/// Channels are independent, but for Pillow's, whose pictures of 2 and 4 channels are premultiplied by the last, their
/// alpha. MATLAB's scale is the ratio of the sizes; [`matlab::resize_by`] takes a factor instead.
///
/// # Errors
/// [`ResizeError::Empty`] if either size is zero.
pub fn resize_u8(pixels: &Pixels<u8>, size: (usize, usize), convention: Convention) -> Result<Pixels<u8>, ResizeError> {
    check(size)?;
    Ok(match convention {
        Convention::MatlabBicubic(edge) => {
            let planes: Vec<_> =
                pixels.to_planes().iter().map(|p| matlab::resize(p, size, edge)).collect::<Result<_, _>>()?;
            Pixels::from_planes(&planes)
        }
        Convention::OpencvLinear => opencv::linear(pixels, size),
        Convention::OpencvCubic => opencv::cubic(pixels, size),
        Convention::OpencvArea => opencv::area(pixels, size),
        Convention::PillowBicubic => pillow::bicubic(pixels, size),
    })
}

/// Resizes one plane to `size` (width, height) with the geometry and filter of `convention`, in floating point.
///
/// Weights are computed in f64, samples accumulated in `T`; results may leave 0..=1 (bicubic overshoots) and are not
/// clamped.
///
/// # Errors
/// [`ResizeError::Empty`] if either size is zero.
pub fn resize_plane<T: Real + matlab::Resizable>(
    plane: &Plane<T>,
    size: (usize, usize),
    convention: Convention,
) -> Result<Plane<T>, ResizeError> {
    Ok(Resizing::new(plane.size(), size, convention)?.rows(plane, 0, 0..size.1))
}

/// A way from one size to another, for rows at a time: what [`resize_plane`] gives, bit for bit, without the whole plane.
#[derive(Clone, Debug)]
pub struct Resizing {
    columns: Taps,
    rows: Taps,
    /// Whether rows are filtered before columns; floating-point sums depend on it.
    horizontal_first: bool,
}

impl Resizing {
    /// From size to size (width, height).
    ///
    /// # Errors
    /// [`ResizeError::Empty`] if a side is zero.
    pub fn new(from: (usize, usize), to: (usize, usize), convention: Convention) -> Result<Self, ResizeError> {
        check(from)?;
        check(to)?;
        let (columns, rows, horizontal_first) = match convention {
            Convention::MatlabBicubic(edge) => matlab::axes(from, to, edge),
            Convention::OpencvLinear => (opencv::linear_taps(from.0, to.0), opencv::linear_taps(from.1, to.1), true),
            Convention::OpencvCubic => (opencv::cubic_taps(from.0, to.0), opencv::cubic_taps(from.1, to.1), true),
            Convention::OpencvArea => {
                let (columns, rows) = opencv::area_taps(from, to);
                (columns, rows, true)
            }
            Convention::PillowBicubic => (pillow::bicubic_taps(from.0, to.0), pillow::bicubic_taps(from.1, to.1), true),
        };
        Ok(Self { columns, rows, horizontal_first })
    }

    /// MATLAB's bicubic on a picture whose copies lie next to each other, as a texture's do: a rule for edges that MATLAB
    /// has not.
    ///
    /// # Errors
    /// [`ResizeError::Empty`] if a side is zero.
    pub fn wrapped(from: (usize, usize), to: (usize, usize)) -> Result<Self, ResizeError> {
        check(from)?;
        check(to)?;
        let (columns, rows, horizontal_first) = matlab::wrapped_axes(from, to);
        Ok(Self { columns, rows, horizontal_first })
    }

    /// Bytes that a way from size to size takes at most, before it is made.
    pub fn bytes(from: (usize, usize), to: (usize, usize)) -> u64 {
        // The widest filter reads four samples of the smaller side's size, and begins and ends between samples; a list
        // that grows has up to twice the room that it needs.
        let axis = |from: usize, to: usize| {
            let taps = 4 * from.div_ceil(to.max(1)) as u64 + 3;
            let bytes = taps.saturating_mul(size_of::<(usize, f64)>() as u64) + size_of::<usize>() as u64;
            bytes.saturating_mul(2 * to as u64)
        };
        axis(from.0, to.0).saturating_add(axis(from.1, to.1))
    }

    /// The rows of the plane that rows `rows` of the result are made of.
    pub fn reads(&self, rows: Range<usize>) -> Range<usize> {
        self.rows.reads(rows)
    }

    /// Rows `rows` of the result; `part` has the plane's rows from `top` on, and all of [`Resizing::reads`].
    ///
    /// # Panics
    /// If it has not.
    pub fn rows<T: Real + matlab::Resizable>(&self, part: &Plane<T>, top: usize, rows: Range<usize>) -> Plane<T> {
        let rows = self.rows.part(rows, top);
        if self.horizontal_first {
            separable::vertical(&separable::horizontal(part, &self.columns), &rows)
        } else {
            separable::horizontal(&separable::vertical(part, &rows), &self.columns)
        }
    }
}

/// Refuses sizes without pixels.
fn check((width, height): (usize, usize)) -> Result<(), ResizeError> {
    if width == 0 || height == 0 { Err(ResizeError::Empty { width, height }) } else { Ok(()) }
}

/// The cubic convolution kernel (Keys 1981) with parameter `a`, at distance `x`.
fn cubic(x: f64, a: f64) -> f64 {
    let x = x.abs();
    if x <= 1.0 {
        ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a
    } else {
        0.0
    }
}
