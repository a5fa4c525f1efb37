//! Tests of settings and sizes, on working and broken networks.

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

#[test]
fn a_wrapped_tile_is_the_middle_of_a_tiling() {
    let settings = Settings { edge: Edge::Wrap, ..Settings::default() };
    for (channels, size, target) in
        [(1, (23, 17), (46, 34)), (3, (16, 21), (27, 36)), (4, (5, 3), (15, 9)), (3, (40, 40), (20, 33))]
    {
        let tile = picture(size.0, size.1, channels, 3);
        for settings in [settings, Settings { ensemble: true, strength: 0.6, ..settings }] {
            let upscaler = with(settings);
            let alone = upscaler.upscale(&tile, target, &Silent).expect("possible");
            let among = upscaler.upscale(&tiled(&tile, 3), (3 * target.0, 3 * target.1), &Silent).expect("possible");
            let off = worst(&alone, &middle(&among));
            assert!(off <= ROUNDING, "{size:?} to {target:?}, {channels} channels, {settings:?}: {off}");
        }
        let upscaler = with(settings);
        let alone = upscaler.restore(&tile, &Silent).expect("possible");
        let among = upscaler.restore(&tiled(&tile, 3), &Silent).expect("possible");
        assert!(worst(&alone, &middle(&among)) <= ROUNDING, "restore {size:?}");
    }
}

#[test]
fn mirrored_edges_are_those_of_a_mirrored_tiling() {
    let tile = picture(19, 13, 3, 5);
    let Samples::U16(pixels) = tile.samples() else { panic!("16 bits") };
    let at = |i: usize, n: usize| Edge::Mirror.position(i as i64 - n as i64, n);
    let data = (0..39).flat_map(|y| (0..57).map(move |x| (x, y)));
    let data = data.flat_map(|(x, y)| pixels.row(at(y, 13))[3 * at(x, 19)..3 * at(x, 19) + 3].to_vec()).collect();
    let tiling = Image::new(Samples::U16(Pixels::new(57, 39, 3, data).expect("filled"))).expect("RGB");
    for edge in [Edge::Mirror, Edge::Wrap] {
        let upscaler = with(Settings { edge, ..Settings::default() });
        let alone = upscaler.upscale(&tile, (38, 26), &Silent).expect("possible");
        let among = middle(&upscaler.upscale(&tiling, (114, 78), &Silent).expect("possible"));
        assert_eq!(worst(&alone, &among) <= ROUNDING, edge == Edge::Mirror, "{edge:?}");
    }
}

#[test]
fn an_ensemble_does_not_see_how_the_picture_is_turned() {
    let turned = |image: &Image| {
        let Samples::U16(pixels) = image.samples() else { panic!("16 bits") };
        let planes: Vec<_> = pixels
            .to_planes()
            .iter()
            .map(|p| Plane::from_fn(p.height(), p.width(), |x, y| p.row(x)[p.width() - 1 - y]))
            .collect();
        Image::new(Samples::U16(Pixels::from_planes(&planes))).expect("the same channels")
    };
    let image = picture(37, 22, 3, 9);
    for (ensemble, same) in [(true, true), (false, false)] {
        let upscaler = with(Settings { ensemble, ..Settings::default() });
        let run = |image: &Image| upscaler.run(image).expect("possible");
        let off = worst(&turned(&run(&image)), &run(&turned(&image)));
        assert_eq!(off <= ROUNDING, same, "ensemble {ensemble}: {off}");
    }
}

