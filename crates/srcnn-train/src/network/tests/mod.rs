mod engine;
mod reference;
mod torch;

use srcnn::engine::Isa;
use srcnn::model::Padding;
use srcnn::plane::Plane;
use srcnn::random::SplitMix64;

use super::*;
use reference::{Chain, Gradients, Trace, Volume};

/// The largest difference of sums in f32 from those in f64, relative to the largest value of the tensor.
const BOUND: f64 = 1e-5;

/// The smallest distance of activations' inputs from a kink. Sums in f32 differ by less, so none crosses it.
const KINK: f64 = 1e-5;

const PADDINGS: [Padding; 3] = [Padding::Valid, Padding::Zero, Padding::Replicate];
const ACTIVATIONS: [Activation; 3] = [Activation::None, Activation::Relu, Activation::Prelu];

fn convolution(taps: usize, filters: usize, padding: Padding, activation: Activation) -> Layer {
    Layer::Convolution { taps, filters, padding, activation }
}

/// All instruction sets of the CPU.
fn instruction_sets() -> Vec<Isa> {
    let found = Isa::available();
    let names: Vec<_> = found.iter().map(|isa| isa.name()).collect();
    println!("instruction sets: {names:?}");
    #[cfg(target_arch = "x86_64")]
    if let Ok(cpu) = std::fs::read_to_string("/proc/cpuinfo") {
        let flags: Vec<&str> = cpu.lines().find(|l| l.starts_with("flags")).unwrap_or("").split_whitespace().collect();
        assert_eq!(names.contains(&"avx512"), flags.contains(&"avx512f"));
        assert_eq!(names.contains(&"avx2"), flags.contains(&"avx2") && flags.contains(&"fma"));
    }
    found
}

/// Chains of several layers with the same padding.
fn deep(p: Padding) -> Vec<Chain> {
    use Activation::{None, Prelu, Relu};
    let chain = |inputs, skip, layers: &[Layer]| Chain { inputs, layers: layers.to_vec(), skip };
    vec![
        chain(1, true, &[convolution(5, 33, p, Relu), convolution(1, 17, p, Relu), convolution(3, 1, p, None)]),
        chain(3, true, &[convolution(3, 16, p, Prelu), convolution(3, 3, p, Relu), convolution(5, 3, p, Prelu)]),
        chain(1, false, &[convolution(3, 1, p, Relu), convolution(3, 1, p, Prelu), convolution(1, 1, p, Relu)]),
        chain(1, false, &[convolution(3, 17, p, Prelu), convolution(3, 4, p, None), Layer::PixelShuffle { factor: 2 }]),
        chain(
            3,
            false,
            &[
                convolution(3, 12, p, Relu),
                Layer::PixelShuffle { factor: 2 },
                convolution(3, 33, p, Prelu),
                convolution(1, 3, p, None),
            ],
        ),
        chain(
            1,
            false,
            &[
                convolution(1, 32, p, Prelu),
                Layer::PixelShuffle { factor: 2 },
                Layer::PixelShuffle { factor: 2 },
                convolution(3, 5, p, Relu),
            ],
        ),
    ]
}

/// Chains whose layers have different paddings, or kernels of an even size.
fn mixed() -> Vec<Chain> {
    use Activation::{None, Prelu, Relu};
    use Padding::{Replicate, Valid, Zero};
    let chain = |inputs, skip, layers: &[Layer]| Chain { inputs, layers: layers.to_vec(), skip };
    vec![
        chain(
            1,
            true,
            &[convolution(9, 16, Valid, Relu), convolution(3, 17, Zero, Relu), convolution(5, 1, Replicate, None)],
        ),
        chain(
            3,
            true,
            &[convolution(1, 3, Replicate, Prelu), convolution(9, 5, Zero, Relu), convolution(3, 3, Valid, None)],
        ),
        chain(1, true, &[convolution(2, 16, Valid, Relu), convolution(4, 1, Valid, Prelu)]),
        chain(3, false, &[convolution(3, 27, Replicate, None), Layer::PixelShuffle { factor: 3 }]),
    ]
}

/// Random parameters, inputs and gradients of a chain; all are exact in f32.
struct Drawn {
    parameters: Vec<f64>,
    inputs: [Volume; 2],
    gradients: [Vec<f64>; 2],
}

