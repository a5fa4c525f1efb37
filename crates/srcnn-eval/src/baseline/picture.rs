//! Whole pictures through a baseline.

use srcnn::color::{LumaRange, Ycc};
use srcnn::image::{Depth, Image, Pixels, Samples};
use srcnn::plane::Plane;
use srcnn::progress::Progress;
use srcnn::resample::matlab::{Edge, resize};
use srcnn::upscale::{self, Surround, UpscaleError};

use super::{Baseline, BaselineError};

/// A picture cannot be enlarged.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Its luma.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    /// The rest of it.
    #[error(transparent)]
    Upscale(#[from] UpscaleError),
}

impl Baseline {
    /// Enlarges a picture by [`Baseline::scale`]: its luma by the method, chroma and alpha by MATLAB's bicubic. The result is in
    /// floating point, with the same metadata.
    ///
    /// # Errors
    /// [`PictureError`].
    pub fn enlarge(&self, image: &Image, progress: &dyn Progress) -> Result<Image, PictureError> {
        let ycc = Ycc::new(LumaRange::Studio);
        let image = image.clone().with_depth(Depth::Float);
        let size = (image.width() * self.scale(), image.height() * self.scale());
        let enlarged = upscale::resize(&image, size, Edge::Replicate)?;
        let seen = upscale::filled(&image, Edge::Replicate);
        let [r, g, b] = if image.is_grey() { [0; 3] } else { [0, 1, 2] }.map(|c| seen.channel::<f32>(c));
        let luma = Plane::from_fn(image.width(), image.height(), |x, y| {
            f64::from(ycc.from_rgb([r.row(y)[x], g.row(y)[x], b.row(y)[x]])[0].clamp(0.0, 1.0))
        });
        let plain = resize(&luma, size, Edge::Mirror).map_err(BaselineError::from)?;
        let better = self.upscale(&luma, size, progress)?;
        // Luma that is added adds to each color alike, and interpolation is linear: what chroma and bicubic luma give is there.
        let grey = |y: f64| ycc.grey_of_luma(y as f32);
        let more = plain.as_slice().iter().zip(better.as_slice()).map(|(plain, better)| grey(*better) - grey(*plain));
        let (channels, colors) = (enlarged.channels(), enlarged.channels() - usize::from(enlarged.has_alpha()));
        let Samples::F32(pixels) = enlarged.samples() else { unreachable!("floats stay floats") };
        let mut data = pixels.as_slice().to_vec();
        for (pixel, more) in data.chunks_exact_mut(channels).zip(more) {
            pixel[..colors].iter_mut().for_each(|v| *v += more);
        }
        let pixels = Pixels::new(size.0, size.1, channels, data).expect("as many samples as before");
        let mut result = Image::new(Samples::F32(pixels)).expect("the same channels");
        result.metadata = image.metadata;
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use srcnn::ImageFile;

    use super::*;
    use crate::baseline::Method;
    use srcnn::progress::Silent;

    #[test]
    fn a_picture_has_the_luma_that_the_method_gives() {
        let baseline = Baseline::builtin(Method::Anr, 2).expect("built in");
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../srcnn-fixtures/pictures/astronaut-61x47.png");
        let image = Image::open(path).expect("a fixture");
        let large = baseline.enlarge(&image, &Silent).expect("large enough");
        assert_eq!(large.size(), (122, 94));
        let ycc = Ycc::new(LumaRange::Studio);
        let luma = |image: &Image| {
            let [r, g, b] = [0, 1, 2].map(|c| image.channel::<f32>(c));
            Plane::from_fn(image.width(), image.height(), |x, y| {
                f64::from(ycc.from_rgb([r.row(y)[x], g.row(y)[x], b.row(y)[x]])[0])
            })
        };
        let expected = baseline.upscale(&luma(&image), (122, 94), &Silent).expect("its size");
        for (is, should) in luma(&large).as_slice().iter().zip(expected.as_slice()) {
            assert!((is - should).abs() < 1e-5, "{is}, not {should}");
        }
        // What alpha hides does not show.
        let hiding = |hidden: u8| {
            let data =
                (0..24 * 24).flat_map(|i| if i % 24 < 12 { [120, 120, 120, 255] } else { [hidden, hidden, hidden, 0] });
            let image = Image::from_u8(Pixels::new(24, 24, 4, data.collect()).expect("filled")).expect("RGBA");
            baseline.enlarge(&image, &Silent).expect("large enough").channel::<f32>(0)
        };
        let (black, white) = (hiding(0), hiding(255));
        assert_eq!(black, white);
        assert!(black.row(20)[..24].iter().all(|v| (v - 120.0 / 255.0).abs() < 1e-3), "{:?}", black.row(20));
        // Grey stays grey, alpha what bicubic makes of it.
        let grey = Image::from_u8(image.to_u8().map_pixels(2, |from, to| to.copy_from_slice(&[from[1], from[0]])));
        let grey = grey.expect("grey and alpha");
        let large = baseline.enlarge(&grey, &Silent).expect("large enough");
        let bicubic = upscale::resize(&grey.with_depth(Depth::Float), (122, 94), Edge::Replicate).expect("a size");
        assert_eq!(large.alpha::<f32>(), bicubic.alpha::<f32>());
        assert_eq!(large.channels(), 2);
    }
}
