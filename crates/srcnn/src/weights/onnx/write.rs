//! A model as ONNX, operator set 13: `Conv`, `Relu`, and `Pad` by the edge where edges are replicated.

use super::super::metadata;
use super::wire::Message;
use crate::model::{Activation, LayerSpec, LayerWeights, Model, Padding};

const IR_VERSION: i64 = 7;
const OPERATOR_SET: i64 = 13;
const FLOAT: i64 = 1;
const INT64: i64 = 7;
/// Types of attributes.
const STRING: i64 = 3;
const INTS: i64 = 7;

/// Writes a model: one input, `input`, and one output, `output`, of any size, values from 0.0 to 1.0; what is known of
/// the model is in the metadata, under the names that `.safetensors` uses. The same model gives the same bytes.
pub fn to_onnx(model: &Model) -> Vec<u8> {
    let mut graph = Parts::default();
    let layers = model.architecture().layers();
    let mut at = "input".to_owned();
    for (i, (spec, weights)) in layers.iter().zip(model.weights()).enumerate() {
        let last = i + 1 == layers.len();
        at = graph.layer(&format!("layer{}", i + 1), spec, weights, &at, last);
    }
    let channels = model.architecture().input().channels() as i64;
    let graph = Message::default()
        .each(1, graph.nodes)
        .bytes(2, model.name())
        .each(5, graph.tensors)
        .bytes(11, value_info("input", channels, ["height", "width"]))
        .bytes(12, value_info("output", channels, ["output_height", "output_width"]));
    let entry = |(key, value): (String, String)| Message::default().bytes(1, key).bytes(2, value);
    Message::default()
        .int(1, IR_VERSION)
        .bytes(2, "srcnn")
        .each(14, metadata::of(model).into_iter().map(entry))
        .bytes(7, graph)
        // Last, since without it the file is none: a file that was cut off cannot pass for a whole one.
        .bytes(8, Message::default().bytes(1, "").int(2, OPERATOR_SET))
        .into_bytes()
}

#[derive(Default)]
struct Parts {
    nodes: Vec<Message>,
    tensors: Vec<Message>,
}

impl Parts {
    /// Adds a layer behind `input`; returns the name of what it gives.
    fn layer(&mut self, name: &str, spec: &LayerSpec, weights: &LayerWeights, input: &str, last: bool) -> String {
        let (kernel, half) = (spec.kernel as i64, spec.kernel as i64 / 2);
        let relu = spec.activation == Activation::Relu;
        let output = |ends: bool, part: &str| if ends && last { "output".to_owned() } else { format!("{name}.{part}") };
        let mut data = input.to_owned();
        if spec.padding == Padding::Replicate && half > 0 {
            let sizes = format!("{name}.pads");
            let pads = [0, 0, half, half, 0, 0, half, half];
            let bytes: Vec<u8> = pads.iter().flat_map(|p: &i64| p.to_le_bytes()).collect();
            self.tensors.push(tensor(&sizes, INT64, &[8], &bytes));
            let padded = format!("{name}.padded");
            let mode = Message::default().bytes(1, "mode").bytes(4, "edge").int(20, STRING);
            self.nodes.push(node("Pad", &format!("{name}.pad"), &[&data, &sizes], &padded, [mode]));
            data = padded;
        }
        let own = if spec.padding == Padding::Zero { half } else { 0 };
        let names = [format!("{name}.weight"), format!("{name}.bias")];
        let shape = [spec.outputs, spec.inputs, spec.kernel, spec.kernel].map(|n| n as i64);
        self.tensors.push(tensor(&names[0], FLOAT, &shape, &floats(&weights.kernels)));
        self.tensors.push(tensor(&names[1], FLOAT, &shape[..1], &floats(&weights.biases)));
        let sums = output(!relu, "sums");
        let attributes = [ints("kernel_shape", &[kernel; 2]), ints("pads", &[own; 4]), ints("strides", &[1; 2])];
        let inputs = [data.as_str(), &names[0], &names[1]];
        self.nodes.push(node("Conv", &format!("{name}.conv"), &inputs, &sums, attributes));
        if !relu {
            return sums;
        }
        let positive = output(true, "relu");
        self.nodes.push(node("Relu", &format!("{name}.activation"), &[&sums], &positive, []));
        positive
    }
}

fn node<const N: usize>(
    operator: &str,
    name: &str,
    inputs: &[&str],
    output: &str,
    attributes: [Message; N],
) -> Message {
    let message = Message::default().each(1, inputs).bytes(2, output).bytes(3, name).bytes(4, operator);
    message.each(5, attributes)
}

fn ints(name: &str, values: &[i64]) -> Message {
    let message = Message::default().bytes(1, name);
    values.iter().fold(message, |message, &value| message.int(8, value)).int(20, INTS)
}

fn tensor(name: &str, kind: i64, shape: &[i64], data: &[u8]) -> Message {
    let message = shape.iter().fold(Message::default(), |message, &n| message.int(1, n));
    message.int(2, kind).bytes(8, name).bytes(9, data)
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn value_info(name: &str, channels: i64, sides: [&str; 2]) -> Message {
    let fixed = |n: i64| Message::default().int(1, n);
    let free = |name: &str| Message::default().bytes(2, name);
    let shape = Message::default().each(1, [free("batch"), fixed(channels), free(sides[0]), free(sides[1])]);
    let tensor = Message::default().int(1, FLOAT).bytes(2, shape);
    Message::default().bytes(1, name).bytes(2, Message::default().bytes(1, tensor))
}