impl Drawn {
    fn new(chain: &Chain, (width, height): (usize, usize), seed: u64) -> Self {
        let mut random = SplitMix64::of(&[seed, width as u64, height as u64, chain.parameters() as u64]);
        let mut normal = |spread: f64| f64::from((spread * random.normal()) as f32);
        let mut parameters = Vec::new();
        for [kernels, biases, slopes, end] in chain.places() {
            let fan_in = (biases - kernels) as f64 / (slopes - biases).max(1) as f64;
            parameters.extend((kernels..biases).map(|_| normal(fan_in.sqrt().recip())));
            parameters.extend((biases..end).map(|_| normal(0.3)));
        }
        let volume = |normal: &mut dyn FnMut(f64) -> f64| Volume {
            channels: chain.inputs,
            width,
            height,
            values: (0..chain.inputs * width * height).map(|_| normal(1.0)).collect(),
        };
        let inputs = [volume(&mut normal), volume(&mut normal)];
        let count = chain.forward(&parameters, &inputs[0]).output.values.len();
        let gradients = [(); 2].map(|()| (0..count).map(|_| normal(1.0)).collect());
        Self { parameters, inputs, gradients }
    }

    /// The outputs, and the sums of gradients of both samples; none if an activation's input is within `kink` of its kink, or
    /// values are too small to compare.
    fn truth(&self, chain: &Chain, kink: f64) -> Option<([Volume; 2], Vec<f64>)> {
        let traces = [0, 1].map(|i| chain.forward(&self.parameters, &self.inputs[i]));
        let gradients = [0, 1].map(|i| chain.backward(&self.parameters, &traces[i], &self.gradients[i]).parameters);
        let sums: Vec<f64> = gradients[0].iter().zip(&gradients[1]).map(|(a, b)| a + b).collect();
        let clear = traces.iter().all(|trace| chain.bent(trace).all(|v| v.abs() > kink));
        let learns = chain.tensors().iter().all(|&(_, first, end)| largest(&sums[first..end]) > 0.01);
        let shows = traces.iter().all(|trace| largest(&trace.output.values) > 0.01);
        (clear && learns && shows).then(|| (traces.map(|trace| trace.output), sums))
    }
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |m, v| m.max(v.abs()))
}

/// The largest difference, relative to the largest value.
fn difference(ours: &[f32], truth: &[f64]) -> f64 {
    assert_eq!(ours.len(), truth.len());
    let worst = ours.iter().zip(truth).map(|(a, b)| (f64::from(*a) - b).abs()).fold(0.0, f64::max);
    // NaN must not pass.
    if ours.iter().all(|v| v.is_finite()) { worst / largest(truth) } else { f64::INFINITY }
}

fn planes(values: &[f64], (width, height): (usize, usize)) -> Vec<Plane<f32>> {
    let plane = |v: &[f64]| Plane::new(width, height, v.iter().map(|v| *v as f32).collect()).expect("whole planes");
    values.chunks_exact(width * height).map(plane).collect()
}

fn flat(planes: &[Plane<f32>]) -> Vec<f32> {
    planes.iter().flat_map(|p| p.as_slice().iter().copied()).collect()
}

/// Both passes of two samples: outputs, and sums of gradients.
fn passes(network: &Network, worker: &mut Worker, drawn: &Drawn) -> ([Vec<f32>; 2], Vec<f32>) {
    let size = (drawn.inputs[0].width, drawn.inputs[0].height);
    let out_size = network.output_size(size).expect("large enough");
    let parameters: Vec<f32> = drawn.parameters.iter().map(|v| *v as f32).collect();
    worker.begin(network, size);
    let outputs = [0, 1].map(|i| {
        let output = worker.forward(network, &parameters, &planes(&drawn.inputs[i].values, size));
        worker.backward(network, &parameters, &planes(&drawn.gradients[i], out_size));
        flat(&output)
    });
    let mut gradients = vec![0.0; parameters.len()];
    worker.add_gradients(network, &mut gradients);
    (outputs, gradients)
}

