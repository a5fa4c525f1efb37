//! Floating-point samples below black and above white.
//!
//! No network was trained on such values: it gets the picture cut to 0.0 ..= 1.0. The rest is resampled by itself and added to the
//! result, the part above white apart from the part below black, so that the negative lobes of the filter beside a highlight can
//! be cut, which would leave a dark ring.

use std::borrow::Cow;

use super::error::UpscaleError;
use crate::image::{Image, Pixels, Samples};
use crate::plane::Plane;

/// Of each color channel what was cut off, above white and below black; empty where that is nothing.
#[derive(Debug, Default)]
pub(super) struct Overshoot {
    above: Vec<Plane<f32>>,
    below: Vec<Plane<f32>>,
}

impl Overshoot {
    /// The picture between black and white, and what is beyond.
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

    /// The same, resampled.
    pub(super) fn map(&self, resample: impl Fn(&[Plane<f32>]) -> Vec<Plane<f32>>) -> Self {
        Self { above: resample(&self.above), below: resample(&self.below) }
    }

    /// Adds it to what became of the rest.
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

/// Adds to a result in floating point what is beyond, and cuts its alpha to what that can be.
///
/// # Errors
/// [`UpscaleError::NotFinite`].
pub(super) fn finish(image: &mut Image, overshoot: &Overshoot) -> Result<(), UpscaleError> {
    let has_alpha = image.has_alpha();
    let Some(pixels) = image.floats_mut() else { return Ok(()) };
    // What the swing of the filter made infinite, or no number, would pass for nothing.
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
