//! ONNX: a graph that is one line of convolutions, read and written.
//!
//! The graph states paddings and activations. `Pad` by the edge before a convolution is replication; `Resize` before the
//! network states how its input is enlarged. Every unknown operator ends reading with its name.

mod chain;
mod error;
mod fold;
mod graph;
mod resize;
mod schema;
mod tensor;
mod wire;
mod write;

use super::chain::{AxisOrder, fits, to_layers};
use super::error::WeightError;
use super::format::Format;
use super::metadata;
use super::weight_file::WeightFile;
use crate::model::{Activation, Facts, Padding};
use chain::Chain;
use error::ChainError;
use graph::Graph;
pub use write::to_onnx;

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

/// Reads the chain of layers.
pub(super) fn read(bytes: &[u8]) -> Result<WeightFile, WeightError> {
    let no_network = WeightError::no_network(FORMAT);
    let graph = Graph::read(bytes).map_err(WeightError::damaged(FORMAT))?;
    let mut chain = Chain::new(&graph, bytes.len());
    chain.walk().map_err(no_network)?;
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
    Ok(WeightFile { format: FORMAT, facts, recognised: None, remarks, notes, layers })
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
