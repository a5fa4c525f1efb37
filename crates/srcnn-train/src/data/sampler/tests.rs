use std::collections::BTreeSet;

use srcnn::ImageFile;
use srcnn::Size;
use srcnn::engine::Reference;
use srcnn::image::{Image, Pixels};
use srcnn::model::{Input, LayerWeights, Model, Padding, Preprocessing};
use srcnn::progress::Silent;

use super::*;
use crate::data::{Pair, make_pair, read_planes};

/// A sampler, and the pairs that its sub-images come from.
struct Cut {
    sampler: Sampler,
    pairs: Vec<Pair>,
    crop: usize,
    loss: usize,
}

/// An orientation of a square: whether columns are reversed, then the number of quarter turns.
type Turn = (bool, usize);

/// Pair, column, row, turn.
type Place = (usize, usize, usize, Turn);

fn turned(plane: &Plane<f32>, (mirrored, quarters): Turn) -> Plane<f32> {
    let (side, last) = (plane.width(), plane.width() - 1);
    let mirror = |plane: Plane<f32>| Plane::from_fn(side, side, |x, y| plane.row(y)[last - x]);
    let quarter = |plane: Plane<f32>| Plane::from_fn(side, side, |x, y| plane.row(last - x)[y]);
    let begin = if mirrored { mirror(plane.clone()) } else { plane.clone() };
    (0..quarters).fold(begin, |plane, _| quarter(plane))
}

fn config(input: Input, padding: &[Padding], crop: usize) -> Config {
    Config {
        kernels: vec![5, 3, 3],
        filters: vec![3, 2],
        input,
        padding: padding.to_vec(),
        residual: false,
        zooms: vec![1.0],
        crop,
        orientations: false,
        mask: false,
        balance: false,
        ..Config::preset("best").expect("a preset")
    }
}

