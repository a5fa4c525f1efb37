//! The walk from operator to operator.

use std::collections::HashMap;

use super::reader::{Known, MAX_CHANNELS, MAX_SPREAD, Pending, Reader};
use crate::model::LayerWeights;
use crate::model::graph::{self, Function, GraphBuilder, Operation, Value};
use crate::weights::onnx::error::NetworkError;
use crate::weights::onnx::graph::{Graph, Node};
use crate::weights::onnx::schema::{BFLOAT16, DOUBLE, FLOAT, FLOAT16};

/// A network and the weights of each of its operations that has any.
pub(in crate::weights::onnx) struct Network {
    pub(in crate::weights::onnx) graph: graph::Graph,
    pub(in crate::weights::onnx) weights: Vec<LayerWeights>,
    pub(in crate::weights::onnx) remarks: Vec<String>,
}

/// Axes of `pixel_shuffle`: rows of blocks before rows within a block.
const SHUFFLED: [i64; 6] = [0, 1, 4, 2, 5, 3];

/// Axes of `pixel_unshuffle`: rows and columns within a block before the rows and columns of blocks.
const UNSHUFFLED: [i64; 6] = [0, 1, 3, 5, 2, 4];

/// Reads a graph whose other outputs have been left out. `budget` bounds the values that are read.
pub(in crate::weights::onnx) fn read(file: &Graph<'_>, budget: usize) -> Result<Network, NetworkError> {
    let ([(input, shape)], [output]) = (file.inputs.as_slice(), file.outputs.as_slice()) else {
        return Err(NetworkError::Ends { inputs: file.inputs.len(), outputs: file.outputs.len() });
    };
    let stated = shape.get(1).copied().filter(|n| *n > 0).and_then(|n| usize::try_from(n).ok());
    let channels = stated.or_else(|| first_channels(file)).filter(|channels| *channels <= MAX_CHANNELS);
    let channels = channels.ok_or(NetworkError::Channels)?;
    let mut reader = Reader {
        file,
        budget,
        spread: MAX_SPREAD,
        builder: GraphBuilder::new(channels),
        known: HashMap::new(),
        weights: Vec::new(),
        remarks: Vec::new(),
    };
    reader.known.insert(input, Known { value: Value::INPUT, channels, pending: None });
    for node in &file.nodes {
        if !node.standard() {
            return Err(NetworkError::Operator(node.operator_name()));
        }
        reader.node(node)?;
    }
    let last = reader.known.get(output).filter(|known| known.pending.is_none()).ok_or(NetworkError::NoOutput)?;
    let Reader { builder, weights, remarks, .. } = reader;
    let (nodes, weights) = builder.up_to(last.value, weights);
    Ok(Network { graph: graph::Graph::new(channels, nodes)?, weights, remarks })
}

/// Channels that the first convolution takes.
fn first_channels(file: &Graph<'_>) -> Option<usize> {
    let node = file.nodes.iter().find(|node| node.operator == "Conv")?;
    let shape = &file.constant(node.input(1)?)?.shape;
    usize::try_from(shape.get(1)?.checked_mul(node.int("group").unwrap_or(1))?).ok()
}

