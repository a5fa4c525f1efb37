//! CMYK to RGB: by the file's profile, so that the picture keeps its look, or else by `(1 - ink) * (1 - black)`.

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use srcnn_image::image::Change;

/// Amounts of ink to RGB; 255 is all of it. With a profile for CMYK the result is sRGB.
pub(crate) fn to_rgb(ink: &[u8], icc: Option<&[u8]>) -> (Vec<u8>, Change) {
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
