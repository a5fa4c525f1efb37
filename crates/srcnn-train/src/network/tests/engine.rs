//! Trainable networks compared with the inference engine.

use srcnn::color::LumaRange;
use srcnn::engine::{Engine, Execution, Precision};
use srcnn::model::{Activation as ModelActivation, Architecture, Input, LayerWeights, Model, Preprocessing};
use srcnn::progress::Silent;
use srcnn::resample::Convention;

use super::*;
use crate::init::Init;

/// Winograd convolution rounds more than plain sums: this much at outputs of about one.
const BOUND: f64 = 1e-5;

fn model(input: Input, kernels: &[usize], filters: &[usize], padding: &[Padding]) -> Model {
    let architecture = Architecture::srcnn(input, kernels, filters, padding).expect("a network");
    let mut random = SplitMix64::of(&[kernels[1] as u64, filters[0] as u64]);
    let layer = |spec: &srcnn::model::LayerSpec| LayerWeights {
        kernels: (0..spec.kernel_values()).map(|_| Init::He.draw(spec, &mut random) as f32).collect(),
        biases: (0..spec.outputs).map(|_| 0.1 * random.normal() as f32).collect(),
    };
    let weights = architecture.layers().iter().map(layer).collect();
    let preprocessing = Preprocessing { scale: 2, interpolation: Convention::OpencvLinear, luma: LumaRange::Full };
    Model::new("random", architecture, weights, preprocessing, Default::default()).expect("a model")
}

#[test]
fn the_engine_gives_what_a_network_that_learns_gives() {
    let models: [(Input, &[usize], &[usize]); 7] = [
        (Input::Y, &[9, 1, 5], &[64, 32]),
        (Input::Y, &[9, 3, 5], &[128, 64]),
        (Input::Y, &[9, 5, 5], &[64, 32]),
        (Input::Y, &[5, 3, 3], &[8, 7]),
        (Input::Y, &[3, 3], &[33]),
        (Input::Rgb, &[9, 1, 5], &[64, 32]),
        (Input::Rgb, &[5, 3, 3], &[8, 7]),
    ];
    let isas = instruction_sets();
    let mut worst = 0.0f64;
    for (input, kernels, filters) in models {
        let layers = kernels.len();
        let mut valid_zero_valid = vec![Padding::Valid; layers];
        valid_zero_valid[1..layers - 1].fill(Padding::Zero);
        let paddings = [vec![Padding::Replicate; layers], vec![Padding::Zero; layers], valid_zero_valid];
        for (padding, size) in paddings.iter().flat_map(|p| [(41, 30), (19, 17)].map(|size| (p, size))) {
            let model = model(input, kernels, filters, padding);
            let mut random = SplitMix64::of(&[size.0 as u64, size.1 as u64]);
            let planes: Vec<_> =
                (0..input.channels()).map(|_| Plane::from_fn(size.0, size.1, |_, _| random.unit() as f32)).collect();
            let parameters: Vec<f32> =
                model.weights().iter().flat_map(|layer| layer.kernels.iter().chain(&layer.biases)).copied().collect();
            let layers: Vec<_> = model
                .architecture()
                .expect("a chain")
                .layers()
                .iter()
                .map(|spec| {
                    let activation = match spec.activation {
                        ModelActivation::Relu => Activation::Relu,
                        ModelActivation::None => Activation::None,
                    };
                    convolution(spec.kernel, spec.outputs, spec.padding, activation)
                })
                .collect();
            for isa in &isas {
                let execution = Execution { isa: *isa, precision: Precision::Exact };
                let engine = Engine::builder(&model).execution(execution).build();
                let theirs = flat(&engine.run(&planes, &Silent).expect("large enough"));
                let mut network = Network::new(*isa, planes.len(), &layers, false).expect("a chain");
                network.load(&parameters);
                let mut worker = Worker::default();
                worker.begin(&network, size);
                let ours = flat(&worker.forward(&network, &parameters, &planes));
                assert_eq!(ours.len(), theirs.len());
                assert!(ours.iter().any(|v| v.abs() > 0.1), "the network does something");
                let off = ours.iter().zip(&theirs).map(|(a, b)| f64::from((a - b).abs())).fold(0.0, f64::max);
                let case = format!("{} {input:?} {kernels:?} {filters:?} {padding:?} {size:?}", isa.name());
                assert!(off <= BOUND, "{case}: {off}");
                worst = worst.max(off);
            }
        }
    }
    println!("largest difference: {worst:e}");
}