/// Compares a worker with the reference at several sizes on all instruction sets, and gives the largest difference.
fn compare(chain: &Chain, isas: &[Isa]) -> f64 {
    let s = chain.smallest();
    let sizes = [(s, s), (s + 1, s + 1), (s, s + 4), (s + 18, s + 2)];
    let mut networks: Vec<_> = isas
        .iter()
        .map(|isa| Network::new(*isa, chain.inputs, &chain.layers, chain.skip).expect("a chain"))
        .map(|network| (network, Worker::default()))
        .collect();
    let mut worst = 0.0f64;
    for size in sizes {
        let drawn = (1..200).map(|seed| Drawn::new(chain, size, seed));
        let found = drawn.filter_map(|drawn| drawn.truth(chain, KINK).map(|truth| (drawn, truth))).next();
        let (drawn, (outputs, gradients)) = found.expect("numbers away from kinks");
        for (isa, (network, worker)) in isas.iter().zip(&mut networks) {
            let case = format!("{} {size:?} {chain:?}", isa.name());
            assert_eq!(network.parameters(), chain.parameters(), "{case}");
            assert_eq!(network.output_size(size), Some((outputs[0].width, outputs[0].height)), "{case}");
            let parameters: Vec<f32> = drawn.parameters.iter().map(|v| *v as f32).collect();
            network.load(&parameters);
            let (ours, sums) = passes(network, worker, &drawn);
            for (ours, truth) in ours.iter().zip(&outputs) {
                let off = difference(ours, &truth.values);
                assert!(off < BOUND, "output {case}: {off}");
                worst = worst.max(off);
            }
            for (tensor, first, end) in chain.tensors() {
                let off = difference(&sums[first..end], &gradients[first..end]);
                assert!(off < BOUND, "{tensor} {case}: {off}");
                worst = worst.max(off);
            }
            assert_eq!(passes(network, worker, &drawn), (ours, sums), "a second time: {case}");
        }
    }
    worst
}

#[test]
fn every_layer_agrees_with_its_definition_on_every_instruction_set() {
    let isas = instruction_sets();
    let mut worst = 0.0f64;
    for (padding, activation) in PADDINGS.iter().flat_map(|p| ACTIVATIONS.map(|a| (*p, a))) {
        for (inputs, filters) in [1, 3].iter().flat_map(|i| [1, 3, 16, 17, 33].map(|f| (*i, f))) {
            for taps in [1, 3, 5] {
                let layers = vec![convolution(taps, filters, padding, activation)];
                worst = worst.max(compare(&Chain { inputs, layers, skip: inputs == filters }, &isas));
            }
        }
    }
    println!("largest difference: {worst:e}");
}

#[test]
fn every_chain_agrees_with_its_definition_on_every_instruction_set() {
    let isas = instruction_sets();
    let chains = PADDINGS.into_iter().flat_map(deep).chain(mixed());
    let worst = chains.map(|chain| compare(&chain, &isas)).fold(0.0, f64::max);
    println!("largest difference: {worst:e}");
}

/// Output times gradient is linear in each parameter and each input sample while no activation's input crosses its kink, so
/// that the difference quotient is the derivative except for rounding. No input crosses if all have the same signs at both ends
/// of the step, since inputs of the first layer's activations are linear in the moved value, and so are then those of the next.
#[test]
fn the_definition_has_the_slopes_of_its_differences() {
    const STEP: f64 = 5e-6;
    const MOST: usize = 40;
    let mut worst = 0.0f64;
    for chain in PADDINGS.into_iter().flat_map(deep).chain(mixed()) {
        let size = (chain.smallest() + 3, chain.smallest() + 2);
        let mut drawn = (1..200).map(|seed| Drawn::new(&chain, size, seed));
        let drawn = drawn.find(|drawn| drawn.truth(&chain, 20.0 * STEP).is_some());
        let Drawn { parameters, inputs: [input, _], gradients: [gradient, _] } =
            drawn.expect("numbers away from kinks");
        let trace = chain.forward(&parameters, &input);
        let Gradients { parameters: slopes, input: input_slopes } = chain.backward(&parameters, &trace, &gradient);
        let difference = |ends: [Trace; 2]| {
            let [up, down] = &ends;
            assert!(chain.bent(up).zip(chain.bent(down)).all(|(a, b)| a * b > 0.0), "a kink is crossed: {chain:?}");
            let outputs = up.output.values.iter().zip(&down.output.values).zip(&gradient);
            outputs.map(|((a, b), gradient)| (a - b) * gradient).sum::<f64>() / (2.0 * STEP)
        };
        let moved = |values: &[f64], at: usize| {
            [STEP, -STEP].map(|by| {
                let mut values = values.to_vec();
                values[at] += by;
                values
            })
        };
        let mut check = |what: &str, slopes: &[f64], at: usize, difference: f64| {
            let off = (slopes[at] - difference).abs() / slopes[at].abs().max(1e-3 * largest(slopes));
            assert!(off < 1e-6, "{what}, {at}: {}, but {difference} in {chain:?}", slopes[at]);
            worst = worst.max(off);
        };
        for (tensor, first, end) in chain.tensors() {
            for at in (first..end).step_by((end - first).div_ceil(MOST)) {
                let ends = moved(&parameters, at).map(|parameters| chain.forward(&parameters, &input));
                check(&tensor, &slopes[first..end], at - first, difference(ends));
            }
        }
        for at in (0..input.values.len()).step_by(input.values.len().div_ceil(MOST)) {
            let ends = moved(&input.values, at).map(|values| {
                let input = Volume { values, ..input.clone() };
                chain.forward(&parameters, &input)
            });
            check("input", &input_slopes, at, difference(ends));
        }
    }
    println!("largest difference: {worst:e}");
}

