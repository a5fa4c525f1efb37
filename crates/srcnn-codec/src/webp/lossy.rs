//! WebP with loss, by libwebp.

use webp::{Encoder, PixelLayout, WebPConfig, WebPEncodingError};

use srcnn_image::image::{Image, Pixels, Samples};

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
    // Edges between colors do not bleed; where there are none, it is the same without.
    config.use_sharp_yuv = i32::from(!is_grey(pixels));
    let encoder = Encoder::new(pixels.as_slice(), layout, pixels.width() as u32, pixels.height() as u32);
    let file = encoder.encode_advanced(&config).map_err(|error| refused(LossyError::Refused(error)))?;
    Ok(file.to_vec())
}

fn is_grey(pixels: &Pixels<u8>) -> bool {
    fn is_so<const N: usize>(samples: &[u8]) -> bool {
        samples.as_chunks::<N>().0.iter().all(|p| p[0] == p[1] && p[1] == p[2])
    }
    if pixels.channels() == 3 { is_so::<3>(pixels.as_slice()) } else { is_so::<4>(pixels.as_slice()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grey_is_the_same_without_care_for_edges() {
        let noise = |i: usize| (i.wrapping_mul(2_654_435_761) >> 13) as u8;
        let (width, height) = (67, 45);
        for sample in [noise, |i| (i % 67 * 4) as u8, |i| if i % 5 == 0 { 255 } else { 0 }] {
            let samples: Vec<u8> = (0..width * height).flat_map(|i| [sample(i); 3]).collect();
            for quality in [10.0, 90.0, 100.0] {
                let mut config = WebPConfig::new().expect("of this version");
                config.quality = quality;
                let [plain, sharp] = [0, 1].map(|sharp| {
                    config.use_sharp_yuv = sharp;
                    let encoder = Encoder::new(&samples, PixelLayout::Rgb, width as u32, height as u32);
                    encoder.encode_advanced(&config).expect("it fits").to_vec()
                });
                assert!(plain == sharp, "quality {quality}");
            }
        }
    }
}
