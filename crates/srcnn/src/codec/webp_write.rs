//! WebP files, written without loss.

use std::io::Write;

use super::companions::Companions;
use super::{EncodeError, directory};
use crate::image::{Image, Samples};

/// Writes a picture of 8 bits.
pub(super) fn write(image: &Image, with: Companions, out: &mut impl Write) -> Result<(), EncodeError> {
    let Samples::U8(pixels) = image.samples() else { unreachable!("fitted to 8 bits") };
    // There is no place for a density but in Exif.
    let density = with.density.filter(|density| density.per_metre().is_some());
    let mut encoder = image_webp::WebPEncoder::new(out);
    with.icc.into_iter().for_each(|icc| encoder.set_icc_profile(icc));
    let exif = with.exif.or_else(|| density.as_ref().map(directory::of_density));
    exif.into_iter().for_each(|exif| encoder.set_exif_metadata(exif));
    with.xmp.into_iter().for_each(|xmp| encoder.set_xmp_metadata(xmp));
    let colour = match pixels.channels() {
        1 => image_webp::ColorType::L8,
        2 => image_webp::ColorType::La8,
        3 => image_webp::ColorType::Rgb8,
        _ => image_webp::ColorType::Rgba8,
    };
    Ok(encoder.encode(pixels.as_slice(), pixels.width() as u32, pixels.height() as u32, colour)?)
}