#[test]
fn a_worker_adds_to_gradients_and_forgets_its_own() {
    let layers = vec![convolution(3, 5, Padding::Replicate, Activation::Prelu), Layer::PixelShuffle { factor: 1 }];
    let chain = Chain { inputs: 1, layers, skip: false };
    let mut network = Network::new(Isa::best(), 1, &chain.layers, false).expect("a chain");
    let (small, large) = (Drawn::new(&chain, (4, 3), 1), Drawn::new(&chain, (9, 21), 1));
    network.load(&small.parameters.iter().map(|v| *v as f32).collect::<Vec<_>>());
    let mut worker = Worker::default();
    let first = passes(&network, &mut worker, &small);
    let mut doubled = first.1.clone();
    worker.add_gradients(&network, &mut doubled);
    assert!(doubled.iter().zip(&first.1).all(|(a, b)| *a == 2.0 * b));
    passes(&network, &mut worker, &large);
    assert_eq!(passes(&network, &mut worker, &small), first);
    worker.begin(&network, (4, 3));
    let mut nothing = vec![0.0; network.parameters()];
    worker.add_gradients(&network, &mut nothing);
    assert!(nothing.iter().all(|v| *v == 0.0));
}

#[test]
fn chains_that_cannot_be_built_are_refused() {
    use Padding::{Replicate, Valid, Zero};
    let plain = |taps, filters, padding| convolution(taps, filters, padding, Activation::Relu);
    let shuffle = |factor| Layer::PixelShuffle { factor };
    let cases: [(&[Layer], bool, NetworkError); 13] = [
        (&[], false, NetworkError::NoConvolution),
        (&[shuffle(1)], false, NetworkError::NoConvolution),
        (&[shuffle(1), plain(3, 1, Zero)], false, NetworkError::NoConvolution),
        (&[plain(0, 1, Valid)], false, NetworkError::Zero { layer: 1 }),
        (&[plain(3, 4, Valid), plain(3, 0, Valid)], false, NetworkError::Zero { layer: 2 }),
        (&[plain(3, 4, Valid), plain(4, 1, Zero)], false, NetworkError::Even { layer: 2, taps: 4 }),
        (&[plain(2, 4, Replicate)], false, NetworkError::Even { layer: 1, taps: 2 }),
        (&[plain(3, 6, Zero), shuffle(2)], false, NetworkError::Shuffle { layer: 2, channels: 6, factor: 2 }),
        (&[plain(3, 6, Zero), shuffle(0)], false, NetworkError::Shuffle { layer: 2, channels: 6, factor: 0 }),
        (
            &[plain(3, 8, Zero), shuffle(2), shuffle(2)],
            false,
            NetworkError::Shuffle { layer: 3, channels: 2, factor: 2 },
        ),
        (&[plain(3, 2, Zero)], true, NetworkError::Skip),
        (&[plain(3, 4, Zero), shuffle(2)], true, NetworkError::Skip),
        (&[plain(3, 4, Zero), shuffle(2), plain(3, 1, Zero)], true, NetworkError::Skip),
    ];
    for (layers, skip, error) in cases {
        assert_eq!(Network::new(Isa::best(), 1, layers, skip).map(|_| ()), Err(error), "{layers:?}");
    }
    let even =
        Network::new(Isa::best(), 1, &[plain(2, 4, Valid), plain(4, 1, Valid)], true).expect("no centre is needed");
    assert_eq!([(4, 9), (9, 4), (5, 6)].map(|size| even.output_size(size)), [None, None, Some((1, 2))]);
}
