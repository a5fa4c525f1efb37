//! ONNX: a graph that is one line of convolutions, read and written.
//!
//! The graph states paddings and activations. `Pad` by the edge before a convolution is replication; `Resize` before the
//! network states how its input is enlarged. A last `Clip` to 0..1 is left to the rounding of the result, data may be in the
//! order of TensorFlow (NHWC) between pairs of `Transpose`, and biases may be added by nodes of their own. Values may be in
//! other files beside the model. Every unknown operator ends reading with its name.

mod chain;
mod error;
mod external;
mod fold;
mod graph;
mod network;
mod order;
mod resize;
mod schema;
mod tensor;
mod wire;
mod write;

use super::chain::{AxisOrder, fits, to_layers};
use super::error::WeightError;
use super::format::Format;
use super::metadata;
use super::weight_file::{Content, WeightFile};
use crate::model::{Activation, Facts, Padding};
use chain::Chain;
pub(super) use error::BesideError;
use error::{ChainError, ModelError};
pub(super) use external::Beside;
use graph::Graph;
pub use write::{Unwritable, to_onnx};

const FORMAT: Format = Format::Onnx;
/// Kernels named in a message.
const MAX_NAMED: usize = 6;

/// First byte of a model: the tag of the field `ir_version`, which is 1, and the wire type of a varint, which is 0.
const IR_VERSION_TAG: u8 = 1 << 3;
/// Far beyond the versions that there are (13 of them).
const MAX_IR_VERSION: u8 = 100;

/// Whether bytes begin as models do.
pub(super) fn begins(bytes: &[u8]) -> bool {
    matches!(bytes, [IR_VERSION_TAG, 1..=MAX_IR_VERSION, ..])
}

/// Reads the chain of layers; of a graph with several outputs, the one that leads to the output named `part`. `beside` reads
/// files beside the model, and is known where the model is a file.
pub(super) fn read(bytes: &[u8], part: Option<&str>, beside: Option<&Beside<'_>>) -> Result<WeightFile, WeightError> {
    let no_network = WeightError::no_network(FORMAT);
    let mut graph = Graph::read(bytes).map_err(|error| match error {
        ModelError::SavedModel => WeightError::OtherKind(error.into()),
        error => WeightError::damaged(FORMAT)(error),
    })?;
    let names = || graph.outputs.iter().take(MAX_NAMED).map(|&name| name.to_owned()).collect();
    match part {
        Some(part) => match graph.outputs.iter().find(|name| **name == part) {
            Some(output) => graph.keep(output),
            None => return Err(WeightError::NoPart { format: FORMAT, part: part.to_owned(), names: names() }),
        },
        None if graph.outputs.len() > 1 => {
            return Err(WeightError::SeveralNetworks { format: FORMAT, names: names() });
        }
        None => {}
    }
    if let Some(beside) = beside {
        graph.load(beside).map_err(no_network)?;
    }
    let mut chain = Chain::new(&graph, graph.size(bytes.len()));
    if let Err(error) = chain.walk() {
        return other_network(graph, bytes.len(), error);
    }
    let Chain { layers, mut facts, remarks, .. } = chain;
    let (kernels, shapes): (Vec<_>, Vec<_>) =
        layers.into_iter().map(|l| (l.kernels, (l.padding, l.activation))).unzip();
    if !fits(&kernels, AxisOrder::Oihw) {
        let shapes = kernels.iter().map(|k| k.shape).take(MAX_NAMED).collect();
        return Err(no_network(ChainError::Shapes(shapes)));
    }
    facts.activation = Some(shapes.iter().map(|(_, activation)| *activation).collect());
    facts.padding = Some(paddings(&shapes));
    let mut notes = Default::default();
    let stated = graph.metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    if let Some((own, others)) = metadata::of_ours(stated)? {
        facts = agreed(own, facts, &shapes).map_err(no_network)?;
        notes = others;
    }
    let layers = to_layers(kernels, AxisOrder::Oihw, false);
    Ok(WeightFile { format: FORMAT, facts, recognised: None, remarks, notes, content: Content::Layers(layers) })
}

/// Operators of a chain of convolutions: what is wrong with a graph of these alone, the chain says best.
const OF_CHAINS: [&str; 10] =
    ["Conv", "Relu", "Pad", "Resize", "Upsample", "Clip", "Transpose", "Identity", "Dropout", "Cast"];

/// Reads a graph that is no chain of convolutions, for the reason given.
fn other_network(mut graph: Graph<'_>, size: usize, reason: ChainError) -> Result<WeightFile, WeightError> {
    if let [output] = graph.outputs[..] {
        graph.keep(output);
    }
    let no_network = WeightError::no_network(FORMAT);
    let is_chain = graph.nodes.iter().all(|node| OF_CHAINS.contains(&node.operator));
    let network = match network::read(&graph, graph.size(size)) {
        Ok(network) => network,
        Err(_) if is_chain => return Err(no_network(reason)),
        Err(error) => return Err(WeightError::no_network(FORMAT)(error)),
    };
    let network::Network { graph: read, weights, remarks } = network;
    let stated = graph.metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let (mut facts, mut notes) = metadata::of_ours(stated)?.unwrap_or_default();
    notes.remove(metadata::GRAPH);
    if read.scale() > 1 {
        facts.scale = Some(read.scale() as u32);
    }
    let content = Content::Graph { graph: read, weights, rescale: None };
    Ok(WeightFile { format: FORMAT, facts, recognised: None, remarks, notes, content })
}

/// Paddings of all layers: kernels of 1x1, whose padding has no effect, get that of the others.
fn paddings(layers: &[(Option<Padding>, Activation)]) -> Vec<Padding> {
    let other = layers.iter().find_map(|(padding, _)| *padding).unwrap_or(Padding::Valid);
    layers.iter().map(|(padding, _)| padding.unwrap_or(other)).collect()
}

/// Facts of this crate's metadata, which must not contradict the graph.
fn agreed(own: Facts, graph: Facts, layers: &[(Option<Padding>, Activation)]) -> Result<Facts, ChainError> {
    let padding = own.padding_of(layers.len()).is_none_or(|own| {
        own.len() == layers.len() && own.iter().zip(layers).all(|(own, (read, _))| read.is_none_or(|read| read == *own))
    });
    if !padding || own.activation.as_ref().is_some_and(|own| Some(own) != graph.activation.as_ref()) {
        return Err(ChainError::Contradiction);
    }
    Ok(own.or(graph))
}
