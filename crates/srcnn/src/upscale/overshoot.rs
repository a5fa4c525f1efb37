//! Overshoot: floating-point samples below black and above white.
//!
//! Networks are not trained on such values; they get the picture clamped to 0.0 to 1.0. The excess is resampled on its
//! own and added to the result. Excess above white and below black are resampled separately, so that the negative lobes
//! of the filter around highlights can be clipped, which would otherwise leave dark rings.

use std::borrow::Cow;

use super::error::UpscaleError;
use crate::image::{Image, Pixels, Samples};
use crate::plane::Plane;

/// Excess of each color channel above white and below black; empty if there is none.
#[derive(Debug, Default)]
pub(super) struct Overshoot {
    above: Vec<Plane<f32>>,
    below: Vec<Plane<f32>>,
}

impl Overshoot {
    /// Splits a picture into its samples clamped to black and white, and the excess.
    ///
    /// # Errors
    /// [`UpscaleError::NotFinite`].
    pub(super) fn cut(image: &Image) -> Result<(Cow<'_, Image>, Self), UpscaleError> {
        let Samples::F32(pixels) = image.samples() else { return Ok((Cow::Borrowed(image), Self::default())) };
        finite(pixels.as_slice())?;
        if pixels.as_slice().iter().all(|v| (0.0..=1.0).contains(v)) {
            return Ok((Cow::Borrowed(image), Self::default()));
        }
        let colors = image.channels() - usize::from(image.has_alpha());
        let above = (0..colors).map(|c| pixels.channel_map(c, |v| (v - 1.0).max(0.0))).collect();
        let below = (0..colors).map(|c| pixels.channel_map(c, |v| v.min(0.0))).collect();
        let mut within =
            Image::new(Samples::F32(pixels.map(|v| v.clamp(0.0, 1.0)))).expect("the channels of a picture");
        within.metadata = image.metadata.clone();
        Ok((Cow::Owned(within), Self { above, below }))
    }

    /// The excess in other planes.
    pub(super) fn map(self, f: impl Fn(Vec<Plane<f32>>) -> Vec<Plane<f32>>) -> Self {
        Self { above: f(self.above), below: f(self.below) }
    }

    /// The excess resampled, plane by plane.
    pub(super) fn resampled(&self, resample: impl Fn(&Plane<f32>) -> Plane<f32>) -> Self {
        let each = |planes: &[Plane<f32>]| planes.iter().map(&resample).collect();
        Self { above: each(&self.above), below: each(&self.below) }
    }

    /// Adds the excess to a result.
    fn add_to(&self, pixels: &mut Pixels<f32>) {
        let channels = pixels.channels();
        for (c, (above, below)) in self.above.iter().zip(&self.below).enumerate() {
            let color = pixels.as_mut_slice().iter_mut().skip(c).step_by(channels);
            for ((color, above), below) in color.zip(above.as_slice()).zip(below.as_slice()) {
                *color += above.max(0.0) + below.min(0.0);
            }
        }
    }
}

/// Adds the excess to a floating-point result, and clamps its alpha to 0.0 to 1.0.
///
/// # Errors
/// [`UpscaleError::NotFinite`].
pub(super) fn finish(image: &mut Image, overshoot: &Overshoot) -> Result<(), UpscaleError> {
    let has_alpha = image.has_alpha();
    let Some(pixels) = image.floats_mut() else { return Ok(()) };
    // Clipping would hide excess that filtering has made infinite or NaN.
    let planes = overshoot.above.iter().chain(&overshoot.below);
    planes.map(Plane::as_slice).try_for_each(finite)?;
    overshoot.add_to(pixels);
    let channels = pixels.channels();
    if has_alpha {
        pixels.as_mut_slice().iter_mut().skip(channels - 1).step_by(channels).for_each(|a| *a = a.clamp(0.0, 1.0));
    }
    finite(pixels.as_slice())
}

fn finite(samples: &[f32]) -> Result<(), UpscaleError> {
    if samples.iter().all(|v| v.is_finite()) { Ok(()) } else { Err(UpscaleError::NotFinite) }
}
