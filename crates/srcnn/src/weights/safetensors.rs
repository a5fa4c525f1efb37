//! Safetensors in this project's layout: `layer1.weight` (output, input, row, column; correlation), `layer1.bias` and so
//! on, f32; facts and notes in the metadata.

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};

use super::chain::{AxisOrder, KernelTensor, fits, to_layers};
use super::error::WeightError;
use super::floats::Float;
use super::format::Format;
use super::metadata;
use super::weight_file::WeightFile;
use crate::model::Model;

const FORMAT: Format = Format::Safetensors;
/// Tensors named in a message.
const MAX_NAMED: usize = 12;

/// Tensors in another layout.
#[derive(Debug, thiserror::Error)]
enum LayoutError {
    #[error("there is no `{name}`")]
    NoBias { name: String },
    #[error("`{name}` has shape {shape:?}, not four axes")]
    Axes { name: String, shape: Vec<usize> },
    #[error("`layer1.weight`, `layer1.bias` … of a chain are expected, found {names:?}")]
    NoChain { names: Vec<String> },
    #[error("its tensors are {found:?}; F32 and F64 are read")]
    Type { found: Dtype },
}

/// Whether bytes begin as safetensors do: the length of a JSON header below 2^40 in eight bytes, and its first brace.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.len() > 8 && bytes[5..9] == *b"\0\0\0{"
}

/// Reads a file in this project's layout.
pub(super) fn read(bytes: &[u8]) -> Result<WeightFile, WeightError> {
    let damaged = WeightError::damaged(FORMAT);
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let file = SafeTensors::deserialize(bytes).map_err(damaged)?;
    let tensors = tensors(&file).map_err(WeightError::no_network(FORMAT))?;
    let metadata = header.metadata().clone().unwrap_or_default();
    let (facts, notes) = metadata::read(metadata.into_iter().collect())?;
    let layers = to_layers(tensors, AxisOrder::Oihw, false);
    Ok(WeightFile { format: FORMAT, facts, recognised: None, remarks: Vec::new(), notes, layers })
}

fn tensors(file: &SafeTensors<'_>) -> Result<Vec<KernelTensor>, LayoutError> {
    let mut tensors = Vec::new();
    for layer in 1..=file.len() {
        let name = format!("layer{layer}.weight");
        let Ok(kernels) = file.tensor(&name) else { break };
        let bias = format!("layer{layer}.bias");
        let Ok(biases) = file.tensor(&bias) else { return Err(LayoutError::NoBias { name: bias }) };
        let Ok(shape) = <[usize; 4]>::try_from(kernels.shape()) else {
            return Err(LayoutError::Axes { name, shape: kernels.shape().to_vec() });
        };
        tensors.push(KernelTensor { shape, kernels: floats(&kernels)?, biases: floats(&biases)? });
    }
    if 2 * tensors.len() != file.len() || !fits(&tensors, AxisOrder::Oihw) {
        let names = file.names().into_iter().take(MAX_NAMED).map(str::to_owned);
        return Err(LayoutError::NoChain { names: names.collect() });
    }
    Ok(tensors)
}

fn floats(tensor: &TensorView<'_>) -> Result<Vec<f32>, LayoutError> {
    match tensor.dtype() {
        Dtype::F32 => Ok(Float::Single.read_all(tensor.data())),
        Dtype::F64 => Ok(Float::Double.read_all(tensor.data())),
        found => Err(LayoutError::Type { found }),
    }
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