#[test]
fn strength_goes_from_bicubic_to_the_network() {
    let image = picture(30, 20, 3, 1);
    let at = |strength: f32| with(Settings { strength, ..Settings::default() }).run(&image).expect("possible");
    let Samples::U16(pixels) = image.samples() else { panic!("16 bits") };
    let planes: Vec<_> = (0..3).map(|c| image.channel::<f32>(c)).collect();
    let bicubic: Vec<_> = planes
        .iter()
        .map(|p| resize_plane(p, (60, 40), Convention::MatlabBicubic(Edge::Mirror)).expect("a size"))
        .map(|p| p.map(crate::quantize::to_u16))
        .collect();
    assert_eq!(pixels.size(), (30, 20));
    assert_eq!(at(0.0), Image::new(Samples::U16(Pixels::from_planes(&bicubic))).expect("RGB"));
    assert_eq!(at(1.0), Prepared::new(&model()).run(&image).expect("possible"));
    assert_eq!((at(7.0), at(-1.0), at(f32::NAN)), (at(1.0), at(0.0), at(1.0)));
    let (none, half, all) = (at(0.0), at(0.5), at(1.0));
    let (Samples::U16(none), Samples::U16(half), Samples::U16(all)) = (none.samples(), half.samples(), all.samples())
    else {
        panic!("16 bits")
    };
    for ((none, half), all) in none.as_slice().iter().zip(half.as_slice()).zip(all.as_slice()) {
        let inside = |v: u16| (1..65_535).contains(&v);
        let mean = (f64::from(*none) + f64::from(*all)) / 2.0;
        // With half the strength luma is half-way between; chroma is interpolated in every case. Clipping is not
        // linear.
        assert!(!inside(*none) || !inside(*all) || (mean - f64::from(*half)).abs() <= 1.5, "{none} {half} {all}");
    }
}

#[test]
fn every_target_size_is_met_and_reductions_need_no_network() {
    let image = picture(24, 18, 4, 2);
    let broken = Prepared::new(&constant(f32::MAX));
    for target in [(12, 9), (24, 9), (5, 18), (1, 1), (24, 18)] {
        let reduced = broken.upscale(&image, target, &Silent).expect("no network runs");
        assert_eq!(reduced.size(), target);
        assert_eq!(broken.exactly(target).work(image.size()), 0);
        assert_eq!(reduced, Prepared::new(&model()).upscale(&image, target, &Silent).expect("possible"));
    }
    assert_eq!(broken.upscale(&image, (24, 18), &Silent).ok().as_ref(), Some(&image));
    for target in [(25, 18), (25, 1), (10, 37), (97, 73)] {
        let upscaler = Prepared::new(&model());
        assert_eq!(upscaler.upscale(&image, target, &Silent).expect("possible").size(), target);
        assert!(upscaler.exactly(target).work(image.size()) >= 48 * 36);
        assert!(broken.upscale(&image, target, &Silent).is_err());
    }
    let huge = Prepared::new(&model()).upscale(&image, (usize::MAX, usize::MAX), &Silent);
    assert!(matches!(huge, Err(UpscaleError::TooLarge { .. })));
}

#[test]
fn the_announced_work_is_the_work_done() {
    struct Count(std::sync::atomic::AtomicU64);
    impl Progress for Count {
        fn advance(&self, pixels: u64) {
            self.0.fetch_add(pixels, std::sync::atomic::Ordering::Relaxed);
        }
    }
    let image = picture(21, 15, 3, 2);
    for edge in [Edge::Replicate, Edge::Mirror] {
        for (ensemble, strength) in [(false, 1.0), (true, 0.3), (true, 0.0)] {
            let upscaler = with(Settings { ensemble, strength, edge });
            for target in [(30, 40), (63, 45), (10, 10)] {
                let count = Count(0.into());
                upscaler.upscale(&image, target, &count).expect("possible");
                assert_eq!(count.0.into_inner(), upscaler.exactly(target).work(image.size()), "{edge:?} {target:?}");
            }
            let count = Count(0.into());
            upscaler.restore(&image, &count).expect("possible");
            assert_eq!(count.0.into_inner(), upscaler.to(Target::SameSize).work(image.size()), "{edge:?}");
        }
    }
}

/// A network whose output is constant.
fn constant(bias: f32) -> Model {
    let facts =
        Preprocessing { scale: 2, interpolation: Convention::MatlabBicubic(Edge::Mirror), luma: LumaRange::Studio };
    let architecture: Architecture = "9-1-5:8-8".parse().expect("a network");
    let layers = architecture.layers();
    let mut weights: Vec<_> = layers
        .iter()
        .map(|layer| LayerWeights { kernels: vec![0.0; layer.kernel_values()], biases: vec![0.0; layer.outputs] })
        .collect();
    weights[2].biases[0] = bias;
    Model::new("constant", architecture, weights, facts, std::collections::BTreeMap::new()).expect("valid")
}

