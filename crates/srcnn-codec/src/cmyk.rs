//! CMYK to RGB: by the file's profile, so that the picture keeps its look, or by the usual formula.

use image::error::DecodingError;
use image::{DynamicImage, ImageError, ImageFormat, RgbImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;

use super::DecodeError;
use super::container::jpeg_segments;
use srcnn_image::image::Change;

/// Amounts of ink to RGB; 255 is all of it. With a profile for CMYK the result is sRGB.
pub(super) fn to_rgb(ink: &[u8], icc: Option<&[u8]>) -> (Vec<u8>, Change) {
    let mut rgb = vec![0; ink.len() / 4 * 3];
    if icc.and_then(|icc| by_profile(ink, icc, &mut rgb)).is_some() {
        return (rgb, Change::CmykByProfile);
    }
    for ([c, m, y, k], rgb) in ink.as_chunks::<4>().0.iter().zip(rgb.as_chunks_mut::<3>().0) {
        let light = u32::from(255 - k);
        *rgb = [c, m, y].map(|ink| ((u32::from(255 - ink) * light + 127) / 255) as u8);
    }
    (rgb, Change::CmykByFormula)
}

fn by_profile(ink: &[u8], icc: &[u8], rgb: &mut [u8]) -> Option<()> {
    let profile = ColorProfile::new_from_slice(icc).ok().filter(|p| p.color_space == DataColorSpace::Cmyk)?;
    // Four inks are laid out like RGBA.
    let (inks, options) = (Layout::Rgba, TransformOptions::default());
    let transform = profile.create_transform_8bit(inks, &ColorProfile::new_srgb(), Layout::Rgb, options).ok()?;
    transform.transform(ink, rgb).ok()
}

/// A JPEG file of four components, which `image` would convert without its profile; none if it has fewer.
pub(super) fn jpeg(bytes: &[u8], icc: Option<&[u8]>) -> Result<Option<(DynamicImage, Change)>, DecodeError> {
    let components = jpeg_segments(bytes).find(|(code, ..)| matches!(code, 0xC0..=0xC2));
    if components.and_then(|(_, data, _)| data.get(5).copied()) != Some(4) {
        return Ok(None);
    }
    let refused = |e: zune_jpeg::errors::DecodeErrors| {
        let error = DecodingError::new(ImageFormat::Jpeg.into(), e.to_string());
        DecodeError::Decoder(ImageError::Decoding(error))
    };
    let options = DecoderOptions::default().set_strict_mode(false).set_max_width(usize::MAX).set_max_height(usize::MAX);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(refused)?;
    let stored = decoder.input_colorspace().ok_or(DecodeError::Crash)?;
    if !matches!(stored, ColorSpace::CMYK | ColorSpace::YCCK) {
        return Ok(None);
    }
    let (width, height) = decoder.dimensions().ok_or(DecodeError::Crash)?;
    decoder.set_options(options.jpeg_set_out_colorspace(stored));
    let mut ink = decoder.decode().map_err(refused)?;
    let adobe = jpeg_segments(bytes).any(|(code, data, _)| code == 0xEE && data.starts_with(b"Adobe"));
    if stored == ColorSpace::YCCK {
        // What Adobe stores is the complement of ink: as YCC, then, of the ink itself in place of red, green and blue.
        for [y, cb, cr, k] in ink.as_chunks_mut::<4>().0 {
            let [luma, blue, red] = [f32::from(*y), f32::from(*cb) - 128.0, f32::from(*cr) - 128.0];
            let inks = [luma + 1.402 * red, luma - 0.344_136 * blue - 0.714_136 * red, luma + 1.772 * blue];
            [*y, *cb, *cr] = inks.map(|v| v.round().clamp(0.0, 255.0) as u8);
            *k = 255 - *k;
        }
    } else if adobe {
        ink.iter_mut().for_each(|v| *v = 255 - *v);
    }
    let (rgb, change) = to_rgb(&ink, icc);
    let rgb = RgbImage::from_raw(width as u32, height as u32, rgb).ok_or(DecodeError::Truncated)?;
    Ok(Some((rgb.into(), change)))
}
