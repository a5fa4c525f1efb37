use super::*;
use crate::color::LumaRange;
use crate::engine::{Engine, Execution, Isa, Precision, Reference};
use crate::model::graph::{Convolution, Enlargement, Function, GraphBuilder, Operation, Sides, Transposed};
use crate::model::{Architecture, Input, Model, Padding, Preprocessing, drawn};
use crate::progress::Silent;
use crate::random::SplitMix64;
use crate::resample::{Convention, Edge};

fn model(input: Input, kernels: &[usize], filters: &[usize], padding: &[Padding]) -> Model {
    let architecture = Architecture::srcnn(input, kernels, filters, padding).expect("a network");
    let preprocessing = Preprocessing { scale: 2, interpolation: Convention::OpencvLinear, luma: LumaRange::Full };
    drawn(architecture, 1, preprocessing)
}

fn noise(width: usize, height: usize, seed: usize) -> Plane<f32> {
    Plane::from_fn(width, height, |x, y| ((x * 7919 + y * 104_729 + seed * 1299) % 1009) as f32 / 1009.0)
}

const PADDINGS: [[Padding; 3]; 4] =
    [[Padding::Valid; 3], [Padding::Valid, Padding::Zero, Padding::Valid], [Padding::Zero; 3], [Padding::Replicate; 3]];

const NETWORKS: [(Input, [usize; 3], [usize; 2]); 8] = [
    (Input::Y, [9, 1, 5], [16, 32]),
    (Input::Y, [9, 3, 5], [32, 64]),
    (Input::Y, [9, 5, 5], [64, 32]),
    (Input::Y, [5, 3, 3], [8, 8]),
    (Input::Y, [3, 5, 9], [17, 5]),
    (Input::Y, [1, 1, 1], [1, 1]),
    (Input::Rgb, [9, 5, 5], [20, 48]),
    (Input::Y, [11, 1, 7], [3, 96]),
];

/// Winograd convolution rounds more than direct sums: 1e-5 of the largest value that a Glorot network gives here, about
/// one.
const BOUND: f64 = 1e-5;

/// Every instruction set, in both precisions.
fn executions() -> Vec<Execution> {
    let precisions = [Precision::Exact, Precision::Fast];
    Isa::available().into_iter().flat_map(|isa| precisions.map(|precision| Execution { isa, precision })).collect()
}

#[test]
fn every_instruction_set_agrees_with_the_definition_at_awkward_sizes() {
    let available = Isa::available();
    println!("instruction sets: {:?}", available.iter().map(|isa| isa.name()).collect::<Vec<_>>());
    for (input, kernels, filters) in NETWORKS {
        for padding in PADDINGS {
            let model = model(input, &kernels, &filters, &padding);
            let reference = Reference::<f64>::new(&model);
            for (width, height) in [(1, 1), (3, 2), (4, 4), (5, 13), (16, 3), (17, 18), (31, 23), (40, 33)] {
                let planes: Vec<_> = (0..input.channels()).map(|c| noise(width, height, c)).collect();
                let wide: Vec<_> = planes.iter().map(|p| p.map(f64::from)).collect();
                let Ok(truth) = reference.run(&wide, &Silent) else {
                    assert!(Engine::new(&model).run(&planes, &Silent).is_err());
                    continue;
                };
                for &isa in &available {
                    let execution = Execution { isa, precision: Precision::Exact };
                    let engine = Engine::builder(&model).execution(execution).build();
                    let ours = engine.run(&planes, &Silent).expect("large enough");
                    for (ours, truth) in ours.iter().zip(&truth) {
                        assert_eq!(ours.size(), truth.size());
                        let pairs = ours.as_slice().iter().zip(truth.as_slice());
                        let worst = pairs.map(|(a, b)| (f64::from(*a) - b).abs()).fold(0.0, f64::max);
                        let case = format!("{} {kernels:?} {filters:?} {padding:?} {width}x{height}", isa.name());
                        assert!(worst < BOUND, "{case}: {worst}");
                    }
                }
            }
        }
    }
}

#[test]
fn fast_is_off_by_little_and_by_nothing_where_there_is_nothing_to_gain() {
    for (input, kernels, filters) in NETWORKS {
        let model = model(input, &kernels, &filters, &PADDINGS[3]);
        let planes: Vec<_> = (0..input.channels()).map(|c| noise(61, 38, c)).collect();
        let run = |engine: &Engine| engine.run(&planes, &Silent).expect("large enough");
        let exact = run(&Engine::new(&model));
        for isa in Isa::available() {
            let exact_here = Execution { isa, precision: Precision::Exact };
            let exact_here = run(&Engine::builder(&model).execution(exact_here).build());
            let engine = Engine::builder(&model).execution(Execution { isa, precision: Precision::Fast }).build();
            let fast = run(&engine);
            let case = format!("{:?} {kernels:?} {filters:?}", engine.execution());
            if engine.execution().precision == Precision::Exact {
                assert_eq!(fast, exact_here, "{case}");
                continue;
            }
            assert!(matches!(kernels[1], 3 | 5), "{case}");
            let (mut noise, mut signal) = (0.0, 0.0);
            for (a, b) in fast.iter().zip(&exact).flat_map(|(a, b)| a.as_slice().iter().zip(b.as_slice())) {
                noise += f64::from(a - b).powi(2);
                signal += f64::from(*b).powi(2);
            }
            let ratio = (noise / signal).sqrt();
            // Rounding to 2^-9, amplified on noise by the transforms: a simulation of 3x3 and 5x5 gives 0.02 and 0.037.
            assert!(ratio > 1e-6 && ratio < 0.04, "{case}: {ratio}");
        }
    }
}

