//! Datasets of an HDF5 file: every convolution below a group, each object once, within a budget.

use std::collections::{BTreeSet, HashSet};

use hdf5_reader::group::Group;
use hdf5_reader::{ByteOrder, Dataset, Datatype};

use super::error::{ChainError, FileError, ReadError};
use crate::weights::chain::KernelTensor;
use crate::weights::floats::Float;

/// Keras nests groups at most three deep.
const MAX_DEPTH: usize = 8;
/// Group of Keras 3 that holds the weights of a layer.
pub(super) const VARS: &str = "vars";
/// Group of Keras 3 at the outermost level that holds the optimizer's state.
const OPTIMIZER: &str = "optimizer";

/// Attribute in which Keras 3 states the type of numbers that HDF5 has no type for, and that of bfloat16.
const TYPE: &str = "dtype";
const BFLOAT16: &str = "bfloat16";
/// Axes of a kernel.
const KERNEL_AXES: usize = 4;

/// A convolution with the name of its layer.
pub(super) struct Named {
    pub(super) name: String,
    /// Path of its group, such as `layers/conv2d_1`.
    pub(super) path: String,
    pub(super) kernels: KernelTensor,
}

/// A dataset of floats.
struct Tensor {
    name: String,
    shape: Vec<u64>,
    values: Vec<f32>,
}

/// A walk over groups. No object is visited twice.
pub(super) struct Walk {
    /// Addresses of the objects visited.
    seen: HashSet<u64>,
    /// Values that may still be read.
    budget: u64,
    /// Conversions of numbers, for people.
    pub(super) remarks: BTreeSet<&'static str>,
}

impl Walk {
    pub(super) fn new(budget: u64) -> Self {
        Self { seen: HashSet::new(), budget, remarks: BTreeSet::new() }
    }

    /// The convolutions of Keras 3 below a group: those in `vars`, except for the optimizer's.
    pub(super) fn convolutions(&mut self, group: &Group) -> Result<Vec<Named>, ReadError> {
        let mut found = Vec::new();
        self.layers_of(group, "", 0, &mut found)?;
        Ok(found)
    }

    fn layers_of(&mut self, group: &Group, path: &str, depth: usize, found: &mut Vec<Named>) -> Result<(), ReadError> {
        if depth > MAX_DEPTH || !self.seen.insert(group.address()) {
            return Ok(());
        }
        for member in group.members()?.0 {
            let name = member.name().to_owned();
            if name == VARS {
                let own = strings(&member, "name")?.and_then(|names| names.into_iter().next());
                found.extend(self.layer(&member, path)?.map(|kernels| Named {
                    name: own.unwrap_or_else(|| path.to_owned()),
                    path: path.to_owned(),
                    kernels,
                }));
            } else if !(depth == 0 && name == OPTIMIZER) {
                let below = if path.is_empty() { name } else { format!("{path}/{name}") };
                self.layers_of(&member, &below, depth + 1, found)?;
            }
        }
        Ok(())
    }

    /// The kernels and biases in a layer's group; nothing for a layer without weights.
    pub(super) fn layer(&mut self, group: &Group, name: &str) -> Result<Option<KernelTensor>, ReadError> {
        let mut tensors = Vec::new();
        self.group(group, 0, &mut tensors)?;
        Ok(kernel_and_bias(name, tensors)?)
    }

    /// Gathers every dataset of floats below a group.
    fn group(&mut self, group: &Group, depth: usize, tensors: &mut Vec<Tensor>) -> Result<(), ReadError> {
        if depth > MAX_DEPTH || !self.seen.insert(group.address()) {
            return Ok(());
        }
        let (groups, datasets) = group.members()?;
        for dataset in &datasets {
            if !self.seen.insert(dataset.address()) {
                continue;
            }
            let (name, count) = (dataset.name().to_owned(), dataset.num_elements()?);
            let Some(budget) = self.budget.checked_sub(count) else {
                return Err(FileError::TooManyValues { name, count }.into());
            };
            self.budget = budget;
            let values = match dataset.dtype() {
                Datatype::FloatingPoint { size: 4, .. } => dataset.read_array::<f32>()?.into_iter().collect(),
                Datatype::FloatingPoint { size: 8, .. } => {
                    dataset.read_array::<f64>()?.into_iter().map(|v| v as f32).collect()
                }
                kind => match short(dataset, kind) {
                    Some(float) => {
                        self.remarks.extend(float.remark());
                        float.read_all(&dataset.read_raw_bytes()?)
                    }
                    None if dataset.shape().len() == KERNEL_AXES => {
                        return Err(ChainError::Type { name, kind: format!("{kind:?}") }.into());
                    }
                    None => continue,
                },
            };
            tensors.push(Tensor { name, shape: dataset.shape().to_vec(), values });
        }
        groups.iter().try_for_each(|g| self.group(g, depth + 1, tensors))
    }
}

/// The type of a dataset of 16 bits: half, or bfloat16, which Keras stores as bytes with the type in an attribute.
fn short(dataset: &Dataset, kind: &Datatype) -> Option<Float> {
    match kind {
        Datatype::FloatingPoint { size: 2, byte_order: ByteOrder::LittleEndian } => Some(Float::Half),
        Datatype::Opaque { size: 2, .. } => {
            let stated = dataset.attributes().into_iter().find(|a| a.name == TYPE)?.read_strings().ok()?;
            (stated.first().map(String::as_str) == Some(BFLOAT16)).then_some(Float::Brain)
        }
        _ => None,
    }
}

fn kernel_and_bias(layer: &str, mut tensors: Vec<Tensor>) -> Result<Option<KernelTensor>, ChainError> {
    let shapes: Vec<_> = tensors.iter().map(|t| (t.name.clone(), t.shape.clone())).collect();
    let mut take = |axes: usize| tensors.iter().position(|t| t.shape.len() == axes).map(|i| tensors.swap_remove(i));
    match (take(4), take(1)) {
        (None, None) if tensors.is_empty() => Ok(None),
        (Some(kernel), bias) if tensors.is_empty() => {
            let side = |i: usize| usize::try_from(kernel.shape[i]).unwrap_or(usize::MAX);
            let shape = [side(0), side(1), side(2), side(3)];
            // Only later versions leave out biases, and their last axis is the output.
            let biases = bias.map_or_else(|| vec![0.0; shape[3].min(kernel.values.len())], |b| b.values);
            Ok(Some(KernelTensor { shape, kernels: kernel.values, biases }))
        }
        _ => Err(ChainError::NoConvolution { layer: layer.to_owned(), tensors: shapes }),
    }
}

/// Strings of an attribute; nothing if there is none, or an empty one (which h5py stores as a list of floats).
pub(super) fn strings(group: &Group, name: &str) -> Result<Option<Vec<String>>, hdf5_reader::error::Error> {
    let attributes = group.attributes()?;
    let Some(attribute) = attributes.iter().find(|a| a.name == name) else { return Ok(None) };
    match attribute.datatype {
        Datatype::String { .. } | Datatype::VarLen { .. } => attribute.read_strings().map(Some),
        _ => Ok(None),
    }
}
