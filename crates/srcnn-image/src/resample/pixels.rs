//! Pictures of 8 bits, bit for bit as each program resizes them.

use super::convention::Convention;
use super::error::{ResizeError, check};
use super::{matlab, opencv, pillow};
use crate::image::Pixels;
use crate::size::Size;

/// Resizes 8-bit samples to `size`, bit for bit as the named program does.
///
/// Channels are independent, but for Pillow's, whose pictures of 2 and 4 channels are premultiplied by the last, their
/// alpha. MATLAB's scale is the ratio of the sizes; [`matlab::resize_by`] takes a factor instead.
///
/// # Errors
/// [`ResizeError::Empty`] if either size is zero.
pub fn resize_u8(
    pixels: &Pixels<u8>,
    size: impl Into<Size>,
    convention: Convention,
) -> Result<Pixels<u8>, ResizeError> {
    let size = size.into();
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