#[test]
fn the_result_is_the_same_bit_for_bit_however_the_picture_is_cut() {
    for (input, kernels, filters) in NETWORKS {
        for padding in PADDINGS {
            let model = model(input, &kernels, &filters, &padding);
            let planes: Vec<_> = (0..input.channels()).map(|c| noise(45, 39, c)).collect();
            for execution in executions() {
                let loss = model.architecture().expect("a chain").border_loss();
                let size = (45 - 2 * loss, 39 - 2 * loss);
                let fused = Fused::pack(model.graph(), model.weights(), execution).expect("kernels");
                let run = |fused: Fused| {
                    fused.run(&planes, size.into(), 0..size.1, whole_part(&planes), &Buffers::default(), &Silent)
                };
                let whole = run(fused.clone().with_cuts(1000, 1000));
                for (strip, band) in [(1000, 4), (1000, 7), (4, 1000), (5, 3), (16, 12), (1, 1), (44, 38)] {
                    let case = format!("{execution:?} {kernels:?} {padding:?}, strips of {strip}, bands of {band}");
                    assert_eq!(run(fused.clone().with_cuts(strip, band)), whole, "{case}");
                }
            }
        }
    }
}

#[test]
fn the_result_is_the_same_bit_for_bit_on_any_number_of_threads() {
    let model = model(Input::Y, &[9, 3, 5], &[32, 16], &PADDINGS[3]);
    let plane = noise(70, 130, 0);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| Engine::new(&model).run(std::slice::from_ref(&plane), &Silent))
    };
    let single = run(1);
    assert_eq!(run(2), single);
    assert_eq!(run(5), single);
}

#[test]
fn networks_without_kernels_run_by_the_definition() {
    for (kernels, filters) in [(vec![3], vec![]), (vec![3, 7, 3], vec![4, 4]), (vec![3, 3, 11], vec![4, 4])] {
        let model = model(Input::Y, &kernels, &filters, &vec![Padding::Zero; kernels.len()]);
        assert!(Fused::pack(model.graph(), model.weights(), Execution::default()).is_none());
        let plane = noise(13, 12, 0);
        let ours = Engine::new(&model).run(std::slice::from_ref(&plane), &Silent);
        assert_eq!(ours, Reference::<f32>::new(&model).run(&[plane], &Silent));
    }
}

/// Planes that are no part of higher ones.
fn whole_part(planes: &[Plane<f32>]) -> Part {
    Part { top: 0, height: planes[0].height() }
}

/// Graphs that are chains with something at their end: slopes, pixels of channels, what went in added.
fn graphs() -> Vec<Graph> {
    let convolution = |inputs, outputs, kernel| Operation::Convolution(Convolution::same(inputs, outputs, kernel));
    let chain = |channels: usize, operations: Vec<Operation>| {
        let mut builder = GraphBuilder::new(channels);
        let last = operations.into_iter().fold(builder.input(), |value, operation| builder.add(operation, &[value]));
        (builder, last)
    };
    let prelu = |channels| Operation::Function(Function::Prelu { channels });
    let leaky = || Operation::Function(Function::Leaky { slope: 0.2 });
    let (espcn, _) = chain(
        1,
        vec![
            convolution(1, 16, 5),
            leaky(),
            convolution(16, 16, 3),
            prelu(16),
            convolution(16, 4, 3),
            Operation::Shuffle { factor: 2 },
        ],
    );
    let transposed = |stride: usize| {
        let rest = 5usize.saturating_sub(stride);
        let cut = Sides { top: 4, left: 4, bottom: rest, right: rest };
        Operation::Transposed(Transposed { inputs: 20, outputs: 1, kernel: [9, 9], stride, groups: 1, cut })
    };
    let fsrcnn = |stride| {
        let narrow =
            [convolution(1, 20, 5), prelu(20), convolution(20, 12, 1), prelu(12), convolution(12, 12, 3), prelu(12)];
        chain(1, narrow.into_iter().chain([convolution(12, 20, 1), prelu(20), transposed(stride)]).collect()).0
    };
    let (mut compact, last) = chain(
        3,
        vec![
            convolution(3, 24, 3),
            prelu(24),
            convolution(24, 24, 3),
            prelu(24),
            convolution(24, 48, 3),
            Operation::Shuffle { factor: 4 },
        ],
    );
    let repeated = compact.add(Operation::Enlarge { factor: 4, by: Enlargement::Nearest }, &[compact.input()]);
    compact.add(Operation::Add, &[last, repeated]);
    let deep =
        (0..7).flat_map(|i| [convolution(if i == 0 { 1 } else { 8 }, 8, 3), Operation::Function(Function::Relu)]);
    let (mut vdsr, last) = chain(1, deep.chain([convolution(8, 1, 3)]).collect());
    vdsr.add(Operation::Add, &[vdsr.input(), last]);
    let fast = |gathered: usize, factor: usize| {
        let (inputs, outputs) = (gathered * gathered, factor * factor);
        let layers =
            [convolution(inputs, 16, 3), prelu(16), convolution(16, outputs, 3), Operation::Shuffle { factor }];
        let first = (gathered > 1).then_some(Operation::Unshuffle { factor: gathered });
        let (mut builder, last) = chain(1, first.into_iter().chain(layers).collect());
        let base = match factor / gathered {
            1 => builder.input(),
            factor => {
                let by = Enlargement::By(Convention::MatlabBicubic(Edge::Mirror));
                builder.add(Operation::Enlarge { factor, by }, &[builder.input()])
            }
        };
        builder.add(Operation::Add, &[last, base]);
        builder
    };
    let all = [espcn, fsrcnn(2), fsrcnn(3), fsrcnn(4), compact, vdsr, fast(1, 2), fast(1, 3), fast(2, 2)];
    all.into_iter().map(|builder| builder.build().expect("a graph")).collect()
}