impl<'a> Reader<'_, 'a> {
    fn node(&mut self, node: &Node<'a>) -> Result<(), NetworkError> {
        let refused = || NetworkError::Operator(node.operator_name());
        let Some(first) = node.inputs.iter().find_map(|name| self.known.get(name)).copied() else {
            // Of constants and of sizes alone: read where it is used, or not needed.
            return Ok(());
        };
        let value = first.value;
        match (first.pending, node.operator) {
            (None, _)
            | (Some(Pending::Border(..)), "Conv")
            | (Some(Pending::Gathered { .. }), "Gather")
            | (Some(Pending::Reshaped { .. }), "Transpose" | "Reshape")
            | (Some(Pending::Transposed | Pending::Interleaved { .. }), "Reshape") => {}
            (Some(Pending::Border(..)), _) => {
                return Err(NetworkError::Unread { operator: node.operator_name(), what: "behind a Pad" });
            }
            (Some(_), _) => return Err(refused()),
        }
        let known = match node.operator {
            "Identity" | "Dropout" => first,
            "Cast" if matches!(node.int("to"), Some(FLOAT | FLOAT16 | DOUBLE | BFLOAT16)) => first,
            // Sizes, for what is told by factors.
            "Shape" => return Ok(()),
            "Conv" => self.convolution(node, first)?,
            "ConvTranspose" => self.transposed(node, first)?,
            "Pad" => {
                let (sides, fill) = self.border(node)?;
                Known { pending: Some(Pending::Border(sides, fill)), ..first }
            }
            "Unsqueeze" | "Reshape" if matches!(first.pending, None | Some(Pending::Reshaped { .. })) => {
                let shuffle = self.list(node, "shape", 1).ok().flatten().and_then(|shape| match shape[..] {
                    [_, channels, rows, columns, _, _] if rows == columns => {
                        let factor = usize::try_from(rows).ok().filter(|factor| (1..=16).contains(factor))?;
                        let all = usize::try_from(channels).ok()?.checked_mul(factor * factor);
                        (all == Some(first.channels)).then_some(factor)
                    }
                    _ => None,
                });
                Known { pending: Some(Pending::Reshaped { shuffle }), ..first }
            }
            "Squeeze" if self.file.producer(node.inputs[0]).is_some_and(|before| before.operator == "Reshape") => first,
            "Transpose" if node.ints("perm") == Some(&UNSHUFFLED) && first.pending.is_some() => {
                Known { pending: Some(Pending::Transposed), ..first }
            }
            "Transpose" if node.ints("perm") == Some(&SHUFFLED) => {
                let Some(Pending::Reshaped { shuffle: Some(factor) }) = first.pending else { return Err(refused()) };
                Known { pending: Some(Pending::Interleaved { factor }), ..first }
            }
            "Reshape" if matches!(first.pending, Some(Pending::Interleaved { .. })) => {
                let Some(Pending::Interleaved { factor }) = first.pending else { return Err(refused()) };
                let value = self.builder.add(Operation::Shuffle { factor }, &[value]);
                Known { value, channels: first.channels / (factor * factor), pending: None }
            }
            "Reshape" => {
                // The factor is told by the convolution that takes the result.
                let output = node.outputs.first().copied().ok_or_else(refused)?;
                let channels = self.taken_channels(output).ok_or_else(refused)?;
                let factor = (1..=16).find(|factor| first.channels * factor * factor == channels);
                let factor = factor.ok_or_else(refused)?;
                let value = self.builder.add(Operation::Unshuffle { factor }, &[value]);
                Known { value, channels, pending: None }
            }
            "Relu" => self.function(first, Function::Relu),
            "Tanh" => self.function(first, Function::Tanh),
            "Sigmoid" => self.function(first, Function::Sigmoid),
            "LeakyRelu" => self.function(first, Function::Leaky { slope: node.float("alpha").unwrap_or(0.01) }),
            "Clip" => {
                let bound = |at: usize, name: &str, open: f32| match (node.float(name), node.input(at)) {
                    (Some(bound), _) => Ok(bound),
                    (None, None) => Ok(open),
                    (None, Some(_)) => self.number(node, at),
                };
                let (low, high) = (bound(1, "min", f32::MIN)?, bound(2, "max", f32::MAX)?);
                self.function(first, Function::Clip { low, high })
            }
            "PRelu" => {
                let slopes = self.per_channel(node, 1, first.channels)?;
                self.weighted(slopes, Vec::new());
                self.function(first, Function::Prelu { channels: first.channels })
            }
            "BatchNormalization" => self.normalisation(node, first)?,
            "Add" | "Sub" | "Mul" | "Div" => self.arithmetic(node)?,
            "Concat" if node.int("axis") == Some(1) || node.int("axis") == Some(-3) => {
                let parts = self.all(node)?;
                let values: Vec<Value> = parts.iter().map(|part| part.value).collect();
                let channels = parts.iter().map(|part| part.channels).sum();
                Known { value: self.builder.add(Operation::Concatenate, &values), channels, pending: None }
            }
            "Slice" => self.slice(node, first)?,
            "Split" => return self.split(node, first),
            "DepthToSpace" => {
                let factor = self.block(node)?;
                let channels = first.channels / (factor * factor);
                if node.text("mode") != Some("CRD") && channels != 1 {
                    return Err(NetworkError::Unread { operator: node.operator_name(), what: "of mode DCR" });
                }
                Known { value: self.builder.add(Operation::Shuffle { factor }, &[value]), channels, pending: None }
            }
            "SpaceToDepth" => {
                let factor = self.block(node)?;
                let (channels, positions) = (first.channels, factor * factor);
                let value = self.builder.add(Operation::Unshuffle { factor }, &[value]);
                let pending = (channels > 1).then_some(Pending::Gathered { channels, positions });
                Known { value, channels: channels * positions, pending }
            }
            "Gather" => {
                let Some(Pending::Gathered { channels, positions }) = first.pending else { return Err(refused()) };
                let order = (0..channels).flat_map(|c| (0..positions).map(move |p| (p * channels + c) as f64));
                let indices =
                    node.input(1).and_then(|name| self.file.constant(name)).and_then(|t| t.numbers(MAX_CHANNELS).ok());
                if node.int("axis") != Some(1) || !indices.is_some_and(|indices| indices.into_iter().eq(order)) {
                    return Err(NetworkError::Unread { operator: node.operator_name(), what: "of other channels" });
                }
                Known { pending: None, ..first }
            }
            "Resize" | "Upsample" => self.enlarged(node, first)?,
            "GlobalAveragePool" => Known { value: self.builder.add(Operation::Mean, &[value]), ..first },
            "ReduceMean" if self.is_mean(node) => Known { value: self.builder.add(Operation::Mean, &[value]), ..first },
            _ => return Err(refused()),
        };
        let output = node.outputs.first().copied().ok_or_else(refused)?;
        if known.channels > MAX_CHANNELS {
            return Err(NetworkError::Channels);
        }
        self.known.insert(output, known);
        Ok(())
    }
}
