//! Pictures coded as WebP, without metadata: stills and frames.

use srcnn_image::image::{Image, Samples};

use super::error::not_written;
use super::riff::{self, SAMPLES};
use crate::encode_error::EncodeError;
use crate::options::EncodeOptions;

/// Pixels that a side has at most.
pub(super) fn longest(options: &EncodeOptions) -> usize {
    if options.lossy { (1 << 14) - 1 } else { 1 << 14 }
}

/// The chunks of a coded picture of 8 bits.
pub(super) fn coded(image: &Image, options: &EncodeOptions) -> Result<Vec<u8>, EncodeError> {
    if image.width().max(image.height()) > longest(options) {
        return Err(EncodeError::Sides { most: longest(options) });
    }
    let file = if options.lossy { with_loss(image, options.quality)? } else { without_loss(image)? };
    let parts = riff::chunks(riff::body(&file)).filter(|(kind, _)| SAMPLES.contains(&kind));
    Ok(parts.filter_map(|(kind, data)| riff::chunk(&kind, &[data])).flatten().collect())
}

#[cfg(feature = "lossy-webp")]
use super::lossy::encode as with_loss;

#[cfg(not(feature = "lossy-webp"))]
fn with_loss(_image: &Image, _quality: u8) -> Result<Vec<u8>, EncodeError> {
    Err(EncodeError::NoLossyEncoder)
}

fn without_loss(image: &Image) -> Result<Vec<u8>, EncodeError> {
    let Samples::U8(pixels) = image.samples() else { unreachable!("converted to 8 bits") };
    let color = match pixels.channels() {
        1 => image_webp::ColorType::L8,
        2 => image_webp::ColorType::La8,
        3 => image_webp::ColorType::Rgb8,
        _ => image_webp::ColorType::Rgba8,
    };
    let mut file = Vec::new();
    let encoder = image_webp::WebPEncoder::new(&mut file);
    let (width, height) = (pixels.width() as u32, pixels.height() as u32);
    encoder.encode(pixels.as_slice(), width, height, color).map_err(not_written)?;
    Ok(file)
}
