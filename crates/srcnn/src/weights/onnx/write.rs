//! Writes a model as ONNX, operator set 13: a chain of layers by `Conv`, `Relu`, and `Pad` by the edge where edges are replicated;
//! any other network operation by operation.

use super::schema::{
    ATTRIBUTE_F, ATTRIBUTE_I, ATTRIBUTE_INTS, ATTRIBUTE_NAME, ATTRIBUTE_S, ATTRIBUTE_TYPE, DIM_PARAM, DIM_VALUE,
    ENTRY_KEY, ENTRY_VALUE, FLOAT, GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_NAME, GRAPH_NODE, GRAPH_OUTPUT, INT64,
    MODEL_GRAPH, MODEL_IR_VERSION, MODEL_METADATA_PROPS, MODEL_OPSET_IMPORT, MODEL_PRODUCER_NAME, NODE_ATTRIBUTE,
    NODE_INPUT, NODE_NAME, NODE_OP_TYPE, NODE_OUTPUT, OPSET_DOMAIN, OPSET_VERSION, SHAPE_DIM, TENSOR_DATA_TYPE,
    TENSOR_DIMS, TENSOR_NAME, TENSOR_RAW_DATA, TENSOR_TYPE_ELEM, TENSOR_TYPE_SHAPE, TYPE_FLOAT, TYPE_INT, TYPE_INTS,
    TYPE_STRING, TYPE_TENSOR, VALUE_NAME, VALUE_TYPE,
};
use super::wire::Message;
use crate::model::{Activation, LayerSpec, LayerWeights, Model, Padding};
use crate::weights::metadata;

mod operations;

const IR_VERSION: i64 = 7;
const OPERATOR_SET: i64 = 13;
/// Names of what goes in and comes out.
const INPUT: &str = "input";
const OUTPUT: &str = "output";

/// A network with an operation that ONNX does not have.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("ONNX cannot say {what}")]
pub struct Unwritable {
    /// The operation.
    pub what: String,
}

/// Encodes a model with one input, `input`, and one output, `output`, of any height and width: batch, channel, row,
/// column, values from 0.0 to 1.0. Facts and notes are in the metadata under the names that `.safetensors` uses. The same
/// model gives the same bytes.
///
/// # Errors
/// [`Unwritable`] for a network that enlarges by a convention of resampling that ONNX does not have.
pub fn to_onnx(model: &Model) -> Result<Vec<u8>, Unwritable> {
    let mut graph = Parts::default();
    match model.architecture() {
        Some(architecture) => {
            let layers = architecture.layers();
            let mut at = INPUT.to_owned();
            for (i, (spec, weights)) in layers.iter().zip(model.weights()).enumerate() {
                let last = i + 1 == layers.len();
                at = graph.layer(&format!("layer{}", i + 1), spec, weights, &at, last);
            }
        }
        None => operations::write(model, &mut graph)?,
    }
    let channels = model.input().channels() as i64;
    let graph = Message::default()
        .each(GRAPH_NODE, graph.nodes)
        .bytes(GRAPH_NAME, model.name())
        .each(GRAPH_INITIALIZER, graph.tensors)
        .bytes(GRAPH_INPUT, value_info(INPUT, channels, ["height", "width"]))
        .bytes(GRAPH_OUTPUT, value_info(OUTPUT, channels, ["output_height", "output_width"]));
    let entry = |(key, value): (String, String)| Message::default().bytes(ENTRY_KEY, key).bytes(ENTRY_VALUE, value);
    Ok(Message::default()
        .int(MODEL_IR_VERSION, IR_VERSION)
        .bytes(MODEL_PRODUCER_NAME, "srcnn")
        .each(MODEL_METADATA_PROPS, metadata::of(model).into_iter().map(entry))
        .bytes(MODEL_GRAPH, graph)
        // Last, since readers require it: a file that was cut off cannot pass for a whole one.
        .bytes(MODEL_OPSET_IMPORT, Message::default().bytes(OPSET_DOMAIN, "").int(OPSET_VERSION, OPERATOR_SET))
        .into_bytes())
}

/// Nodes and tensors of a graph being written.
#[derive(Default)]
struct Parts {
    nodes: Vec<Message>,
    tensors: Vec<Message>,
}

impl Parts {
    /// Adds a layer that takes the tensor `input`; returns the name of its output.
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
            let mode = text("mode", "edge");
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

fn node(
    operator: &str,
    name: &str,
    inputs: &[&str],
    output: &str,
    attributes: impl IntoIterator<Item = Message>,
) -> Message {
    Message::default()
        .each(NODE_INPUT, inputs)
        .bytes(NODE_OUTPUT, output)
        .bytes(NODE_NAME, name)
        .bytes(NODE_OP_TYPE, operator)
        .each(NODE_ATTRIBUTE, attributes)
}

fn text(name: &str, value: &str) -> Message {
    Message::default().bytes(ATTRIBUTE_NAME, name).bytes(ATTRIBUTE_S, value).int(ATTRIBUTE_TYPE, TYPE_STRING)
}

fn int(name: &str, value: i64) -> Message {
    Message::default().bytes(ATTRIBUTE_NAME, name).int(ATTRIBUTE_I, value).int(ATTRIBUTE_TYPE, TYPE_INT)
}

fn float(name: &str, value: f32) -> Message {
    Message::default().bytes(ATTRIBUTE_NAME, name).single(ATTRIBUTE_F, value).int(ATTRIBUTE_TYPE, TYPE_FLOAT)
}

fn ints(name: &str, values: &[i64]) -> Message {
    let message = Message::default().bytes(ATTRIBUTE_NAME, name);
    let message = values.iter().fold(message, |message, &value| message.int(ATTRIBUTE_INTS, value));
    message.int(ATTRIBUTE_TYPE, TYPE_INTS)
}

fn tensor(name: &str, kind: i64, shape: &[i64], data: &[u8]) -> Message {
    let message = shape.iter().fold(Message::default(), |message, &n| message.int(TENSOR_DIMS, n));
    message.int(TENSOR_DATA_TYPE, kind).bytes(TENSOR_NAME, name).bytes(TENSOR_RAW_DATA, data)
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn value_info(name: &str, channels: i64, sides: [&str; 2]) -> Message {
    let fixed = |n: i64| Message::default().int(DIM_VALUE, n);
    let free = |name: &str| Message::default().bytes(DIM_PARAM, name);
    let shape = Message::default().each(SHAPE_DIM, [free("batch"), fixed(channels), free(sides[0]), free(sides[1])]);
    let tensor = Message::default().int(TENSOR_TYPE_ELEM, FLOAT).bytes(TENSOR_TYPE_SHAPE, shape);
    Message::default().bytes(VALUE_NAME, name).bytes(VALUE_TYPE, Message::default().bytes(TYPE_TENSOR, tensor))
}
