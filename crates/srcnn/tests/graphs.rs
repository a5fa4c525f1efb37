//! Graphs by the reference engine, against PyTorch in double precision (tools/oracles/make_graphs.py).

use safetensors::SafeTensors;
use srcnn::engine::Reference;
use srcnn::model::LayerWeights;
use srcnn::model::graph::Graph;
use srcnn::plane::Plane;
use srcnn::progress::Silent;

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
