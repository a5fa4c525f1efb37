//! Small chains compared with PyTorch (fixture by `tools/oracles/make_training.py`).

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Fixture {
    chains: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    inputs: usize,
    layers: Vec<LayerCase>,
    skip: bool,
    size: (usize, usize),
    parameters: Vec<f32>,
    input: Vec<f64>,
    gradient: Vec<f64>,
    output: Vec<f64>,
    gradients: Vec<f64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum LayerCase {
    Convolution { taps: usize, filters: usize, padding: Padding, activation: String },
    PixelShuffle { factor: usize },
}

impl LayerCase {
    fn layer(&self) -> Layer {
        match *self {
            Self::Convolution { taps, filters, padding, ref activation } => {
                let activation = match activation.as_str() {
                    "none" => Activation::None,
                    "relu" => Activation::Relu,
                    "prelu" => Activation::Prelu,
                    other => panic!("activation {other}"),
                };
                convolution(taps, filters, padding, activation)
            }
            Self::PixelShuffle { factor } => Layer::PixelShuffle { factor },
        }
    }
}

#[test]
fn pytorch_is_met_by_every_chain() {
    let fixture = include_str!("../../../tests/fixtures/training.json");
    let fixture: Fixture = serde_json::from_str(fixture).expect("the script writes this");
    assert!(fixture.chains.len() >= 7);
    let mut worst = 0.0f64;
    for case in fixture.chains {
        let layers: Vec<_> = case.layers.iter().map(LayerCase::layer).collect();
        let chain = Chain { inputs: case.inputs, layers, skip: case.skip };
        let input = Volume { channels: case.inputs, width: case.size.0, height: case.size.1, values: case.input };
        let parameters: Vec<f64> = case.parameters.iter().map(|v| f64::from(*v)).collect();
        let trace = chain.forward(&parameters, &input);
        let gradients = chain.backward(&parameters, &trace, &case.gradient).parameters;
        let single = |values: &[f64]| -> Vec<f32> { values.iter().map(|v| *v as f32).collect() };
        // The fixtures are rounded to f32.
        assert!(difference(&single(&trace.output.values), &case.output) < 2e-7, "{}", case.name);
        assert!(difference(&single(&gradients), &case.gradients) < 2e-7, "{}", case.name);

        for isa in instruction_sets() {
            let mut network = Network::new(isa, case.inputs, &chain.layers, case.skip).expect("a chain");
            network.load(&case.parameters);
            let out_size = network.output_size(case.size).expect("large enough");
            let mut worker = Worker::default();
            worker.begin(&network, case.size);
            let output = worker.forward(&network, &case.parameters, &planes(&input.values, case.size));
            worker.backward(&network, &case.parameters, &planes(&case.gradient, out_size));
            let mut sums = vec![0.0; network.parameters()];
            worker.add_gradients(&network, &mut sums);
            let mut off = vec![("output".to_owned(), difference(&flat(&output), &case.output))];
            for (tensor, first, end) in chain.tensors() {
                off.push((tensor, difference(&sums[first..end], &case.gradients[first..end])));
            }
            for (what, off) in off {
                assert!(off < BOUND, "{} {}, {what}: {off}", isa.name(), case.name);
                worst = worst.max(off);
            }
        }
    }
    println!("largest difference: {worst:e}");
}
