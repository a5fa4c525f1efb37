//! One picture as a network sees it, and as it should be.

use std::path::Path;

use srcnn::ImageFile;
use srcnn::color::{LumaRange, luma_u8, matlab as matlab_color};
use srcnn::crop::modcrop;
use srcnn::degrade::Degradation;
use srcnn::image::Image;
use srcnn::model::Input;
use srcnn::plane::Plane;

use super::DataError;
use crate::config::Config;

/// Input and truth, planes of one size: the channels of a network.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Shrunk and enlarged again; 0.0 to 1.0, but for overshoot.
    pub input: Vec<Plane<f32>>,
    /// As it was.
    pub truth: Vec<Plane<u8>>,
}

/// Reads a picture as the channels that a network works on: luma; red, green and blue; or MATLAB's Y, Cb and Cr. A grey
/// picture's samples are its luma, as they are, but for a network on YCbCr, where they are those of its equal colors.
///
/// # Errors
/// [`DataError::Picture`].
pub fn read_planes(path: &Path, input: Input, luma: LumaRange) -> Result<Vec<Plane<u8>>, DataError> {
    let image = Image::open(path)?;
    Ok(match (input, luma) {
        (Input::Rgb, _) => image.to_rgb8().to_planes(),
        (Input::Ycbcr, _) => {
            let ycbcr = |from: &[u8], to: &mut [u8]| {
                to.copy_from_slice(&matlab_color::rgb_to_ycbcr([from[0], from[1], from[2]]));
            };
            image.to_rgb8().map_pixels(3, ycbcr).to_planes()
        }
        (Input::Y, range) => vec![luma_u8(&image.to_u8(), range)],
    })
}

/// Cuts planes to a multiple of `scale` and degrades them as `config` says.
///
/// # Errors
/// Those of cutting and resampling, for pictures that are too small.
pub fn make_pair(
    planes: &[Plane<u8>],
    scale: usize,
    config: &Config,
) -> Result<Pair, Box<dyn std::error::Error + Send + Sync>> {
    let rect = modcrop(planes[0].size(), scale)?;
    let truth = planes.iter().map(|p| p.crop(rect)).collect::<Result<Vec<_>, _>>()?;
    let degradation = Degradation { convention: config.degradation, round: config.round };
    let degraded = degradation.planes(&truth, scale)?;
    Ok(Pair { input: degraded.large.iter().map(|plane| plane.map(|v| v as f32)).collect(), truth })
}

impl Pair {
    /// Mean squared error of the input, samples from 0 to 1.
    pub(super) fn error(&self) -> f64 {
        let samples = self.input.iter().zip(&self.truth).flat_map(|(a, b)| a.as_slice().iter().zip(b.as_slice()));
        let (mut sum, mut count) = (0.0, 0usize);
        for (a, b) in samples {
            sum += (f64::from(*a) - f64::from(*b) / 255.0).powi(2);
            count += 1;
        }
        sum / count as f64
    }
}
