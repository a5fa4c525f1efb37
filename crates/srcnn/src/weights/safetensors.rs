//! Safetensors: tables of tensors as PyTorch's programs write them, and this project's own layout, `layer1.weight` (output,
//! input, row, column; correlation), `layer1.bias` and so on, f32, with facts and notes in the metadata.
//!
//! The writers put tensors in the order of their names, so the order of the layers is told by numbers or shapes.

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorInfo};
use serde_json::{Value, json};

use super::chain::{AxisOrder, to_layers};
use super::error::WeightError;
use super::floats::Float;
use super::format::Format;
use super::metadata;
use super::named::{Listed, kernels};
use super::networks::{self, Table};
use super::weight_file::WeightFile;
use crate::model::{Facts, Model};

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
    tensors.sort_by(|(a, _), (b, _)| a.cmp(b));
    // Counters, such as the number of steps, have no axes.
    let list = tensors.iter().filter(|(_, info)| !info.shape.is_empty());
    let list: Vec<_> = list.map(|(name, info)| Listed { name, shape: &info.shape }).collect();
    let names: Vec<&str> = list.iter().map(|tensor| tensor.name).collect();
    let chosen = networks::choose(&[Table { path: "", list }], part, false).map_err(|e| e.of(FORMAT))?;
    let mut remarks = chosen.remarks;
    let kernels = kernels(&chosen.convolutions, &mut remarks, |at| {
        let tensor = file.tensor(names[at]).map_err(damaged)?;
        let float = match tensor.dtype() {
            Dtype::F16 => Float::Half,
            Dtype::BF16 => Float::Brain,
            Dtype::F32 => Float::Single,
            Dtype::F64 => Float::Double,
            found => return Err(no_network(TensorError::Type { name: names[at].to_owned(), found })),
        };
        Ok((float.read_all(tensor.data()), float.remark()))
    })?;
    let metadata = header.metadata().clone().unwrap_or_default();
    let unsigned = !metadata.contains_key(metadata::FORMAT) && names.iter().all(|name| name.starts_with(OWN));
    let stated = if unsigned {
        Some(metadata::read(metadata.into_iter().collect())?)
    } else {
        metadata::of_ours(metadata.into_iter())?
    };
    let (facts, notes) = stated.unwrap_or_else(|| (Facts::default(), Default::default()));
    let layers = to_layers(kernels, AxisOrder::Oihw, false);
    Ok(WeightFile { format: FORMAT, facts, recognised: None, remarks, notes, layers })
}

/// Encodes a model with its facts and notes. The same model gives the same bytes.
pub fn to_safetensors(model: &Model) -> Vec<u8> {
    let architecture = model.architecture();
    let layers = architecture.layers();
    let mut header = serde_json::Map::new();
    header.insert("__metadata__".to_owned(), json!(metadata::of(model)));
    let mut data: Vec<u8> = Vec::new();
    for (i, (spec, weights)) in layers.iter().zip(model.weights()).enumerate() {
        let shape = [spec.outputs, spec.inputs, spec.kernel, spec.kernel];
        let parts = [("weight", shape.to_vec(), &weights.kernels), ("bias", vec![spec.outputs], &weights.biases)];
        for (part, shape, values) in parts {
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
