//! Baselines as restorers of pictures.

use std::ops::Range;
use std::sync::Arc;

use srcnn::Size;
use srcnn::degrade::Degraded;
use srcnn::engine::EngineError;
use srcnn::plane::Plane;
use srcnn::progress::Progress;
use srcnn::resample::{Convention, Edge, Resampler};
use srcnn::upscale::{Pass, Restorer, UpscaleError, rows_of};

use super::anchored::Anchored;
use super::coding::Coder;
use super::course::Course;
use super::error::BaselineError;
use super::trained::{Baseline, Kind};

impl From<BaselineError> for UpscaleError {
    fn from(error: BaselineError) -> Self {
        match error {
            BaselineError::Cancelled => Self::Engine(EngineError::Cancelled),
            BaselineError::Resize(error) => Self::Resize(error),
            other => Self::Restorer(Arc::new(other)),
        }
    }
}

impl Restorer for Baseline {
    fn name(&self) -> &str {
        self.method().name()
    }

    fn scale(&self) -> usize {
        self.scale
    }

    fn pass(&self, from: Size, to: Size) -> Result<Box<dyn Pass>, UpscaleError> {
        let expected = from.times(self.scale);
        if to != expected {
            return Err(BaselineError::Size { scale: self.scale, expected, found: to }.into());
        }
        Ok(match &self.kind {
            Kind::Sc { ready, .. } => Box::new(CodingPass { coder: Arc::clone(ready), small: from, large: to }),
            Kind::Anr { ready, .. } | Kind::APlus { ready, .. } => Box::new(AnchoredPass {
                anchored: Arc::clone(ready),
                resampler: Resampler::new(from, to, Convention::MatlabBicubic(Edge::Mirror))?,
                small: from,
                large: to,
            }),
        })
    }

    fn margin(&self, _scale: usize) -> usize {
        match self.kind {
            // The influence of back-projection fades within a few pixels.
            Kind::Sc { .. } => 16,
            // A window, a derivative, and the interpolation before it.
            Kind::Anr { .. } | Kind::APlus { .. } => 6,
        }
    }

    fn restore(&self, degraded: &Degraded, progress: &dyn Progress) -> Result<Vec<Plane<f64>>, UpscaleError> {
        let [small] = &degraded.small[..] else {
            return Err(EngineError::Planes { expected: 1, found: degraded.small.len() }.into());
        };
        Ok(vec![self.upscale(small, small.size().times(self.scale), progress)?])
    }

    fn small_picture_scale(&self) -> Option<usize> {
        Some(self.scale)
    }
}

/// Memory for a pixel of the result, in bytes: features, sums and lumas, in single and double precision.
const PIXEL: u64 = 96;
/// Memory for a column and thread, in bytes: products with all atoms, and the rows in work.
const COLUMN: u64 = 6 << 10;

/// Memory for rows of the result, in bytes.
fn bytes(width: usize, rows: usize) -> u64 {
    let columns = (width as u64).saturating_mul(COLUMN * (rayon::current_num_threads() as u64 + 1));
    (width as u64).saturating_mul(rows as u64).saturating_mul(PIXEL).saturating_add(columns)
}

/// Anchored regression of one size.
struct AnchoredPass {
    anchored: Arc<Anchored>,
    resampler: Resampler,
    small: Size,
    large: Size,
}

impl Pass for AnchoredPass {
    fn reads(&self, rows: Range<usize>) -> Range<usize> {
        self.anchored.reads(&self.resampler, self.small, rows)
    }

    fn bytes(&self, rows: Range<usize>) -> u64 {
        let reads = self.reads(rows);
        bytes(self.large.width, reads.len().saturating_mul(self.large.height / self.small.height))
    }

    fn run(
        &self,
        planes: Vec<Plane<f32>>,
        top: usize,
        rows: &Range<usize>,
        progress: &dyn Progress,
    ) -> Result<Vec<Plane<f32>>, UpscaleError> {
        let part = planes[0].map(f64::from);
        let mut course = Course::new(progress, Size::new(self.large.width, rows.len()).pixels());
        let rows = self.anchored.rows(&self.resampler, self.small, (&part, top), rows.clone(), &mut course)?;
        Ok(vec![rows.map(|v| v as f32)])
    }
}

/// Sparse coding of one size, all rows at once: back-projection needs the whole picture.
struct CodingPass {
    coder: Arc<Coder>,
    small: Size,
    large: Size,
}

impl Pass for CodingPass {
    fn needs_all_rows(&self) -> bool {
        true
    }

    fn reads(&self, _rows: Range<usize>) -> Range<usize> {
        0..self.small.height
    }

    fn bytes(&self, _rows: Range<usize>) -> u64 {
        bytes(self.large.width, self.large.height)
    }

    fn run(
        &self,
        planes: Vec<Plane<f32>>,
        _top: usize,
        rows: &Range<usize>,
        progress: &dyn Progress,
    ) -> Result<Vec<Plane<f32>>, UpscaleError> {
        let mut course = Course::new(progress, self.large.pixels());
        let large = self.coder.upscale(&planes[0].map(f64::from), &mut course)?;
        Ok(vec![rows_of(large.map(|v| v as f32), 0, rows)])
    }
}