#[test]
fn what_is_no_picture_is_an_error() {
    let image = picture(20, 20, 3, 4);
    let found = |model: &Model, image: &Image| {
        let upscaler = Prepared::new(model);
        let both = [upscaler.run(image), upscaler.restore(image, &Silent)];
        both.map(|result| match result {
            Err(UpscaleError::Fault { fault }) => Some(fault),
            Ok(_) => None,
            Err(other) => panic!("{other}"),
        })
    };
    assert_eq!(found(&constant(0.0), &image), [Some(Fault::Black); 2]);
    assert_eq!(found(&constant(0.5), &image), [Some(Fault::Constant); 2]);
    assert_eq!(found(&constant(9.0), &image), [Some(Fault::Constant); 2]);
    let mut infinite = constant(0.5);
    let layers: Vec<LayerWeights> = infinite
        .weights()
        .iter()
        .map(|layer| LayerWeights { kernels: vec![f32::MAX; layer.kernels.len()], biases: layer.biases.clone() })
        .collect();
    infinite =
        Model::new("infinite", infinite.architecture().clone(), layers, *infinite.preprocessing(), Default::default())
            .expect("valid");
    assert_eq!(found(&infinite, &image), [Some(Fault::NotFinite); 2]);
    let flat = |v: u8| Image::from_u8(Pixels::new(9, 9, 1, vec![v; 81]).expect("filled")).expect("grey");
    assert_eq!(found(&constant(0.0), &flat(200)), [Some(Fault::Black); 2]);
    assert_eq!(found(&constant(0.0), &flat(0)), [None; 2]);
    for v in [0, 1, 100, 255] {
        assert_eq!(found(&model(), &flat(v)), [None; 2], "{v}");
    }
    let rgb = LayerSpec { inputs: 3, outputs: 3, kernel: 3, padding: Padding::Zero, activation: Activation::None };
    let architecture = Architecture::new(Input::Rgb, vec![rgb]).expect("a network");
    // Keeps red and green, drops blue.
    let kernels = (0..81).map(|i| if i == 4 || i == 40 { 1.0 } else { 0.0 }).collect();
    let weights = vec![LayerWeights { kernels, biases: vec![0.0; 3] }];
    let blind =
        Model::new("blind", architecture, weights, *model().preprocessing(), Default::default()).expect("valid");
    assert_eq!(found(&blind, &image), [Some(Fault::Black); 2]);
}

#[test]
fn hidden_colors_change_nothing_that_is_seen() {
    let mut random = SplitMix64::new(8);
    let data: Vec<u8> = (0..40 * 30i32)
        .flat_map(|i| {
            let (x, y) = (i % 40 - 20, i / 40 - 15);
            let alpha = (255 - (x * x + y * y - 90) * 4).clamp(0, 255) as u8;
            [(100 + 3 * x) as u8, (90 + 4 * y) as u8, 40, alpha]
        })
        .collect();
    let hidden = |color: &mut dyn FnMut() -> u8| {
        let mut data = data.clone();
        data.chunks_exact_mut(4).filter(|p| p[3] == 0).for_each(|p| p[..3].fill_with(&mut *color));
        Image::from_u8(Pixels::new(40, 30, 4, data).expect("filled")).expect("RGBA")
    };
    let pictures = [hidden(&mut || 0), hidden(&mut || 255), hidden(&mut || random.below(256) as u8)];
    for edge in [Edge::Replicate, Edge::Wrap] {
        let upscaler = with(Settings { edge, ..Settings::default() });
        for target in [(80, 60), (100, 70), (20, 15)] {
            let results = pictures.each_ref().map(|p| upscaler.upscale(p, target, &Silent).expect("possible"));
            assert!(results.iter().all(|r| *r == results[0]), "{target:?}");
        }
        let results = pictures.each_ref().map(|p| upscaler.restore(p, &Silent).expect("possible"));
        assert!(results.iter().all(|r| *r == results[0]));
    }
    // Every visible pixel is as dark as the picture along its visible edge.
    let result = with(Settings::default()).run(&pictures[1]).expect("possible").to_u8();
    let seen = result.as_slice().chunks_exact(4).filter(|p| (1..128).contains(&p[3]));
    assert!(seen.clone().count() > 100 && seen.map(|p| p[2]).all(|b| b.abs_diff(40) < 12));
}

