//! HDF5 as Keras 1 and 2 write it, weights alone or a whole model.
//!
//! Layers come in the order of the attribute `layer_names`, each with one kernel of four axes and one bias. TensorFlow's
//! kernels are (row, column, input, output); Theano's (output, input, row, column) in Keras 1. Theano applies them flipped,
//! so they are flipped here. Which of the two a file has follows from the shapes, since only one of them makes a chain.

use std::collections::HashSet;

use hdf5_reader::group::Group;
use hdf5_reader::{Datatype, Hdf5File, OpenOptions};

use super::chain::{AxisOrder, KernelTensor, fits, to_layers};
use super::{Format, WeightError, WeightFile};
use crate::model::Facts;

const FORMAT: Format = Format::Keras;
/// Keras nests groups at most three deep.
const MAX_DEPTH: usize = 8;

/// Reads the layers in the model's order.
pub(super) fn read(bytes: &[u8]) -> Result<WeightFile, WeightError> {
    let damaged = |e: hdf5_reader::error::Error| WeightError::Damaged { format: FORMAT, reason: e.to_string() };
    let absent = |reason: String| WeightError::NoNetwork { format: FORMAT, reason };
    // Beside these limits the library sets aside room for as many messages or entries as a 16-bit count claims, up to
    // 9 MB, which are not touched until they are read.
    let limit = bytes.len().saturating_mul(4);
    let options = OpenOptions::default()
        .with_max_read_bytes(limit)
        .with_max_chunk_bytes(limit)
        .with_max_object_header_bytes(bytes.len())
        .with_chunk_cache_bytes(0);
    let file = Hdf5File::from_bytes_with_options(bytes, options).map_err(damaged)?;
    let mut root = file.root_group().map_err(damaged)?;
    let (groups, _) = root.members().map_err(damaged)?;
    if let Some(weights) = groups.into_iter().find(|g| g.name() == "model_weights") {
        root = weights;
    }
    let mut walk = Walk { seen: HashSet::new(), budget: bytes.len() as u64, tensors: Vec::new() };
    let (mut layers, loose) = root.members().map_err(damaged)?;
    if layers.is_empty() && !loose.is_empty() {
        return Err(absent("its tensors are in no layer's group".to_owned()));
    }
    if let Some(order) = strings(&root, "layer_names").map_err(damaged)? {
        let place = |g: &Group| order.iter().position(|name| name == g.name()).unwrap_or(usize::MAX);
        layers.retain(|g| place(g) != usize::MAX);
        layers.sort_by_key(place);
    } else {
        layers.sort_by_key(|g| natural(g.name()));
    }
    let mut tensors = Vec::new();
    for layer in &layers {
        walk.tensors.clear();
        walk.group(layer, 0).map_err(damaged)?;
        tensors.extend(kernel_and_bias(layer.name(), &mut walk.tensors).map_err(absent)?);
    }
    let backend = strings(&root, "backend").map_err(damaged)?.and_then(|b| b.into_iter().next());
    assemble(tensors, backend.as_deref()).map_err(absent)
}

/// Tells the axis order, and what follows from it.
fn assemble(tensors: Vec<KernelTensor>, backend: Option<&str>) -> Result<WeightFile, String> {
    let shapes: Vec<_> = tensors.iter().map(|t| t.shape).collect();
    let order = match (fits(&tensors, AxisOrder::Hwio), fits(&tensors, AxisOrder::Oihw)) {
        (true, false) => AxisOrder::Hwio,
        (false, true) => AxisOrder::Oihw,
        (false, false) => return Err(format!("kernels of shapes {shapes:?} make no chain in either axis order")),
        (true, true) => return Err(format!("kernels of shapes {shapes:?} fit in both axis orders")),
    };
    // Keras 1 states no backend, and its axis order tells it. Keras 2 has one order, but Theano still flips.
    let flip = backend.map_or(order == AxisOrder::Oihw, |backend| backend == "theano");
    let remarks = match (order, flip) {
        (AxisOrder::Hwio, false) => "kernels in TensorFlow's order (row, column, input, output)",
        (AxisOrder::Hwio, true) => {
            "kernels in TensorFlow's order (row, column, input, output), by Theano: flipped on reading"
        }
        (AxisOrder::Oihw, true) => "kernels in Theano's order (output, input, row, column), flipped on reading",
        (AxisOrder::Oihw, false) => "kernels in the order output, input, row, column, not by Theano: not flipped",
    };
    // Keras 1 on TensorFlow states no backend; later versions do, and their files are somebody else's.
    let keras_project = [[9, 9, 1, 128], [3, 3, 128, 64], [5, 5, 64, 1]];
    let recognised = backend.is_none() && shapes == keras_project;
    Ok(WeightFile {
        format: FORMAT,
        facts: if recognised { Facts::keras_project() } else { Facts::default() },
        recognised: recognised.then_some(
            "the Keras project's 9-3-5 with 128 and 64 filters: valid, zero, valid padding; full-range luma; \
             OpenCV bilinear at x2",
        ),
        remarks: vec![remarks.to_owned()],
        notes: Default::default(),
        layers: to_layers(tensors, order, flip),
    })
}

