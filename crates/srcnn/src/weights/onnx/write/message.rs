//! Nodes, tensors and attributes as messages.

use crate::weights::onnx::schema::{
    ATTRIBUTE_F, ATTRIBUTE_I, ATTRIBUTE_INTS, ATTRIBUTE_NAME, ATTRIBUTE_S, ATTRIBUTE_TYPE, NODE_ATTRIBUTE, NODE_INPUT,
    NODE_NAME, NODE_OP_TYPE, NODE_OUTPUT, TENSOR_DATA_TYPE, TENSOR_DIMS, TENSOR_NAME, TENSOR_RAW_DATA, TYPE_FLOAT,
    TYPE_INT, TYPE_INTS, TYPE_STRING,
};
use crate::weights::onnx::wire::Message;

/// Names of what goes in and comes out.
pub(super) const INPUT: &str = "input";
pub(super) const OUTPUT: &str = "output";

/// Nodes and tensors of a graph being written.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) nodes: Vec<Message>,
    pub(super) tensors: Vec<Message>,
}

pub(super) fn node(
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

pub(super) fn text(name: &str, value: &str) -> Message {
    Message::default().bytes(ATTRIBUTE_NAME, name).bytes(ATTRIBUTE_S, value).int(ATTRIBUTE_TYPE, TYPE_STRING)
}

pub(super) fn int(name: &str, value: i64) -> Message {
    Message::default().bytes(ATTRIBUTE_NAME, name).int(ATTRIBUTE_I, value).int(ATTRIBUTE_TYPE, TYPE_INT)
}

pub(super) fn float(name: &str, value: f32) -> Message {
    Message::default().bytes(ATTRIBUTE_NAME, name).single(ATTRIBUTE_F, value).int(ATTRIBUTE_TYPE, TYPE_FLOAT)
}

pub(super) fn ints(name: &str, values: &[i64]) -> Message {
    let message = Message::default().bytes(ATTRIBUTE_NAME, name);
    let message = values.iter().fold(message, |message, &value| message.int(ATTRIBUTE_INTS, value));
    message.int(ATTRIBUTE_TYPE, TYPE_INTS)
}

pub(super) fn tensor(name: &str, kind: i64, shape: &[i64], data: &[u8]) -> Message {
    let message = shape.iter().fold(Message::default(), |message, &n| message.int(TENSOR_DIMS, n));
    message.int(TENSOR_DATA_TYPE, kind).bytes(TENSOR_NAME, name).bytes(TENSOR_RAW_DATA, data)
}

pub(super) fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}
