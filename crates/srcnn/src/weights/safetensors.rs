//! Safetensors: tables of tensors as PyTorch's programs write them, and this project's own layout, `layer1.weight` (output,
//! input, row, column; correlation), `layer1.bias` and so on, f32, with facts and notes in the metadata.
//!
//! The writers put tensors in the order of their names, so the order of the layers is told by numbers or shapes.

use std::collections::BTreeMap;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorInfo};
use serde_json::{Value, json};

use super::chain::{AxisOrder, to_layers};
use super::error::WeightError;
use super::families;
use super::floats::Float;
use super::format::Format;
use super::metadata;
use super::named::{Listed, kernels};
use super::networks::{self, Table};
use super::weight_file::{Content, WeightFile};
use crate::model::graph::{Convolution, Graph, Operation, Transposed};
use crate::model::{Facts, LayerWeights, Model};

const FORMAT: Format = Format::Safetensors;
/// More tensors than any chain of convolutions has.
const MAX_TENSORS: usize = 4096;
/// Prefix of the names in this project's layout.
const OWN: &str = "layer";

/// Tensors that no network of this crate has.
#[derive(Debug, thiserror::Error)]
enum TensorError {
    #[error("it holds thousands of tensors")]
    TooMany,
    #[error("its graph: {0}")]
    Graph(serde_json::Error),
    #[error("`{name}` is {found:?}; F16, BF16, F32 and F64 are read")]
    Type { name: String, found: Dtype },
}

/// Whether bytes begin as safetensors do: the length of a JSON header below 2^40 in eight bytes, and its first brace.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.len() > 8 && bytes[5..9] == *b"\0\0\0{"
}

/// Reads the only network of a file, or that named `part`.
pub(super) fn read(bytes: &[u8], part: Option<&str>) -> Result<WeightFile, WeightError> {
    let damaged = WeightError::damaged(FORMAT);
    let no_network = WeightError::no_network::<TensorError>(FORMAT);
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let file = SafeTensors::deserialize(bytes).map_err(damaged)?;
    let mut tensors: Vec<(String, &TensorInfo)> = header.tensors().into_iter().collect();
    if tensors.len() > MAX_TENSORS {
        return Err(no_network(TensorError::TooMany));
    }
    let metadata: BTreeMap<String, String> = header.metadata().clone().unwrap_or_default().into_iter().collect();
    if let Some(graph) = metadata.get(metadata::GRAPH).filter(|_| metadata::is_ours(&metadata)).cloned() {
        return match part {
            Some(part) => Err(WeightError::no_part(FORMAT, part)),
            None => read_graph(&file, &graph, metadata),
        };
    }
    tensors.sort_by(|(a, _), (b, _)| a.cmp(b));
    // Counters, such as the number of steps, have no axes.
    let list = tensors.iter().filter(|(_, info)| !info.shape.is_empty());
    let list: Vec<_> = list.map(|(name, info)| Listed { name, shape: &info.shape }).collect();
    let names: Vec<&str> = list.iter().map(|tensor| tensor.name).collect();
    let values = |at: usize| {
        let tensor = file.tensor(names[at]).map_err(damaged)?;
        let float = match tensor.dtype() {
            Dtype::F16 => Float::Half,
            Dtype::BF16 => Float::Brain,
            Dtype::F32 => Float::Single,
            Dtype::F64 => Float::Double,
            found => return Err(no_network(TensorError::Type { name: names[at].to_owned(), found })),
        };
        Ok((float.read_all(tensor.data()), float.remark()))
    };
    let tables = [Table { path: "", list }];
    if let Some(found) = families::find(&tables, part).map_err(|e| e.of(FORMAT))? {
        return WeightFile::of_family(FORMAT, found, values);
    }
    let chosen = networks::choose(&tables, part, false).map_err(|e| e.of(FORMAT))?;
    let mut remarks = chosen.remarks;
    let kernels = kernels(&chosen.convolutions, &mut remarks, values)?;
    let unsigned = !metadata.contains_key(metadata::FORMAT) && names.iter().all(|name| name.starts_with(OWN));
    let stated = if unsigned { Some(metadata::read(metadata)?) } else { metadata::of_ours(metadata.into_iter())? };
    let (facts, notes) = stated.unwrap_or_else(|| (Facts::default(), Default::default()));
    let content = Content::Layers(to_layers(kernels, AxisOrder::Oihw, false));
    Ok(WeightFile { format: FORMAT, facts, recognised: None, remarks, notes, content })
}

/// Reads a network that is no chain of layers, as this project writes it.
fn read_graph(
    file: &SafeTensors<'_>,
    graph: &str,
    metadata: BTreeMap<String, String>,
) -> Result<WeightFile, WeightError> {
    let (damaged, no_network) = (WeightError::damaged(FORMAT), WeightError::no_network::<TensorError>(FORMAT));
    let graph: Graph = serde_json::from_str(graph).map_err(|reason| no_network(TensorError::Graph(reason)))?;
    let read = |name: String, count: usize| {
        if count == 0 {
            return Ok(Vec::new());
        }
        let tensor = file.tensor(&name).map_err(damaged)?;
        match tensor.dtype() {
            Dtype::F32 => Ok(Float::Single.read_all(tensor.data())),
            found => Err(no_network(TensorError::Type { name, found })),
        }
    };
    let weights = graph.weight_counts().enumerate().map(|(i, counts)| {
        let kernels = read(format!("{OWN}{}.weight", i + 1), counts.kernels)?;
        Ok(LayerWeights { kernels, biases: read(format!("{OWN}{}.bias", i + 1), counts.biases)? })
    });
    let weights = weights.collect::<Result<Vec<_>, WeightError>>()?;
    let (facts, mut notes) = metadata::read(metadata)?;
    notes.remove(metadata::GRAPH);
    let content = Content::Graph { graph, weights, rescale: None };
    Ok(WeightFile { format: FORMAT, facts, recognised: None, remarks: Vec::new(), notes, content })
}

/// Encodes a model with its facts and notes. The same model gives the same bytes.
pub fn to_safetensors(model: &Model) -> Vec<u8> {
    let mut header = serde_json::Map::new();
    header.insert("__metadata__".to_owned(), json!(metadata::of(model)));
    let mut data: Vec<u8> = Vec::new();
    let operations = model.graph().nodes().iter().map(|node| &node.operation);
    let weighted = operations.filter(|operation| operation.weights().total() > 0);
    for (i, (operation, weights)) in weighted.zip(model.weights()).enumerate() {
        let parts = [
            ("weight", kernel_shape(operation, weights.kernels.len()), &weights.kernels),
            ("bias", vec![weights.biases.len()], &weights.biases),
        ];
        for (part, shape, values) in parts.into_iter().filter(|(_, _, values)| !values.is_empty()) {
            let start = data.len();
            data.extend(values.iter().flat_map(|v| v.to_le_bytes()));
            let entry = json!({"dtype": "F32", "shape": shape, "data_offsets": [start, data.len()]});
            header.insert(format!("layer{}.{part}", i + 1), entry);
        }
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header);
    bytes.extend(data);
    bytes
}

/// Shape of the kernels of an operation: output, input, row, column; one for each channel of others.
fn kernel_shape(operation: &Operation, count: usize) -> Vec<usize> {
    match operation {
        Operation::Convolution(Convolution { inputs, outputs, groups, kernel: [rows, columns], .. })
        | Operation::Transposed(Transposed { inputs, outputs, groups, kernel: [rows, columns], .. }) => {
            vec![*outputs, inputs / groups, *rows, *columns]
        }
        _ => vec![count],
    }
}
