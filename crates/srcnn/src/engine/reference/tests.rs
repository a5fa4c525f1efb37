use super::*;
use crate::color::LumaRange;
use crate::model::{Architecture, Input, Preprocessing, drawn};
use crate::progress::Silent;
use crate::resample::Convention;

fn model(input: Input, kernels: &[usize], filters: &[usize], padding: &[Padding], seed: u64) -> Model {
    let architecture = Architecture::srcnn(input, kernels, filters, padding).expect("a network");
    let preprocessing = Preprocessing { scale: 2, interpolation: Convention::OpencvLinear, luma: LumaRange::Full };
    drawn(architecture, seed, preprocessing)
}

fn noise(width: usize, height: usize, seed: usize) -> Plane<f64> {
    Plane::from_fn(width, height, |x, y| ((x * 7919 + y * 104_729 + seed * 1299) % 1009) as f64 / 1009.0)
}

/// The definition in its simplest form, one sample at a time.
fn reference(model: &Model, planes: &[Plane<f64>]) -> Vec<Plane<f64>> {
    let mut planes = planes.to_vec();
    for (spec, weights) in model.architecture().expect("a chain").layers().iter().zip(model.weights()) {
        let (k, crate::Size { width, height }) = (spec.kernel, planes[0].size());
        let (margin, loss) = if spec.padding == Padding::Valid { (0, k - 1) } else { (k / 2, 0) };
        let sample = |plane: &Plane<f64>, x: i64, y: i64| {
            let inside = |v: i64, n: usize| v.clamp(0, n as i64 - 1);
            let (cx, cy) = (inside(x, width), inside(y, height));
            if spec.padding == Padding::Zero && (cx, cy) != (x, y) { 0.0 } else { plane.row(cy as usize)[cx as usize] }
        };
        let output = |filter: usize| {
            Plane::from_fn(width - loss, height - loss, |x, y| {
                let mut sum = f64::from(weights.biases[filter]);
                for (i, plane) in planes.iter().enumerate() {
                    for row in 0..k {
                        for column in 0..k {
                            let weight = weights.kernels[((filter * spec.inputs + i) * k + row) * k + column];
                            let at = |v: usize, d: usize| (v + d) as i64 - margin as i64;
                            sum += f64::from(weight) * sample(plane, at(x, column), at(y, row));
                        }
                    }
                }
                if spec.activation == crate::model::Activation::Relu { sum.max(0.0) } else { sum }
            })
        };
        planes = (0..spec.outputs).map(output).collect();
    }
    planes
}

const PADDINGS: [[Padding; 3]; 4] =
    [[Padding::Valid; 3], [Padding::Valid, Padding::Zero, Padding::Valid], [Padding::Zero; 3], [Padding::Replicate; 3]];

#[test]
fn it_agrees_with_the_definition_at_every_size_and_padding() {
    let networks: [(Input, [usize; 3], [usize; 2]); 4] = [
        (Input::Y, [3, 1, 5], [5, 3]),
        (Input::Y, [5, 3, 3], [4, 8]),
        (Input::Rgb, [3, 5, 1], [1, 9]),
        (Input::Y, [1, 1, 1], [2, 2]),
    ];
    for (seed, (input, kernels, filters)) in networks.into_iter().enumerate() {
        for padding in PADDINGS {
            let model = model(input, &kernels, &filters, &padding, seed as u64);
            for (width, height) in [(1, 1), (2, 3), (7, 9), (8, 8), (9, 1), (15, 4), (17, 12), (33, 10)] {
                let planes: Vec<_> = (0..input.channels()).map(|c| noise(width, height, c)).collect();
                let result = Reference::<f64>::new(&model).run(&planes, &Silent);
                let loss = model.architecture().expect("a chain").border_loss();
                if width.min(height) <= 2 * loss {
                    assert_eq!(result, Err(EngineError::TooSmall { width, height, loss }));
                    continue;
                }
                let result = result.expect("large enough");
                for (ours, truth) in result.iter().zip(reference(&model, &planes)) {
                    assert_eq!(ours.size(), truth.size());
                    // Sums of fewer than a hundred terms near one in another order: 100 x 2^-53 per layer, for a few
                    // layers.
                    let worst = ours.as_slice().iter().zip(truth.as_slice()).map(|(a, b)| (a - b).abs());
                    let worst = worst.fold(0.0, f64::max);
                    assert!(worst < 1e-13, "{kernels:?} {padding:?} {width}x{height}: {worst}");
                }
            }
        }
    }
}

