//! Graphs by the reference engine, against PyTorch in double precision (tools/oracles/make_graphs.py).

use safetensors::SafeTensors;
use srcnn::color::LumaRange;
use srcnn::engine::Reference;
use srcnn::image::Pixels;
use srcnn::model::graph::{Convolution, Function, Graph, GraphBuilder, Operation};
use srcnn::model::{Input, LayerWeights, Preprocessing};
use srcnn::plane::Plane;
use srcnn::progress::Silent;
use srcnn::resample::{Convention, Edge};
use srcnn::rows::{Held, Shape, collect};
use srcnn::upscale::{Target, UpscaleError};
use srcnn::{Image, Limits, Model, Upscaler};

/// A graph with its weights, what goes in, and what PyTorch makes of it.
struct Case {
    name: String,
    graph: Graph,
    weights: Vec<LayerWeights>,
    input: Vec<Plane<f64>>,
    output: Vec<Plane<f64>>,
}

fn cases() -> Vec<Case> {
    srcnn_fixtures::files("graphs").into_iter().map(|(name, bytes)| case(name, &bytes)).collect()
}

fn case(name: String, bytes: &[u8]) -> Case {
    let (_, header) = SafeTensors::read_metadata(bytes).expect("safetensors");
    let graph: Graph = serde_json::from_str(&header.metadata().as_ref().expect("metadata")["graph"])
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let file = SafeTensors::deserialize(bytes).expect("safetensors");
    let floats = |name: String| match file.tensor(&name) {
        Ok(tensor) => tensor.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
        Err(_) => Vec::new(),
    };
    let weighted = graph.nodes().iter().enumerate().filter(|(_, node)| node.operation.weights().total() > 0);
    let weights = weighted.map(|(node, _)| LayerWeights {
        kernels: floats(format!("kernels.{node}")),
        biases: floats(format!("biases.{node}")),
    });
    let weights: Vec<_> = weights.collect();
    let planes = |name: &str, values: Vec<f64>| {
        let shape = file.tensor(name).expect("it is there").shape().to_vec();
        let planes = values.chunks_exact(shape[1] * shape[2]);
        planes.map(|plane| Plane::new(shape[2], shape[1], plane.to_vec()).expect("a plane")).collect()
    };
    let input = planes("input", floats("input".to_owned()).into_iter().map(f64::from).collect());
    let output = file.tensor("output").expect("it is there");
    let output = planes("output", output.data().as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect());
    Case { weights, name, graph, input, output }
}

fn largest_difference<A: Copy + Into<f64>, B: Copy + Into<f64>>(a: &[Plane<A>], b: &[Plane<B>]) -> f64 {
    assert_eq!(a.len(), b.len(), "channels");
    let planes = a.iter().zip(b);
    planes.fold(0.0, |largest, (a, b)| {
        assert_eq!(a.size(), b.size());
        let pairs = a.as_slice().iter().zip(b.as_slice());
        pairs.fold(largest, |largest: f64, (&a, &b)| largest.max((a.into() - b.into()).abs()))
    })
}

#[test]
fn every_operation_and_network_is_as_pytorch_computes_it() {
    assert_eq!(cases().len(), 18);
    for Case { name, graph, weights, input, output } in cases() {
        let result = Reference::<f64>::of(graph, &weights).run(&input, &Silent);
        let result = result.unwrap_or_else(|error| panic!("{name}: {error}"));
        let difference = largest_difference(&result, &output);
        // Results are of the order of 1; sums in double precision differ by their order alone.
        assert!(difference < 1e-13, "{name}: {difference:e}");
    }
}

#[test]
fn results_do_not_depend_on_bands_and_single_precision_rounds_only() {
    for Case { name, graph, weights, input, output } in cases() {
        let input: Vec<Plane<f32>> = input.iter().map(|plane| plane.map(|v| v as f32)).collect();
        let reference = Reference::<f32>::of(graph, &weights);
        let whole = reference.run(&input, &Silent).expect("it runs");
        assert!(largest_difference(&whole, &output) < 2e-6, "{name}");
        for band in [1, 2, 3, 5] {
            let banded = reference.clone().with_band(band).run(&input, &Silent).expect("it runs");
            assert!(banded == whole, "{name} in bands of {band}");
        }
    }
}

#[test]
fn graphs_are_written_as_they_are_read() {
    for Case { name, graph, .. } in cases() {
        let text = serde_json::to_string(&graph).expect("it is written");
        assert_eq!(serde_json::from_str::<Graph>(&text).ok(), Some(graph), "{name}");
    }
}

/// A graph that loses eight pixels on each side, and has slopes, so that it is no chain of layers.
fn unpadded() -> Model {
    let mut builder = GraphBuilder::new(1);
    let first = builder.add(Operation::Convolution(Convolution::valid(1, 6, 9)), &[builder.input()]);
    let bent = builder.add(Operation::Function(Function::Prelu { channels: 6 }), &[first]);
    builder.add(Operation::Convolution(Convolution::valid(6, 1, 9)), &[bent]);
    let numbers =
        |count: usize, reach: f32| (0..count).map(|i| reach * ((i * 7919 % 101) as f32 / 50.0 - 1.0)).collect();
    let weights = vec![
        LayerWeights { kernels: numbers(6 * 81, 0.1), biases: numbers(6, 0.1) },
        LayerWeights { kernels: numbers(6, 0.5), biases: Vec::new() },
        LayerWeights { kernels: numbers(6 * 81, 0.02), biases: vec![0.4] },
    ];
    let interpolation = Convention::MatlabBicubic(Edge::Mirror);
    let preprocessing = Preprocessing { scale: 1, interpolation, luma: LumaRange::Full };
    let graph = builder.build().expect("a graph");
    Model::of_graph("unpadded", Input::Y, graph, weights, preprocessing, Default::default()).expect("a model")
}

#[test]
fn what_a_network_loses_is_made_up_for_by_edges_in_bands_too() {
    let size = (60, 150);
    let samples = (0..size.0 * size.1).map(|i| (i * 131 % 251) as u8).collect();
    let picture = Image::from_u8(Pixels::new(size.0, size.1, 1, samples).expect("samples")).expect("grey");
    for ensemble in [false, true] {
        let builder = Upscaler::builder(&unpadded()).target(Target::SameSize).ensemble(ensemble).build();
        let upscaler = builder.expect("a restorer");
        let whole = upscaler.run(&picture).expect("it runs");
        assert_eq!(whole.size(), size);
        let mut limits = Limits { memory: Shape::of(&picture).bytes(), ..Limits::default() };
        let rows = loop {
            match upscaler.rows(Held::from(&picture), limits, &Silent) {
                Ok(rows) => break rows,
                Err(UpscaleError::Memory { needed, .. }) => limits.memory += needed,
                Err(error) => panic!("{error}"),
            }
        };
        assert!(collect(rows).expect("rows come") == whole, "ensemble {ensemble}");
    }
}
