//! A model as a message.

use super::message::{INPUT, OUTPUT, Parts};
use super::operations;
use super::unwritable::Unwritable;
use crate::model::Model;
use crate::weights::metadata;
use crate::weights::onnx::schema::{
    DIM_PARAM, DIM_VALUE, ENTRY_KEY, ENTRY_VALUE, FLOAT, GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_NAME, GRAPH_NODE,
    GRAPH_OUTPUT, MODEL_GRAPH, MODEL_IR_VERSION, MODEL_METADATA_PROPS, MODEL_OPSET_IMPORT, MODEL_PRODUCER_NAME,
    OPSET_DOMAIN, OPSET_VERSION, SHAPE_DIM, TENSOR_TYPE_ELEM, TENSOR_TYPE_SHAPE, TYPE_TENSOR, VALUE_NAME, VALUE_TYPE,
};
use crate::weights::onnx::wire::Message;

const IR_VERSION: i64 = 7;
const OPERATOR_SET: i64 = 13;

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

fn value_info(name: &str, channels: i64, sides: [&str; 2]) -> Message {
    let fixed = |n: i64| Message::default().int(DIM_VALUE, n);
    let free = |name: &str| Message::default().bytes(DIM_PARAM, name);
    let shape = Message::default().each(SHAPE_DIM, [free("batch"), fixed(channels), free(sides[0]), free(sides[1])]);
    let tensor = Message::default().int(TENSOR_TYPE_ELEM, FLOAT).bytes(TENSOR_TYPE_SHAPE, shape);
    Message::default().bytes(VALUE_NAME, name).bytes(VALUE_TYPE, Message::default().bytes(TYPE_TENSOR, tensor))
}