#[test]
fn bands_of_any_height_give_the_picture_in_one_piece() {
    let plain = Settings::default();
    let settings = [plain, Settings { ensemble: true, ..plain }, Settings { strength: 0.3, ..plain }];
    let keras = Model::builtin("srcnn-keras", 2).expect("built in");
    let networks = [Prepared::new(&model()), Prepared::new(&keras), Prepared::new(&rgb())];
    let mut cases = 0;
    for (i, network) in networks.iter().enumerate() {
        for (channels, size, target) in [
            (1, (13, 61), (26, 122)),
            (3, (20, 47), (35, 81)),
            (4, (11, 90), (44, 360)),
            (3, (30, 75), (41, 60)),
            (2, (40, 70), (31, 53)),
            (3, (17, 64), (17, 64)),
        ] {
            let settings = if (i, channels) == (0, 3) { &settings[..] } else { &settings[..1] };
            for &settings in settings {
                let mut image = hiding(&picture(size.0, size.1, channels, 7));
                if target == (41, 60) || channels == 4 {
                    image = glaring(&image);
                }
                let upscaler = network.clone().with_settings(settings);
                let same = size == target;
                let whole =
                    if same { upscaler.restore(&image, &Silent) } else { upscaler.upscale(&image, target, &Silent) };
                let whole = whole.expect("possible");
                for band in [1, 3, 16, 33, 50] {
                    let plan =
                        if same { upscaler.to(Target::SameSize) } else { upscaler.exactly(target) }.plan(size.into());
                    let source = Box::new(Held::from(&image));
                    let bands = Upscaled::new(source, plan, IN_MEMORY, &Silent).expect("possible");
                    let mut bands = bands.with_band(band);
                    let mut joined = crate::rows::RowBuffer::new(bands.shape());
                    // Read in other portions than those that are computed.
                    while let Some(part) = bands.read(11).expect("possible") {
                        joined.push(&part);
                    }
                    assert!(joined.into_image() == whole, "{i} {channels} {size:?} {target:?} {settings:?} {band}");
                    cases += 1;
                }
            }
        }
    }
    assert_eq!(cases, 5 * (3 * 6 + 3 * 2));
}

#[test]
fn a_band_takes_no_more_than_is_allowed_or_is_refused() {
    let upscaler = Prepared::new(&model());
    let image = picture(300, 200, 3, 1);
    // The picture itself is in memory in any case.
    let held = Shape::of(&image).bytes();
    let with = |memory| {
        let limits = Limits { memory: held + memory, ..IN_MEMORY };
        upscaler.exactly((600, 400)).rows(Held::from(&image), limits, &Silent)
    };
    // The first refusal tells the memory of filters, the second that of everything.
    let Err(UpscaleError::Memory { needed: filters, limit: 1000 }) = with(1000) else { panic!("not refused") };
    let Err(UpscaleError::Memory { needed, .. }) = with(filters) else { panic!("not refused") };
    assert!(with(needed - 1).is_err());
    let mut rows = with(needed).expect("just enough");
    assert_eq!(rows.read(400).expect("possible").expect("a band").height(), 16);
    let wrapped = Settings { edge: Edge::Wrap, ..Settings::default() };
    let limits = Limits { memory: held + needed, ..IN_MEMORY };
    let refused = upscaler.clone().with_settings(wrapped).exactly((600, 400)).rows(Held::from(&image), limits, &Silent);
    assert!(matches!(refused, Err(UpscaleError::Memory { .. })), "with other edges the picture is needed as a whole");
}

