//! Degradations of pictures of any depth, by any factor.

use crate::Size;
use crate::image::{Image, Pixels, Samples};
use crate::plane::Plane;
use crate::resample::{Convention, ResizeError, matlab, resize_u8};

/// A picture cannot be degraded so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DegradeError {
    /// The factor or the size that follows from it.
    #[error(transparent)]
    Resize(#[from] ResizeError),
    /// A factor of one or less, or beyond the picture's longer side.
    #[error("a factor of {factor}: it must be above 1, and no more than the longer side")]
    Factor {
        /// The factor, as it prints.
        factor: String,
    },
    /// Floating-point samples that are infinite or no numbers, or become so by filtering.
    #[error("the picture has samples that are not finite numbers, or too large to filter")]
    NotFinite,
    /// Only MATLAB's arithmetic is defined on more than 8 bits.
    #[error("{convention} is defined on 8-bit samples only; this picture has more (matlab-bicubic takes any)")]
    Depth {
        /// The convention asked for.
        convention: Convention,
    },
}

/// Shrinks by `factor`, in the integer arithmetic of the named program.
///
/// MATLAB's sides become `ceil(side / factor)`, the others' `floor(side / factor)`, as their users write it. Alpha is
/// shrunk like a color.
///
/// # Errors
/// [`DegradeError`].
pub fn shrink(image: &Image, factor: f64, convention: Convention) -> Result<Image, DegradeError> {
    let longer = image.width().max(image.height()) as f64;
    if factor.is_nan() || factor <= 1.0 || factor > longer {
        return Err(DegradeError::Factor { factor: factor.to_string() });
    }
    if let Convention::MatlabBicubic(edge) = convention {
        let factor = 1.0 / factor;
        let by = |p: &Plane<_>| matlab::resize_by(p, factor, edge);
        return planes_of(image, by, |p| matlab::resize_by(p, factor, edge), |p| matlab::resize_by(p, factor, edge));
    }
    let side = |n: usize| (n as f64 / factor).floor() as usize;
    to_size(image, image.size().map(side), convention)
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
    let size = image.size();
    if let Convention::MatlabBicubic(edge) = convention {
        let eight = |p: &Plane<u8>| matlab::resize_by_to(p, factor, size, edge);
        let sixteen = |p: &Plane<u16>| matlab::resize_by_to(p, factor, size, edge);
        return planes_of(&small, eight, sixteen, |p| matlab::resize_by_to(p, factor, size, edge));
    }
    to_size(&small, size, convention)
}

/// Resizes each plane, in any depth.
fn planes_of(
    image: &Image,
    eight: impl Fn(&Plane<u8>) -> Result<Plane<u8>, ResizeError>,
    sixteen: impl Fn(&Plane<u16>) -> Result<Plane<u16>, ResizeError>,
    float: impl Fn(&Plane<f32>) -> Result<Plane<f32>, ResizeError>,
) -> Result<Image, DegradeError> {
    let samples = match image.samples() {
        Samples::U8(p) => {
            let planes: Vec<_> = p.to_planes().iter().map(eight).collect::<Result<_, _>>()?;
            Samples::U8(Pixels::from_planes(&planes))
        }
        Samples::U16(p) => {
            let planes: Vec<_> = p.to_planes().iter().map(sixteen).collect::<Result<_, _>>()?;
            Samples::U16(Pixels::from_planes(&planes))
        }
        Samples::F32(p) => {
            let mut planes: Vec<_> = p.to_planes().iter().map(float).collect::<Result<_, _>>()?;
            if image.has_alpha() {
                planes.last_mut().into_iter().for_each(|alpha| *alpha = alpha.map(|a| a.clamp(0.0, 1.0)));
            }
            if planes.iter().any(|plane| plane.as_slice().iter().any(|v| !v.is_finite())) {
                return Err(DegradeError::NotFinite);
            }
            Samples::F32(Pixels::from_planes(&planes))
        }
    };
    Ok(with_metadata(samples, image))
}

fn to_size(image: &Image, size: Size, convention: Convention) -> Result<Image, DegradeError> {
    match image.samples() {
        Samples::U8(p) => Ok(with_metadata(Samples::U8(resize_u8(p, size, convention)?), image)),
        Samples::U16(_) | Samples::F32(_) => Err(DegradeError::Depth { convention }),
    }
}

fn with_metadata(samples: Samples, from: &Image) -> Image {
    let mut image = Image::new(samples).expect("the channels of a picture");
    image.metadata = from.metadata.clone();
    image
}
