//! Safetensors: `layer1.weight` (output, input, row, column; correlation), `layer1.bias` and so on, f32.
//!
//! The metadata holds the facts under the names that cards use (`scale`, `padding`, …; lists joined by spaces) and the
//! card's other entries under dotted names (`training.steps`).

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};

use super::chain::{AxisOrder, KernelTensor, fits, to_layers};
use super::{Format, WeightError, WeightFile, metadata};
use crate::model::Model;

const FORMAT: Format = Format::Safetensors;

/// Reads a file in our layout.
pub(super) fn read(bytes: &[u8]) -> Result<WeightFile, WeightError> {
    let damaged = |e: safetensors::SafeTensorError| WeightError::Damaged { format: FORMAT, reason: e.to_string() };
    let absent = |reason: String| WeightError::NoNetwork { format: FORMAT, reason };
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let file = SafeTensors::deserialize(bytes).map_err(damaged)?;
    let mut tensors = Vec::new();
    for layer in 1..=file.len() {
        let Ok(kernels) = file.tensor(&format!("layer{layer}.weight")) else { break };
        let bias = format!("layer{layer}.bias");
        let biases = file.tensor(&bias).map_err(|_| absent(format!("there is no `{bias}`")))?;
        let shape = <[usize; 4]>::try_from(kernels.shape())
            .map_err(|_| absent(format!("`layer{layer}.weight` has shape {:?}, not four axes", kernels.shape())))?;
        tensors.push(KernelTensor { shape, kernels: floats(&kernels)?, biases: floats(&biases)? });
    }
    if 2 * tensors.len() != file.len() || !fits(&tensors, AxisOrder::Oihw) {
        let names = file.names().into_iter().take(12).collect::<Vec<_>>();
        return Err(absent(format!("`layer1.weight`, `layer1.bias` … of a chain are expected, found {names:?}")));
    }
    let metadata = header.metadata().clone().unwrap_or_default();
    let (facts, notes) = metadata::read(metadata.into_iter().collect())?;
    let layers = to_layers(tensors, AxisOrder::Oihw, false);
    Ok(WeightFile { format: FORMAT, facts, recognised: None, remarks: Vec::new(), notes, layers })
}

/// Writes a model with all that is known of it; the same model gives the same bytes.
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

fn floats(tensor: &TensorView<'_>) -> Result<Vec<f32>, WeightError> {
    match tensor.dtype() {
        Dtype::F32 => {
            let words = tensor.data().as_chunks::<4>().0;
            Ok(words.iter().map(|b| f32::from_le_bytes(*b)).collect())
        }
        Dtype::F64 => {
            let words = tensor.data().as_chunks::<8>().0;
            Ok(words.iter().map(|b| f64::from_le_bytes(*b) as f32).collect())
        }
        other => {
            let reason = format!("its tensors are {other:?}; F32 and F64 are read");
            Err(WeightError::NoNetwork { format: FORMAT, reason })
        }
    }
}
