//! CMYK to RGB: by the file's profile, so that the picture keeps its look, or else by `(1 - ink) * (1 - black)`.

use std::sync::Arc;

use moxcms::{ColorProfile, DataColorSpace, Layout, Transform8BitExecutor, TransformOptions};

use srcnn_image::image::Change;

/// The conversion of amounts of ink to RGB; with a profile for CMYK the result is sRGB.
pub(crate) struct ToRgb {
    by_profile: Option<Arc<Transform8BitExecutor>>,
}

impl ToRgb {
    /// By a profile if there is one for CMYK.
    pub(crate) fn new(icc: Option<&[u8]>) -> Self {
        Self { by_profile: icc.and_then(transform) }
    }

    /// What becomes of the picture.
    pub(crate) fn change(&self) -> Change {
        if self.by_profile.is_some() { Change::CmykByProfile } else { Change::CmykByFormula }
    }

    /// Converts pixels; 255 is all of an ink.
    pub(crate) fn convert(&self, inks: &[u8]) -> Vec<u8> {
        let mut rgb = vec![0; inks.len() / 4 * 3];
        if self.by_profile.as_ref().is_some_and(|transform| transform.transform(inks, &mut rgb).is_ok()) {
            return rgb;
        }
        for ([c, m, y, k], rgb) in inks.as_chunks::<4>().0.iter().zip(rgb.as_chunks_mut::<3>().0) {
            let light = u32::from(255 - k);
            *rgb = [c, m, y].map(|ink| ((u32::from(255 - ink) * light + 127) / 255) as u8);
        }
        rgb
    }
}

/// A whole picture converted.
pub(crate) fn to_rgb(inks: &[u8], icc: Option<&[u8]>) -> (Vec<u8>, Change) {
    let conversion = ToRgb::new(icc);
    (conversion.convert(inks), conversion.change())
}

fn transform(icc: &[u8]) -> Option<Arc<Transform8BitExecutor>> {
    let profile = ColorProfile::new_from_slice(icc).ok().filter(|p| p.color_space == DataColorSpace::Cmyk)?;
    // Four inks are laid out like RGBA.
    let (inks, options) = (Layout::Rgba, TransformOptions::default());
    profile.create_transform_8bit(inks, &ColorProfile::new_srgb(), Layout::Rgb, options).ok()
}
