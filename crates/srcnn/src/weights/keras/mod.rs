//! Keras: HDF5 of versions 1 to 3, weights alone or a whole model, and the `.keras` archive of version 3.
//!
//! Versions 1 and 2 list their layers in the attribute `layer_names`, each with one kernel of four axes and one bias.
//! TensorFlow's kernels are (row, column, input, output); Theano's (output, input, row, column) in Keras 1. Theano applies
//! them flipped, so they are flipped here. Which of the two a file has follows from the shapes, since only one of them makes
//! a chain. Version 3 keeps the weights of each layer in a group `vars`. A whole model has its configuration beside the
//! weights, which says the paddings.

mod config;

use std::collections::HashSet;

use hdf5_reader::group::Group;
use hdf5_reader::{Datatype, Hdf5File, OpenOptions};

use super::archive::Archive;
use super::chain::{AxisOrder, KernelTensor, fits, to_layers};
use super::named::{Convolution, arrange, counted, natural};
use super::{Format, WeightError, WeightFile};
use crate::model::{Facts, Padding};
use config::Described;

const FORMAT: Format = Format::Keras;
/// Keras nests groups at most three deep.
const MAX_DEPTH: usize = 8;
const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.weights.h5";

/// Whether an archive is by Keras.
pub(super) fn is_archive(archive: &Archive<'_>) -> bool {
    archive.find(CONFIG).is_some_and(|n| n == CONFIG) && archive.find(WEIGHTS).is_some_and(|n| n == WEIGHTS)
}

/// Reads a `.keras` archive.
pub(super) fn read_archive(bytes: &[u8], archive: &Archive<'_>) -> Result<WeightFile, WeightError> {
    let entry = |name: &str, limit: usize| {
        let content = archive.read(name, limit).map_err(damaged)?;
        content.ok_or_else(|| damaged(format!("`{name}` is not there")))
    };
    let described = config::read(&entry(CONFIG, config::MAX_BYTES)?).map_err(absent)?;
    let weights = entry(WEIGHTS, bytes.len().saturating_mul(4))?;
    network(&weights, described)
}

/// Reads HDF5.
pub(super) fn read(bytes: &[u8]) -> Result<WeightFile, WeightError> {
    network(bytes, None)
}

fn damaged(reason: String) -> WeightError {
    WeightError::Damaged { format: FORMAT, reason }
}

fn absent(reason: String) -> WeightError {
    WeightError::NoNetwork { format: FORMAT, reason }
}

fn unreadable(error: hdf5_reader::error::Error) -> WeightError {
    damaged(error.to_string())
}

/// A convolution under the name of its layer.
struct Named {
    name: String,
    /// Its group: `layers/conv2d_1`.
    path: String,
    kernels: KernelTensor,
}

fn network(bytes: &[u8], described: Option<Vec<Described>>) -> Result<WeightFile, WeightError> {
    // Beside these limits the library sets aside room for as many messages or entries as a 16-bit count claims, up to
    // 9 MB, which are not touched until they are read.
    let limit = bytes.len().saturating_mul(4);
    let options = OpenOptions::default()
        .with_max_read_bytes(limit)
        .with_max_chunk_bytes(limit)
        .with_max_object_header_bytes(bytes.len())
        .with_chunk_cache_bytes(0);
    let file = Hdf5File::from_bytes_with_options(bytes, options).map_err(unreadable)?;
    // What follows the weights, such as an optimiser's state, is not read and would not be missed.
    let length = file.superblock().eof_address;
    if length > bytes.len() as u64 {
        return Err(damaged(format!("it is cut off: {} of {length} bytes", bytes.len())));
    }
    let mut root = file.root_group().map_err(unreadable)?;
    let text = |group: &Group, name: &str| -> Result<Option<String>, WeightError> {
        Ok(strings(group, name).map_err(unreadable)?.and_then(|b| b.into_iter().next()))
    };
    let configured = match text(&root, "model_config")? {
        Some(json) => config::read(json.as_bytes()).map_err(absent)?,
        None => None,
    };
    let described = described.or(configured);
    let (groups, _) = root.members().map_err(unreadable)?;
    if let Some(weights) = groups.into_iter().find(|g| g.name() == "model_weights") {
        root = weights;
    }
    let mut walk = Walk { seen: HashSet::new(), budget: bytes.len() as u64, tensors: Vec::new() };
    let order = strings(&root, "layer_names").map_err(unreadable)?;
    let (mut layers, loose) = root.members().map_err(unreadable)?;
    let mut named = Vec::new();
    if order.is_none() && layers.iter().any(|g| matches!(g.name(), "layers" | "vars")) {
        walk.layers_of(&root, "", 0, &mut named).map_err(unreadable)?.map_err(absent)?;
        named = ordered(named).map_err(absent)?;
    } else {
        if layers.is_empty() && !loose.is_empty() {
            return Err(absent("its tensors are in no layer's group".to_owned()));
        }
        if let Some(order) = &order {
            let place = |g: &Group| order.iter().position(|name| name == g.name()).unwrap_or(usize::MAX);
            layers.retain(|g| place(g) != usize::MAX);
            layers.sort_by_key(place);
        } else {
            layers.sort_by_cached_key(|g| natural(g.name()));
        }
        for layer in &layers {
            walk.tensors.clear();
            walk.group(layer, 0).map_err(unreadable)?;
            let kernels = kernel_and_bias(layer.name(), &mut walk.tensors).map_err(absent)?;
            let name = layer.name().to_owned();
            named.extend(kernels.map(|kernels| Named { path: name.clone(), name, kernels }));
        }
    }
    let mut facts = Facts::default();
    if let Some(described) = described {
        named = matched(named, &described).map_err(absent)?;
        let other = described.iter().find_map(|d| d.padding).unwrap_or(Padding::Valid);
        facts.padding = Some(described.iter().map(|d| d.padding.unwrap_or(other)).collect());
        facts.activation = Some(described.iter().map(|d| d.activation).collect());
    }
    let backend = text(&root, "backend")?;
    let tensors = named.into_iter().map(|n| n.kernels).collect();
    assemble(tensors, order.is_some(), backend.as_deref(), facts).map_err(absent)
}