#[test]
fn filters_that_do_not_fit_are_not_made() {
    /// Rows that claim a large size and hold no picture.
    struct Claim(crate::image::Metadata, usize, usize);
    impl Rows for Claim {
        fn shape(&self) -> Shape {
            Shape { width: self.1, height: self.2, channels: 1, depth: crate::image::Depth::Eight }
        }

        fn metadata(&self) -> &crate::image::Metadata {
            &self.0
        }

        fn read(&mut self, _rows: usize) -> Result<Option<Image>, crate::rows::RowsError> {
            panic!("it is refused before")
        }
    }
    for (width, height) in [(1, 200_000_000), (200_000_000, 1), (30_000_000, 5)] {
        let (claim, target) = (Claim(Default::default(), width, height), (2 * width, 2 * height));
        let limits = Limits { memory: 2 << 30, ..IN_MEMORY };
        let refused = Prepared::new(&model()).exactly(target).rows(claim, limits, &Silent).err();
        assert!(matches!(refused, Some(UpscaleError::Memory { .. })), "{width}x{height}: {refused:?}");
    }
}

#[test]
fn progress_over_bands_is_that_of_the_whole() {
    struct Count(std::sync::atomic::AtomicU64);
    impl Progress for Count {
        fn advance(&self, pixels: u64) {
            self.0.fetch_add(pixels, std::sync::atomic::Ordering::Relaxed);
        }
    }
    let (upscaler, image) = (Prepared::new(&model()), picture(31, 200, 3, 1));
    let count = Count(Default::default());
    let limits = Limits { memory: 400_000, ..IN_MEMORY };
    let mut rows = upscaler.exactly((62, 400)).rows(Held::from(&image), limits, &count).expect("possible");
    let mut bands = 0;
    while rows.read(400).expect("possible").is_some() {
        bands += 1;
    }
    assert!(bands > 1);
    drop(rows);
    assert_eq!(count.0.into_inner(), upscaler.exactly((62, 400)).work((31, 200).into()));
}

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

#[test]
fn floating_point_is_the_same_but_for_the_rounding() {
    for channels in [1, 3, 4] {
        let sixteen = picture(31, 22, channels, 4);
        let float = sixteen.clone().with_depth(Depth::Float);
        for target in [(62, 44), (50, 29), (20, 20)] {
            let upscaler = Prepared::new(&model());
            let expected = upscaler.upscale(&sixteen, target, &Silent).expect("possible");
            let result = upscaler.upscale(&float, target, &Silent).expect("possible");
            assert_eq!(result.depth(), Depth::Float);
            assert_eq!(result.with_depth(Depth::Sixteen), expected, "{channels} channels to {target:?}");
        }
    }
}

#[test]
fn what_is_beyond_black_and_white_is_resampled_apart() {
    for channels in [1, 2, 3, 4] {
        let image = glaring(&picture(33, 40, channels, 5));
        let Samples::F32(pixels) = image.samples() else { panic!("floats") };
        let cut = Image::new(Samples::F32(pixels.map(|v| v.clamp(0.0, 1.0)))).expect("the same channels");
        let (upscaler, target) = (Prepared::new(&model()), (70, 91));
        let result = upscaler.upscale(&image, target, &Silent).expect("possible");
        let within = upscaler.upscale(&cut, target, &Silent).expect("possible");
        let beyond = |f: fn(f32) -> f32| {
            let part = Samples::F32(pixels.map(f));
            let part = Image::new(part).expect("the same channels");
            bicubic(&part, target).expect("possible")
        };
        let (above, below) = (beyond(|v| (v - 1.0).max(0.0)), beyond(|v| v.min(0.0)));
        let mut highest = 0.0f32;
        let samples = floats(&result).iter().zip(floats(&within)).zip(floats(&above)).zip(floats(&below));
        for (i, (((result, inside), above), below)) in samples.enumerate() {
            let surplus = above.max(0.0) + below.min(0.0);
            if channels % 2 == 0 && i % channels == channels - 1 {
                assert_eq!(result, inside, "alpha");
                continue;
            }
            assert!((result - inside - surplus).abs() < 1e-5, "{channels}: {result} {inside} {surplus}");
            highest = highest.max(*result);
        }
        assert!(highest > 5.0, "highlights stay: {highest}");
    }
}

