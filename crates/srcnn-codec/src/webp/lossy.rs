//! WebP with loss, by libwebp.

use webp::{Encoder, PixelLayout, WebPConfig, WebPEncodingError};

use srcnn_image::image::{Image, Samples};

use super::error::NAME;
use crate::encode_error::EncodeError;

/// Why libwebp did not encode a picture.
#[derive(Debug, thiserror::Error)]
enum LossyError {
    #[error("WebP with loss: the encoder is of another version")]
    Version,
    #[error("WebP with loss: {0:?}")]
    Refused(WebPEncodingError),
}

/// A file of a picture of 8 bits, at a quality of 1 to 100; alpha is kept exactly.
pub(crate) fn encode(image: &Image, quality: u8) -> Result<Vec<u8>, EncodeError> {
    let Samples::U8(pixels) = image.samples() else { unreachable!("converted to 8 bits") };
    let colored;
    let (pixels, layout) = match pixels.channels() {
        3 => (pixels, PixelLayout::Rgb),
        4 => (pixels, PixelLayout::Rgba),
        channels => {
            colored = pixels.map_pixels(channels + 2, |from, to: &mut [u8]| {
                to.fill(from[0]);
                to[3..].copy_from_slice(&from[1..]);
            });
            (&colored, if channels == 1 { PixelLayout::Rgb } else { PixelLayout::Rgba })
        }
    };
    let refused = |error: LossyError| EncodeError::encoder(NAME, error);
    let mut config = WebPConfig::new().map_err(|()| refused(LossyError::Version))?;
    config.quality = f32::from(quality);
    // Edges between colors do not bleed.
    config.use_sharp_yuv = 1;
    let encoder = Encoder::new(pixels.as_slice(), layout, pixels.width() as u32, pixels.height() as u32);
    let file = encoder.encode_advanced(&config).map_err(|error| refused(LossyError::Refused(error)))?;
    Ok(file.to_vec())
}