/// A dataset of floats.
struct Tensor {
    name: String,
    shape: Vec<u64>,
    values: Vec<f32>,
}

/// Gathers every dataset of floats below a group, each object once and no more than the budget allows.
struct Walk {
    seen: HashSet<u64>,
    budget: u64,
    tensors: Vec<Tensor>,
}

impl Walk {
    fn group(&mut self, group: &Group, depth: usize) -> Result<(), hdf5_reader::error::Error> {
        if depth > MAX_DEPTH || !self.seen.insert(group.address()) {
            return Ok(());
        }
        let (groups, datasets) = group.members()?;
        for dataset in &datasets {
            if !self.seen.insert(dataset.address()) {
                continue;
            }
            let count = dataset.num_elements()?;
            self.budget = self.budget.checked_sub(count).ok_or_else(|| {
                hdf5_reader::error::Error::InvalidData(format!("`{}` claims {count} values", dataset.name()))
            })?;
            let values = match dataset.dtype() {
                Datatype::FloatingPoint { size: 4, .. } => dataset.read_array::<f32>()?.into_iter().collect(),
                Datatype::FloatingPoint { size: 8, .. } => {
                    dataset.read_array::<f64>()?.into_iter().map(|v| v as f32).collect()
                }
                _ => continue,
            };
            self.tensors.push(Tensor { name: dataset.name().to_owned(), shape: dataset.shape().to_vec(), values });
        }
        groups.iter().try_for_each(|g| self.group(g, depth + 1))
    }
}

/// The kernel and the bias of a layer; nothing for a layer without weights.
fn kernel_and_bias(layer: &str, tensors: &mut Vec<Tensor>) -> Result<Option<KernelTensor>, String> {
    let shapes: Vec<_> = tensors.iter().map(|t| (t.name.clone(), t.shape.clone())).collect();
    let mut take = |axes: usize| tensors.iter().position(|t| t.shape.len() == axes).map(|i| tensors.swap_remove(i));
    match (take(4), take(1)) {
        (None, None) if tensors.is_empty() => Ok(None),
        (Some(kernel), Some(bias)) if tensors.is_empty() => {
            let side = |i: usize| usize::try_from(kernel.shape[i]).unwrap_or(usize::MAX);
            let shape = [side(0), side(1), side(2), side(3)];
            Ok(Some(KernelTensor { shape, kernels: kernel.values, biases: bias.values }))
        }
        _ => Err(format!("layer `{layer}` is no convolution with bias: it holds {shapes:?}")),
    }
}

/// The strings of an attribute; nothing if there is none, or an empty one (which h5py stores as a list of floats).
fn strings(group: &Group, name: &str) -> Result<Option<Vec<String>>, hdf5_reader::error::Error> {
    let attributes = group.attributes()?;
    let Some(attribute) = attributes.iter().find(|a| a.name == name) else { return Ok(None) };
    match attribute.datatype {
        Datatype::String { .. } | Datatype::VarLen { .. } => attribute.read_strings().map(Some),
        _ => Ok(None),
    }
}

/// A key that sorts `conv_10` behind `conv_9`, and `conv` before `conv_1`.
fn natural(name: &str) -> (String, u64) {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (stem.trim_end_matches('_').to_owned(), name[stem.len()..].parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_names_sort_by_number() {
        let mut names = ["conv2d_10", "conv2d", "conv2d_9", "conv2d_1"];
        names.sort_by_key(|n| natural(n));
        assert_eq!(names, ["conv2d", "conv2d_1", "conv2d_9", "conv2d_10"]);
    }
}
