//! Luma of 8-bit pictures, as the published procedures compute it.

use super::ycc::LumaRange;
use super::{matlab, opencv};
use crate::image::Pixels;
use crate::plane::Plane;

/// The luma of a picture of 1 to 4 channels: MATLAB's in studio range, OpenCV's in full range. A grey picture is its own luma;
/// alpha has no effect.
pub fn luma_u8(pixels: &Pixels<u8>, range: LumaRange) -> Plane<u8> {
    match range {
        LumaRange::Studio => matlab::luma_plane(pixels),
        LumaRange::Full if pixels.channels() <= 2 => pixels.channel(0),
        LumaRange::Full => {
            let luma = |from: &[u8], to: &mut [u8]| to[0] = opencv::rgb_to_ycrcb([from[0], from[1], from[2]])[0];
            pixels.map_pixels(1, luma).channel(0)
        }
    }
}