#[test]
fn what_is_no_number_is_an_error() {
    let image = picture(20, 20, 3, 1).with_depth(Depth::Float);
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut pixels = Pixels::new(20, 20, 3, floats(&image).to_vec()).expect("filled");
        pixels.as_mut_slice()[700] = bad;
        let bad = Image::new(Samples::F32(pixels)).expect("RGB");
        let error = Prepared::new(&model()).run(&bad).expect_err("not finite");
        assert!(matches!(error, UpscaleError::NotFinite));
        let error = bicubic(&bad, (30, 30)).expect_err("not finite");
        assert!(matches!(error, UpscaleError::NotFinite));
    }
    // Too large to filter: overshoot makes it infinite.
    for bad in [f32::MAX, f32::MIN] {
        let samples = (0..20 * 20 * 3).map(|i| if i / 60 % 7 < 3 { bad } else { 0.5 }).collect();
        let bad = Image::new(Samples::F32(Pixels::new(20, 20, 3, samples).expect("filled"))).expect("RGB");
        assert!(matches!(Prepared::new(&model()).run(&bad), Err(UpscaleError::NotFinite)));
    }
}

#[test]
fn a_network_on_ycbcr_is_marked_in_its_file_and_refused() {
    let rgb = rgb();
    let specs = rgb.architecture().layers().to_vec();
    let architecture = Architecture::new(Input::Ycbcr, specs).expect("a network");
    let model = Model::new("ycbcr", architecture, rgb.weights().to_vec(), *rgb.preprocessing(), Default::default());
    let model = model.expect("a model");
    let read = |bytes: &[u8]| {
        let file = crate::weights::WeightFile::parse(bytes).expect("ours");
        file.into_model("m").expect("it says all").architecture().input()
    };
    for (model, input) in [(&model, Input::Ycbcr), (&rgb, Input::Rgb)] {
        assert_eq!(read(&crate::weights::to_safetensors(model)), input);
        assert_eq!(read(&crate::weights::to_onnx(model)), input);
    }
    assert!(matches!(Upscaler::builder(&model).build(), Err(UpscaleError::Ycbcr)));
    assert!(matches!(Upscaler::builder(&model).target(Target::SameSize).build(), Err(UpscaleError::Ycbcr)));
}

#[test]
fn an_interpolation_that_wraps_is_computed_in_one_band() {
    let Preprocessing { scale, luma, .. } = *model().preprocessing();
    let interpolation = Convention::MatlabBicubic(Edge::Wrap);
    let preprocessing = Preprocessing { scale, interpolation, luma };
    let (architecture, weights) = (model().architecture().clone(), model().weights().to_vec());
    let wrapping = Model::new("wrapping", architecture, weights, preprocessing, Default::default()).expect("valid");
    let image = picture(40, 300, 3, 2);
    let prepared = Prepared::new(&wrapping);
    let whole = prepared.run(&image).expect("possible");
    let upscaler = prepared.exactly((80, 600));
    let rows = |memory| {
        let limits = Limits { memory: Shape::of(&image).bytes() + memory, ..IN_MEMORY };
        upscaler.rows(Held::from(&image), limits, &Silent)
    };
    let mut least = 0;
    while let Err(error) = rows(least).map(drop) {
        let UpscaleError::Memory { needed, .. } = error else { panic!("{error}") };
        least = needed;
    }
    assert!(gathered(rows(least).expect("just enough")).expect("possible") == whole);
}

#[test]
fn bicubic_alone_leaves_a_picture_of_its_size_as_it_is() {
    for image in [picture(20, 15, 3, 1), glaring(&picture(20, 15, 4, 1))] {
        let upscaler = Upscaler::of(std::sync::Arc::new(Bicubic)).build().expect("any channels");
        assert_eq!(upscaler.work(image.size()), 0);
        assert!(upscaler.run(&image).expect("possible") == image);
    }
}