#[test]
fn the_result_is_the_same_bit_for_bit_in_bands_of_any_height() {
    for padding in PADDINGS {
        let model = model(Input::Y, &[5, 3, 3], &[6, 3], &padding, 1);
        let plane = noise(21, 23, 0).map(|v| v as f32);
        let run = |band| Reference::<f32>::new(&model).with_band(band).run(std::slice::from_ref(&plane), &Silent);
        let whole = run(1000);
        for band in [1, 2, 3, 4, 5, 7, 8, 22, 23] {
            assert_eq!(run(band), whole, "{padding:?}, bands of {band}");
        }
    }
}

#[test]
fn the_result_is_the_same_bit_for_bit_on_any_number_of_threads() {
    let model = model(Input::Y, &[5, 3, 3], &[6, 3], &PADDINGS[3], 1);
    let plane = noise(37, 29, 0).map(|v| v as f32);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| Reference::<f32>::new(&model).run(std::slice::from_ref(&plane), &Silent))
    };
    let single = run(1);
    assert_eq!(run(2), single);
    assert_eq!(run(5), single);
}

#[test]
fn an_impulse_gives_the_kernel_turned_around() {
    let model = model(Input::Y, &[3], &[], &[Padding::Zero], 1);
    let impulse = Plane::from_fn(3, 3, |x, y| f64::from(u8::from(x == 1 && y == 1)));
    let result = Reference::<f64>::new(&model).run(&[impulse], &Silent).expect("same size");
    let turned: Vec<f64> = model.weights()[0].kernels.iter().rev().map(|&w| f64::from(w)).collect();
    assert_eq!(result[0].as_slice(), turned);
}

#[test]
fn wrong_planes_and_cancellation_are_errors() {
    struct Stop;
    impl Progress for Stop {
        fn advance(&self, _: u64) {}
        fn cancelled(&self) -> bool {
            true
        }
    }
    let engine = Reference::<f64>::new(&model(Input::Rgb, &[3], &[], &[Padding::Zero], 1));
    assert_eq!(engine.run(&[noise(3, 3, 0)], &Silent), Err(EngineError::Planes { expected: 3, found: 1 }));
    let uneven = [noise(3, 3, 0), noise(3, 3, 0), noise(3, 4, 0)];
    assert_eq!(engine.run(&uneven, &Silent), Err(EngineError::Sizes));
    let even = [noise(3, 3, 0), noise(3, 3, 0), noise(3, 3, 0)];
    assert_eq!(engine.run(&even, &Stop), Err(EngineError::Cancelled));
}

#[test]
fn feature_maps_are_what_the_layers_give_one_after_the_other() {
    let model = Model::builtin("srcnn-915", 2).expect("built in");
    let reference = Reference::<f32>::with_padding(&model, Padding::Replicate);
    let plane = Plane::from_fn(23, 19, |x, y| ((x * 7 + y * 13) % 29) as f32 / 29.0);
    let maps = reference.feature_maps(std::slice::from_ref(&plane)).expect("large enough");
    let counts: Vec<usize> = maps.iter().map(Vec::len).collect();
    assert_eq!(
        counts,
        model.architecture().expect("a chain").layers().iter().map(|layer| layer.outputs).collect::<Vec<_>>()
    );
    assert_eq!(maps.last(), Some(&reference.run(&[plane], &Silent).expect("large enough")));
    assert!(maps[0].iter().all(|map| map.as_slice().iter().all(|v| *v >= 0.0)), "ReLU was applied");
}
