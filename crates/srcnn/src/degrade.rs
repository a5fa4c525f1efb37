//! What makes a good picture a bad one: shrunk and enlarged again, as a network sees it in training.

use crate::image::{Image, Pixels, Samples};
use crate::plane::{Plane, Rect};
use crate::resample::{Convention, ResizeError, matlab, resize_u8};

/// A picture cannot be degraded so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DegradeError {
    /// The factor or the size that follows from it.
    #[error(transparent)]
    Resize(#[from] ResizeError),
    /// A factor of one or less.
    #[error("a factor of {factor} does not shrink; it must be above 1")]
    Factor {
        /// The factor, as it prints.
        factor: String,
    },
    /// Only MATLAB's arithmetic is defined on more than 8 bits.
    #[error("{convention} is defined on 8-bit samples only; this picture has 16 bits (matlab-bicubic takes both)")]
    Depth {
        /// The convention asked for.
        convention: Convention,
    },
}

/// Shrinks by `factor`, in the integer arithmetic of the named program.
///
/// MATLAB's sides become `ceil(side / factor)`, the others' `floor(side / factor)`, as their users write it. Alpha is
/// shrunk like a colour.
///
/// # Errors
/// [`DegradeError`].
pub fn shrink(image: &Image, factor: f64, convention: Convention) -> Result<Image, DegradeError> {
    if factor.is_nan() || factor <= 1.0 {
        return Err(DegradeError::Factor { factor: factor.to_string() });
    }
    match convention {
        Convention::MatlabBicubic(edge) => matlab_by(image, 1.0 / factor, edge),
        Convention::OpencvLinear | Convention::OpencvCubic | Convention::OpencvArea | Convention::PillowBicubic => {
            let side = |n: usize| (n as f64 / factor).floor() as usize;
            to_size(image, (side(image.width()), side(image.height())), convention)
        }
    }
}

/// Shrinks by `factor` and enlarges to the size of before.
///
/// With MATLAB's convention the picture is enlarged by the same factor and cut, right and bottom, to the size of
/// before, so that the pixels of a size that is no multiple keep their places.
///
/// # Errors
/// [`DegradeError`].
pub fn shrink_and_enlarge(image: &Image, factor: f64, convention: Convention) -> Result<Image, DegradeError> {
    let small = shrink(image, factor, convention)?;
    let (width, height) = image.size();
    match convention {
        Convention::MatlabBicubic(edge) => {
            let large = matlab_by(&small, factor, edge)?;
            let part = large.crop(Rect { x: 0, y: 0, width, height });
            Ok(part.expect("a side that was rounded up is enlarged to no less than before"))
        }
        Convention::OpencvLinear | Convention::OpencvCubic | Convention::OpencvArea | Convention::PillowBicubic => {
            to_size(&small, (width, height), convention)
        }
    }
}

fn matlab_by(image: &Image, factor: f64, edge: matlab::Edge) -> Result<Image, DegradeError> {
    fn planes<T: matlab::Resizable>(p: &Pixels<T>, factor: f64, edge: matlab::Edge) -> Result<Pixels<T>, ResizeError> {
        let planes = p.to_planes();
        let planes: Vec<Plane<T>> =
            planes.iter().map(|p| matlab::resize_by(p, factor, edge)).collect::<Result<_, _>>()?;
        Ok(Pixels::from_planes(&planes))
    }
    let samples = match image.samples() {
        Samples::U8(p) => Samples::U8(planes(p, factor, edge)?),
        Samples::U16(p) => Samples::U16(planes(p, factor, edge)?),
    };
    Ok(with_metadata(samples, image))
}

fn to_size(image: &Image, size: (usize, usize), convention: Convention) -> Result<Image, DegradeError> {
    match image.samples() {
        Samples::U8(p) => Ok(with_metadata(Samples::U8(resize_u8(p, size, convention)?), image)),
        Samples::U16(_) => Err(DegradeError::Depth { convention }),
    }
}

fn with_metadata(samples: Samples, from: &Image) -> Image {
    let mut image = Image::new(samples).expect("the channels of a picture");
    image.metadata = from.metadata.clone();
    image
}