/// The convolutions of Keras 3 in their order: by the counters in the names of their groups or of the layers themselves,
/// or the only one that chains.
fn ordered(named: Vec<Named>) -> Result<Vec<Named>, String> {
    let by_group = counted(named.iter().map(|n| n.path.as_str()));
    let list = named.iter().enumerate().map(|(at, n)| {
        let [h, w, i, o] = n.kernels.shape;
        let name = if by_group { &n.path } else { &n.name };
        Convolution { name: name.clone(), shape: [o, i, h, w], weight: at, bias: None }
    });
    let (found, _) = arrange(list.collect(), false)?;
    let mut named: Vec<_> = named.into_iter().map(Some).collect();
    Ok(found.into_iter().filter_map(|c| named[c.weight].take()).collect())
}

/// The convolutions as the configuration has them: by name or, where the file has other names, one by one.
fn matched(named: Vec<Named>, described: &[Described]) -> Result<Vec<Named>, String> {
    if named.len() != described.len() {
        return Err(format!("it holds {} convolutions, and its configuration {}", named.len(), described.len()));
    }
    let mut rest: Vec<_> = named.into_iter().map(Some).collect();
    let mut take = |name: &str| rest.iter_mut().find(|n| n.as_ref().is_some_and(|n| n.name == name))?.take();
    let by_name: Vec<_> = described.iter().filter_map(|d| take(&d.name)).collect();
    match by_name.len() {
        0 => Ok(rest.into_iter().flatten().collect()),
        count if count == described.len() => Ok(by_name),
        _ => Err("its weights have other names than its configuration".to_owned()),
    }
}

/// Tells the axis order, and what follows from it.
fn assemble(
    tensors: Vec<KernelTensor>,
    listed: bool,
    backend: Option<&str>,
    facts: Facts,
) -> Result<WeightFile, String> {
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
    let recognised = listed && backend.is_none() && shapes == keras_project;
    Ok(WeightFile {
        format: FORMAT,
        facts: if recognised { facts.or(Facts::keras_project()) } else { facts },
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
    /// Gathers the convolutions of Keras 3 below a group: those that have `vars`, but for what optimisers keep.
    fn layers_of(
        &mut self,
        group: &Group,
        path: &str,
        depth: usize,
        found: &mut Vec<Named>,
    ) -> Result<Result<(), String>, hdf5_reader::error::Error> {
        if depth > MAX_DEPTH || !self.seen.insert(group.address()) {
            return Ok(Ok(()));
        }
        for member in group.members()?.0 {
            let name = member.name().to_owned();
            if name == "vars" {
                let own = strings(&member, "name")?.and_then(|names| names.into_iter().next());
                self.tensors.clear();
                self.group(&member, 0)?;
                match kernel_and_bias(path, &mut self.tensors) {
                    Ok(kernels) => found.extend(kernels.map(|kernels| Named {
                        name: own.unwrap_or_else(|| path.to_owned()),
                        path: path.to_owned(),
                        kernels,
                    })),
                    Err(reason) => return Ok(Err(reason)),
                }
            } else if !(depth == 0 && name == "optimizer") {
                let below = if path.is_empty() { name } else { format!("{path}/{name}") };
                if let Err(reason) = self.layers_of(&member, &below, depth + 1, found)? {
                    return Ok(Err(reason));
                }
            }
        }
        Ok(Ok(()))
    }

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
        (Some(kernel), bias) if tensors.is_empty() => {
            let side = |i: usize| usize::try_from(kernel.shape[i]).unwrap_or(usize::MAX);
            let shape = [side(0), side(1), side(2), side(3)];
            // Only later versions leave out biases, and their last axis is the output.
            let biases = bias.map_or_else(|| vec![0.0; shape[3].min(kernel.values.len())], |b| b.values);
            Ok(Some(KernelTensor { shape, kernels: kernel.values, biases }))
        }
        _ => Err(format!("layer `{layer}` is no convolution: it holds {shapes:?}")),
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