impl Cut {
    /// Pictures of noise.
    fn new(config: &Config, sizes: &[(usize, usize)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut random = SplitMix64::new(11);
        let (mut paths, mut pairs) = (Vec::new(), Vec::new());
        for (i, (width, height)) in sizes.iter().enumerate() {
            let samples = (0..3 * width * height).map(|_| random.below(256) as u8).collect();
            let pixels = Pixels::new(*width, *height, 3, samples).expect("a rectangle");
            let path = folder.path().join(format!("{i}.png"));
            Image::from_u8(pixels).expect("RGB").save(&path).expect("it is written");
            let planes = read_planes(&path, config.input, config.luma).expect("it is read");
            let scales = config.scales.iter().map(|scale| *scale as usize);
            pairs.extend(scales.map(|scale| make_pair(&planes, scale, config).expect("large enough")));
            paths.push(path);
        }
        let corpus = Corpus::load(config, &paths).expect("pictures");
        let loss = config.architecture().expect("layers").border_loss();
        Self { sampler: Sampler::new(config, corpus), pairs, crop: config.crop, loss }
    }

    fn sample(&self, step: u64, index: usize) -> Sample {
        self.sampler.sample(step, index).expect("it is there")
    }

    /// The place of a sample; fails if there is none or more than one.
    #[track_caller]
    fn find(&self, sample: &Sample) -> Place {
        let mut found = Vec::new();
        let turns = [false, true].into_iter().flat_map(|mirrored| (0..4).map(move |quarters| (mirrored, quarters)));
        for turn in turns {
            // The remaining quarter turns undo the rotation.
            let back = |plane: &Plane<f32>| {
                let plane = turned(plane, (false, (4 - turn.1) % 4));
                if turn.0 { turned(&plane, (true, 0)) } else { plane }
            };
            let input: Vec<_> = sample.input.iter().map(back).collect();
            let truth: Vec<_> = sample.truth.iter().map(back).collect();
            for (i, pair) in self.pairs.iter().enumerate() {
                let Size { width, height } = pair.truth[0].size();
                for (x, y) in (0..=height - self.crop).flat_map(|y| (0..=width - self.crop).map(move |x| (x, y))) {
                    let whole = Rect { x, y, width: self.crop, height: self.crop };
                    let side = self.crop - 2 * self.loss;
                    let inner = Rect { x: x + self.loss, y: y + self.loss, width: side, height: side };
                    let cut = |plane: &Plane<u8>| plane.crop(inner).expect("inside").map(|v| f32::from(v) / 255.0);
                    if pair.input[0].row(y)[x] == input[0].row(0)[0]
                        && pair.input.iter().map(|p| p.crop(whole).expect("inside")).eq(input.iter().cloned())
                        && pair.truth.iter().map(cut).eq(truth.iter().cloned())
                    {
                        found.push((i, x, y, turn));
                    }
                }
            }
        }
        assert_eq!(found.len(), 1, "places of a sample");
        found[0]
    }
}

const REPLICATE: [Padding; 3] = [Padding::Replicate; 3];
const KERAS: [Padding; 3] = [Padding::Valid, Padding::Zero, Padding::Valid];

#[test]
fn sub_images_are_cut_from_the_degraded_pair_in_all_eight_orientations() {
    for (input, memory, stride) in [(Input::Y, 1, 0), (Input::Rgb, 0, 0), (Input::Rgb, 1, 3), (Input::Ycbcr, 1, 0)] {
        let config = Config {
            scales: vec![2, 3],
            orientations: true,
            balance: true,
            memory,
            stride,
            ..config(input, &REPLICATE, 12)
        };
        let cut = Cut::new(&config, &[(23, 17), (14, 19)]);
        assert_eq!(cut.sampler.corpus().on_disk() > 0, memory == 0);
        let (mut turns, mut pairs) = (BTreeSet::new(), BTreeSet::new());
        for n in 0..160 {
            let sample = cut.sample(n / 7, n as usize % 7);
            let (pair, _, _, turn) = cut.find(&sample);
            turns.insert(turn);
            pairs.insert(pair);
            let pair = &cut.pairs[pair];
            let samples = pair.input.iter().zip(&pair.truth).flat_map(|(a, b)| a.as_slice().iter().zip(b.as_slice()));
            let squares: Vec<f64> = samples.map(|(a, b)| (f64::from(*a) - f64::from(*b) / 255.0).powi(2)).collect();
            let weight = (1.0 / (squares.iter().sum::<f64>() / squares.len() as f64 + 2e-5)) as f32;
            assert_eq!(sample.weights, Plane::filled(12, 12, weight));
        }
        assert_eq!((turns.len(), pairs.len()), (8, 4), "{input:?}");
    }
}

#[test]
fn networks_that_lose_border_get_the_middle_of_the_truth() {
    for (padding, loss) in [([Padding::Valid; 3], 4), (KERAS, 3), (REPLICATE, 0)] {
        let config = Config { orientations: true, ..config(Input::Y, &padding, 13) };
        let cut = Cut::new(&config, &[(20, 24)]);
        assert_eq!(cut.loss, loss);
        for index in 0..30 {
            let sample = cut.sample(0, index);
            let side = 13 - 2 * loss;
            assert_eq!(sample.input[0].size(), (13, 13));
            assert_eq!(sample.truth[0].size(), (side, side));
            assert_eq!(sample.weights.size(), (side, side));
            cut.find(&sample);
        }
    }
}

#[test]
fn a_sub_image_depends_on_seed_step_and_index_alone() {
    let config = Config { orientations: true, mask: true, ..config(Input::Y, &REPLICATE, 12) };
    let sizes = [(60, 50), (40, 70)];
    let (cut, again) = (Cut::new(&config, &sizes), Cut::new(&config, &sizes));
    let other_seed = Cut::new(&Config { seed: config.seed + 1, ..config }, &sizes);
    let asked: Vec<(u64, usize)> = (0..6).flat_map(|step| (0..5).map(move |index| (step, index))).collect();
    let drawn = |cut: &Cut, (step, index)| {
        let sample = cut.sample(step, index);
        (cut.find(&sample), sample.weights)
    };
    let forwards: Vec<_> = asked.iter().map(|which| drawn(&cut, *which)).collect();
    let mut backwards: Vec<_> = asked.iter().rev().map(|which| drawn(&again, *which)).collect();
    backwards.reverse();
    assert_eq!(forwards, backwards);
    let places = |drawn: &[(Place, Plane<f32>)]| drawn.iter().map(|(place, _)| *place).collect::<BTreeSet<_>>();
    // Of thousands of places and turns, two in thirty meet by chance once in a while.
    assert!(places(&forwards).len() >= 28);
    let others: Vec<_> = asked.iter().map(|which| drawn(&other_seed, *which)).collect();
    assert!(places(&forwards).intersection(&places(&others)).count() <= 2);
}

/// The network of a configuration with positive weights, so that its outputs depend on the whole receptive field.
fn seeing(config: &Config) -> Model {
    let mut random = SplitMix64::new(5);
    let mut positive = |count: usize| (0..count).map(|_| 0.05 + 0.1 * random.unit() as f32).collect::<Vec<_>>();
    let architecture = config.architecture().expect("layers");
    let weights = architecture
        .layers()
        .iter()
        .map(|spec| LayerWeights { kernels: positive(spec.kernel_values()), biases: positive(spec.outputs) });
    let weights = weights.collect();
    let preprocessing = Preprocessing { scale: 2, interpolation: config.degradation, luma: config.luma };
    Model::new("seeing", architecture, weights, preprocessing, Default::default()).expect("a model")
}

#[test]
fn masked_are_exactly_the_pixels_that_come_out_otherwise_than_in_the_whole_picture() {
    for (padding, any) in [(REPLICATE, true), ([Padding::Zero; 3], true), (KERAS, true), ([Padding::Valid; 3], false)] {
        let config = Config { mask: true, stride: 1, orientations: true, ..config(Input::Y, &padding, 14) };
        let cut = Cut::new(&config, &[(22, 18), (14, 14), (16, 14)]);
        let open = Cut::new(&Config { mask: false, ..config.clone() }, &[(22, 18), (14, 14), (16, 14)]);
        let network = Reference::<f64>::new(&seeing(&config));
        let run =
            |plane: &Plane<f32>| network.run(&[plane.map(f64::from)], &Silent).expect("large enough").swap_remove(0);
        let wholes: Vec<_> = cut.pairs.iter().map(|pair| run(&pair.input[0])).collect();
        let mut masked = 0;
        for n in 0..3 * cut.sampler.on_grid() as u64 {
            let (step, index) = (n / 12, n as usize % 12);
            let sample = cut.sample(step, index);
            let (pair, x, y, turn) = cut.find(&sample);
            let rect = Rect { x, y, width: 14, height: 14 };
            let part = run(&cut.pairs[pair].input[0].crop(rect).expect("inside"));
            let same = |u: usize, v: usize| part.row(v)[u] == wholes[pair].row(y + v)[x + u];
            let counts = Plane::from_fn(part.width(), part.height(), |u, v| f32::from(u8::from(same(u, v))));
            assert_eq!(sample.weights, turned(&counts, turn), "{padding:?} {pair} {x} {y} {turn:?}");
            masked += counts.as_slice().iter().filter(|c| **c == 0.0).count();
            assert!(pair != 1 || counts.as_slice().iter().all(|c| *c == 1.0), "a whole picture has no mask");
            assert!(open.sample(step, index).weights.as_slice().iter().all(|w| *w == 1.0));
        }
        assert_eq!(masked > 0, any, "{padding:?}");
    }
}

#[test]
fn a_grid_is_gone_through_once_each_time_round_and_in_another_order_the_next() {
    let config = Config { stride: 4, batch: 5, ..config(Input::Y, &REPLICATE, 12) };
    let cut = Cut::new(&config, &[(26, 20), (12, 17)]);
    // Beside a sub-image, 26x20 has 14 columns and 8 rows, and 12x16, to which 12x17 is cut, 4 rows.
    let columns = |pair: usize| if pair == 0 { vec![0, 4, 8, 12] } else { vec![0] };
    let rows = |pair: usize| if pair == 0 { vec![0, 4, 8] } else { vec![0, 4] };
    let all: BTreeSet<Place> = (0..2)
        .flat_map(|pair| columns(pair).into_iter().map(move |x| (pair, x)))
        .flat_map(|(pair, x)| rows(pair).into_iter().map(move |y| (pair, x, y, (false, 0))))
        .collect();
    let count = cut.sampler.on_grid();
    assert_eq!(count, all.len());
    let round = |round: usize| -> Vec<Place> {
        let places = round * count..(round + 1) * count;
        places.map(|n| cut.find(&cut.sample(n as u64 / 5, n % 5))).collect()
    };
    let rounds: Vec<_> = (0..4).map(round).collect();
    for (i, order) in rounds.iter().enumerate() {
        assert_eq!(order.iter().copied().collect::<BTreeSet<_>>(), all, "round {i}");
        assert!(rounds[..i].iter().all(|earlier| earlier != order), "round {i}");
    }
    assert_eq!(round(1), rounds[1]);
}