#[cfg(test)]
mod tests {
    use srcnn::color::{LumaRange, Ycc};
    use srcnn::image::{Depth, Image, Pixels, Samples};
    use srcnn::progress::Silent;
    use srcnn::rows::{Held, RowBuffer, Rows, Shape};
    use srcnn::upscale::{Bicubic, Target, Upscaler};
    use srcnn::{ImageFile, Limits};

    use super::*;
    use crate::baseline::Method;

    fn astronaut() -> Image {
        Image::open(srcnn_fixtures::path("pictures/astronaut-61x47.png")).expect("a fixture")
    }

    fn enlarge(restorer: impl Restorer + 'static, image: &Image) -> Image {
        let upscaler = Upscaler::of(Arc::new(restorer)).target(Target::Factor(2.0)).build().expect("luma");
        upscaler.run(image).expect("large enough")
    }

    fn builtin(method: Method) -> Baseline {
        Baseline::builtin(method, 2).expect("built in")
    }

    #[test]
    fn a_picture_has_the_luma_that_the_method_gives() {
        let baseline = builtin(Method::Anr);
        let image = astronaut().with_depth(Depth::Float);
        let large = enlarge(baseline.clone(), &image);
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
        // Colors under zero alpha have no effect.
        let hiding = |hidden: u8| {
            let data =
                (0..24 * 24).flat_map(|i| if i % 24 < 12 { [120, 120, 120, 255] } else { [hidden, hidden, hidden, 0] });
            let image = Image::from_u8(Pixels::new(24, 24, 4, data.collect()).expect("filled")).expect("RGBA");
            enlarge(baseline.clone(), &image.with_depth(Depth::Float)).channel::<f32>(0)
        };
        let (black, white) = (hiding(0), hiding(255));
        assert_eq!(black, white);
        assert!(black.row(20)[..24].iter().all(|v| (v - 120.0 / 255.0).abs() < 1e-3), "{:?}", black.row(20));
        // Grey stays grey, and alpha is upscaled by bicubic interpolation.
        let grey =
            Image::from_u8(astronaut().to_u8().map_pixels(2, |from, to| to.copy_from_slice(&[from[1], from[0]])));
        let grey = grey.expect("grey and alpha").with_depth(Depth::Float);
        let large = enlarge(baseline.clone(), &grey);
        assert_eq!(large.alpha::<f32>(), enlarge(Bicubic, &grey).alpha::<f32>());
        assert_eq!(large.channels(), 2);
    }

    #[test]
    fn bands_of_any_height_give_the_picture_in_one_piece() {
        let image = astronaut();
        for (method, bands) in [(Method::Sc, 1..2), (Method::Anr, 2..99), (Method::APlus, 2..99)] {
            let restorer: Arc<dyn Restorer> = Arc::new(builtin(method));
            let upscaler = Upscaler::of(restorer).target(Target::Factor(3.7)).build().expect("luma");
            let whole = upscaler.run(&image).expect("large enough");
            let held = Shape::of(&image).bytes();
            let rows = |memory| {
                let limits = Limits { memory: held + memory, ..Limits::default() };
                upscaler.rows(Held::from(&image), limits, &Silent)
            };
            let mut least = 0;
            while let Err(error) = rows(least).map(drop) {
                let UpscaleError::Memory { needed, .. } = error else { panic!("{error}") };
                least = needed;
            }
            let mut rows = rows(least).expect("just enough");
            let (mut joined, mut count) = (RowBuffer::new(rows.shape()), 0);
            while let Some(part) = rows.read(1000).expect("possible") {
                joined.push(&part);
                count += 1;
            }
            assert!(joined.into_image() == whole, "{method}");
            assert!(bands.contains(&count), "{method}: {count} bands");
        }
    }

    #[test]
    fn a_wrapped_tile_is_the_middle_of_a_tiling() {
        let tile = astronaut();
        let Samples::U8(pixels) = tile.samples() else { panic!("8 bits") };
        let tiled = |width: usize, height: usize| {
            let planes: Vec<_> = pixels.to_planes();
            let all = planes.iter().map(|p| Plane::from_fn(width, height, |x, y| p.row(y % 47)[x % 61]));
            Image::from_u8(Pixels::from_planes(&all.collect::<Vec<_>>())).expect("RGB")
        };
        for method in [Method::Anr, Method::APlus] {
            let run = |image: &Image| {
                let upscaler = Upscaler::of(Arc::new(builtin(method))).edge(Edge::Wrap).build().expect("luma");
                upscaler.run(image).expect("large enough").to_u8()
            };
            let (alone, among) = (run(&tile), run(&tiled(3 * 61, 3 * 47)));
            let rect = srcnn::plane::Rect { x: 122, y: 94, width: 122, height: 94 };
            let among = among.crop(rect).expect("inside");
            let worst = alone.as_slice().iter().zip(among.as_slice()).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(worst <= Some(1), "{method}: {worst:?}");
        }
    }
}