/// Weights of a graph, such that values stay of the order of one.
fn weights(graph: &Graph) -> Vec<LayerWeights> {
    let mut random = SplitMix64::of(&[7]);
    let mut draw = |count: usize, reach: f32| -> Vec<f32> {
        (0..count).map(|_| reach * (2.0 * random.unit() as f32 - 1.0)).collect()
    };
    let weighted = graph.nodes().iter().filter(|node| node.operation.weights().total() > 0);
    let weights = weighted.map(|node| {
        let counts = node.operation.weights();
        let inputs = graph.extents()[node.inputs[0].index()].channels;
        let reach = match node.operation {
            Operation::Convolution(Convolution { kernel, .. }) => {
                (3.0 / (inputs * kernel[0] * kernel[1]) as f32).sqrt()
            }
            Operation::Transposed(Transposed { kernel, stride, .. }) => {
                stride as f32 * (3.0 / (inputs * kernel[0] * kernel[1]) as f32).sqrt()
            }
            _ => 0.5,
        };
        LayerWeights { kernels: draw(counts.kernels, reach), biases: draw(counts.biases, 0.1) }
    });
    weights.collect()
}

fn in_multiples((width, height): (usize, usize), multiple: usize) -> (usize, usize) {
    (width.next_multiple_of(multiple), height.next_multiple_of(multiple))
}

#[test]
fn graphs_agree_with_the_definition_on_every_instruction_set_and_for_every_cut() {
    for (i, graph) in graphs().into_iter().enumerate() {
        let weights = weights(&graph);
        let reference = Reference::<f64>::of(graph.clone(), &weights);
        for (width, height) in [(1, 1), (5, 3), (17, 18), (61, 47)].map(|side| in_multiples(side, graph.multiple())) {
            let planes: Vec<_> = (0..graph.channels()).map(|c| noise(width, height, c)).collect();
            let wide: Vec<_> = planes.iter().map(|p| p.map(f64::from)).collect();
            let truth = reference.run(&wide, &Silent).expect("large enough");
            for isa in Isa::available() {
                let execution = Execution { isa, precision: Precision::Exact };
                let fused = Fused::pack(&graph, &weights, execution).unwrap_or_else(|| panic!("graph {i} has kernels"));
                let size = graph.output_size((width, height).into()).expect("large enough");
                let run = |fused: &Fused, rows| {
                    fused.run(&planes, size, rows, whole_part(&planes), &Buffers::default(), &Silent).expect("runs")
                };
                let whole = run(&fused, 0..size.height);
                for (ours, truth) in whole.iter().zip(&truth) {
                    let pairs = ours.as_slice().iter().zip(truth.as_slice());
                    let worst = pairs.fold(0.0, |worst: f64, (a, b)| worst.max((f64::from(*a) - b).abs()));
                    assert!(worst < 2e-5, "graph {i}, {width}x{height}, {}: {worst:e}", isa.name());
                }
                for (strip, band) in [(4, 4), (8, 32), (20, 12)] {
                    let cut = run(&fused.clone().with_cuts(strip, band), 0..size.height);
                    assert!(cut == whole, "graph {i}, {width}x{height}, {}: strips of {strip}x{band}", isa.name());
                }
                let rows = size.height / 3..size.height - size.height / 4;
                for (part, whole) in run(&fused, rows.clone()).iter().zip(&whole) {
                    let of_whole = &whole.as_slice()[rows.start * size.width..rows.end * size.width];
                    assert!(part.as_slice() == of_whole, "graph {i}, {width}x{height}: rows {rows:?}");
                }
            }
        }
    }
}
