//! Pictures, networks and settings for the tests of this folder.

mod bands;
mod edges;
mod results;
mod samples;

use super::bands::Upscaled;
use super::upscaler::IN_MEMORY;
use super::*;
use crate::color::LumaRange;
use crate::image::{Depth, Image, Pixels, Samples};
use crate::model::{Activation, Architecture, Input, LayerSpec, LayerWeights, Model, Padding, Preprocessing, drawn};
use crate::plane::Plane;
use crate::progress::{Progress, Silent};
use crate::random::SplitMix64;
use crate::resample::{Convention, resize_plane};
use crate::rows::{Held, Rows, Shape, collect};
use crate::{Edge, Limits};

/// Settings that tests vary.
#[derive(Clone, Copy, Debug)]
struct Settings {
    ensemble: bool,
    strength: f32,
    edge: Edge,
}

impl Default for Settings {
    fn default() -> Self {
        Self { ensemble: false, strength: 1.0, edge: Edge::Replicate }
    }
}

/// A model with settings, for any target.
#[derive(Clone, Debug)]
struct Prepared {
    model: Model,
    settings: Settings,
}

impl Prepared {
    fn new(model: &Model) -> Self {
        Self { model: model.clone(), settings: Settings::default() }
    }

    fn with_settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    fn to(&self, target: Target) -> Upscaler {
        let Settings { ensemble, strength, edge } = self.settings;
        let builder = Upscaler::builder(&self.model).ensemble(ensemble).strength(strength).edge(edge);
        builder.target(target).build().expect("luma or RGB")
    }

    fn exactly(&self, (width, height): (usize, usize)) -> Upscaler {
        self.to(Target::Exact(width, height))
    }

    fn run(&self, image: &Image) -> Result<Image, UpscaleError> {
        self.to(Target::Factor(2.0)).run(image)
    }

    fn upscale(&self, image: &Image, target: (usize, usize), progress: &dyn Progress) -> Result<Image, UpscaleError> {
        gathered(self.exactly(target).rows(Held::from(image), IN_MEMORY, progress)?)
    }

    fn restore(&self, image: &Image, progress: &dyn Progress) -> Result<Image, UpscaleError> {
        gathered(self.to(Target::SameSize).rows(Held::from(image), IN_MEMORY, progress)?)
    }
}

fn bicubic(image: &Image, (width, height): (usize, usize)) -> Result<Image, UpscaleError> {
    Upscaler::of(std::sync::Arc::new(Bicubic)).target(Target::Exact(width, height)).build()?.run(image)
}

fn gathered(rows: Box<dyn Rows + '_>) -> Result<Image, UpscaleError> {
    collect(rows).map_err(|error| *error.downcast().expect("its own error"))
}

fn model() -> Model {
    Model::builtin("srcnn-915", 2).expect("built in")
}

/// Smooth noise with any number of channels; the first two rows and columns differ from the last ones.
fn picture(width: usize, height: usize, channels: usize, seed: u64) -> Image {
    let mut random = SplitMix64::new(seed);
    let rough = Plane::from_fn(width.div_ceil(2), height.div_ceil(2), |_, _| 256 * channels * random.below(256));
    let data = (0..width * height * channels).map(|i| {
        let (x, y, c) = (i / channels % width, i / channels / width, i % channels);
        (rough.row(y / 2)[x / 2] / 256 / channels + 31 * c + random.below(20)) as u16 * 200
    });
    Image::new(Samples::U16(Pixels::new(width, height, channels, data.collect()).expect("filled"))).expect("channels")
}

/// The picture with a transparent rectangle, if it has alpha; its colors stay.
fn hiding(image: &Image) -> Image {
    if !image.has_alpha() {
        return image.clone();
    }
    let Samples::U16(pixels) = image.samples() else { panic!("16 bits") };
    let (width, channels) = (pixels.width(), pixels.channels());
    let mut data = pixels.as_slice().to_vec();
    for (i, alpha) in data.iter_mut().skip(channels - 1).step_by(channels).enumerate() {
        let (x, y) = (i % width, i / width);
        if (3..width - 2).contains(&x) && (5..pixels.height() - 9).contains(&y) {
            *alpha = 0;
        }
    }
    Image::new(Samples::U16(Pixels::new(width, pixels.height(), channels, data).expect("filled"))).expect("channels")
}

/// A network on RGB.
fn rgb() -> Model {
    let paddings = [Padding::Zero; 3];
    let architecture = Architecture::srcnn(Input::Rgb, &[9, 5, 5], &[8, 6], &paddings).expect("a network");
    let preprocessing = Preprocessing { scale: 2, interpolation: Convention::OpencvCubic, luma: LumaRange::Full };
    drawn(architecture, 1, preprocessing)
}

/// `count` by `count` copies next to each other.
fn tiled(image: &Image, count: usize) -> Image {
    let Samples::U16(pixels) = image.samples() else { panic!("16 bits") };
    let data: Vec<u16> = (0..count * pixels.height())
        .flat_map(|y| (0..count).flat_map(move |_| pixels.row(y % pixels.height()).iter().copied()))
        .collect();
    let (width, height) = (count * pixels.width(), count * pixels.height());
    Image::new(Samples::U16(Pixels::new(width, height, pixels.channels(), data).expect("filled"))).expect("channels")
}

fn with(settings: Settings) -> Prepared {
    Prepared::new(&model()).with_settings(settings)
}

/// The largest difference of two pictures, in levels of 16 bits.
fn worst(a: &Image, b: &Image) -> u16 {
    let (Samples::U16(a), Samples::U16(b)) = (a.samples(), b.samples()) else { panic!("16 bits") };
    assert_eq!(a.size(), b.size());
    a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| a.abs_diff(*b)).max().expect("samples")
}

fn middle(image: &Image) -> Image {
    let (width, height) = (image.width() / 3, image.height() / 3);
    image.crop(crate::plane::Rect { x: width, y: height, width, height }).expect("inside")
}

/// Tolerance in levels of 65535: sums are taken in another order. Winograd convolution is exact to some 2e-6
/// (docs/performance.md, Numerics), twice that where the network runs twice, and results are rounded; a seam of one
/// 8-bit level would be 257.
const ROUNDING: u16 = 2;

/// The picture in floating point, with highlights far above white and some samples below black.
fn glaring(image: &Image) -> Image {
    let Samples::F32(pixels) = image.clone().with_depth(Depth::Float).samples().clone() else { panic!("floats") };
    let (channels, colors) = (image.channels(), image.channels() - usize::from(image.has_alpha()));
    let mut i = 0;
    let pixels = pixels.map_pixels(channels, |from, to: &mut [f32]| {
        i += 1;
        to.copy_from_slice(from);
        // Highlights only above a row in the middle of a band.
        match if i < 23 * image.width() { i % 97 } else { 50 } {
            0..8 => to[..colors].iter_mut().for_each(|v| *v += 6.5),
            40..43 => to[..1].iter_mut().for_each(|v| *v -= 2.0),
            _ => {}
        }
    });
    Image::new(Samples::F32(pixels)).expect("the same channels")
}

fn floats(image: &Image) -> &[f32] {
    let Samples::F32(pixels) = image.samples() else { panic!("floats") };
    pixels.as_slice()
}
