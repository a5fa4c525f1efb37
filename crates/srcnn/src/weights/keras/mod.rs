//! Keras: HDF5 of versions 1 to 3, weights alone or a whole model, and the `.keras` archive of version 3.
//!
//! Versions 1 and 2 list their layers in the attribute `layer_names`, each with one kernel of four axes and one bias.
//! TensorFlow's kernels are (row, column, input, output); Theano's (output, input, row, column) in Keras 1. Theano applies
//! them flipped, so they are flipped here. Which of the two a file has follows from the shapes, since only one of them makes
//! a chain. Version 3 keeps the weights of each layer in a group `vars`. A whole model has its configuration beside the
//! weights, which states the paddings.

mod config;
mod error;
mod walk;

use std::collections::HashSet;

use hdf5_reader::group::Group;
use hdf5_reader::{Hdf5File, OpenOptions};

use super::archive::Archive;
use super::chain::{AxisOrder, KernelTensor, fits, to_layers};
use super::error::WeightError;
use super::named::{Listed, natural};
use super::networks::{self, ChoiceError, Table};
use super::weight_file::{Content, WeightFile};
use crate::color::LumaRange;
use crate::model::{Architecture, Facts, Padding};
use crate::resample::Convention;
use config::Described;
use error::{ChainError, FORMAT, FileError, ReadError};
use walk::{Named, VARS, Walk, strings};

/// Signature of HDF5 (HDF5 File Format Specification, section II.A).
const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";
/// Entries of a `.keras` archive.
const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.weights.h5";
/// Group of Keras 3 that holds the layers of a model.
const LAYERS: &str = "layers";
/// Unpacked and parsed data may take this many times the file's size.
const MAX_GROWTH: usize = 4;
/// Kernels of the Keras project's network (row, column, input, output).
const KERAS_PROJECT: [[usize; 4]; 3] = [[9, 9, 1, 128], [3, 3, 128, 64], [5, 5, 64, 1]];

/// Whether bytes begin as HDF5 does.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// Whether an archive is by Keras.
pub(super) fn is_archive(archive: &Archive<'_>) -> bool {
    archive.find(CONFIG).is_some_and(|n| n == CONFIG) && archive.find(WEIGHTS).is_some_and(|n| n == WEIGHTS)
}

/// Reads a `.keras` archive.
pub(super) fn read_archive(bytes: &[u8], archive: &Archive<'_>, part: Option<&str>) -> Result<WeightFile, WeightError> {
    let entry = |name: &'static str, limit: usize| {
        let content = archive.read(name, limit).map_err(WeightError::damaged(FORMAT))?;
        content.ok_or_else(|| WeightError::damaged(FORMAT)(FileError::NoEntry { name }))
    };
    let described = config::read(&entry(CONFIG, config::MAX_BYTES)?).map_err(WeightError::no_network(FORMAT))?;
    let weights = entry(WEIGHTS, bytes.len().saturating_mul(MAX_GROWTH))?;
    Ok(network(&weights, described, part)?)
}

/// Reads HDF5.
pub(super) fn read(bytes: &[u8], part: Option<&str>) -> Result<WeightFile, WeightError> {
    Ok(network(bytes, None, part)?)
}

fn network(bytes: &[u8], described: Option<Vec<Described>>, part: Option<&str>) -> Result<WeightFile, ReadError> {
    // Beside these limits the library allocates as many messages or entries as a 16-bit count claims: up to 9 MB, which
    // are not touched until they are read.
    let limit = bytes.len().saturating_mul(MAX_GROWTH);
    let options = OpenOptions::default()
        .with_max_read_bytes(limit)
        .with_max_chunk_bytes(limit)
        .with_max_object_header_bytes(bytes.len())
        .with_chunk_cache_bytes(0);
    let file = Hdf5File::from_bytes_with_options(bytes, options)?;
    // Data behind the weights, such as an optimizer's state, is not read; its loss would go unnoticed.
    let length = file.superblock().eof_address;
    if length > bytes.len() as u64 {
        return Err(FileError::Cut { found: bytes.len(), length }.into());
    }
    let mut root = file.root_group()?;
    let text = |group: &Group, name: &str| -> Result<Option<String>, ReadError> {
        Ok(strings(group, name)?.and_then(|b| b.into_iter().next()))
    };
    let configured = match text(&root, "model_config")? {
        Some(json) => config::read(json.as_bytes()).map_err(ChainError::from)?,
        None => None,
    };
    let described = described.or(configured);
    let (groups, _) = root.members()?;
    if let Some(weights) = groups.into_iter().find(|g| g.name() == "model_weights") {
        root = weights;
    }
    let mut walk = Walk::new(bytes.len() as u64);
    let order = strings(&root, "layer_names")?;
    let (mut layers, loose) = root.members()?;
    let mut named = Vec::new();
    if order.is_none() && layers.iter().any(|g| matches!(g.name(), LAYERS | VARS)) {
        named = ordered(walk.convolutions(&root)?, part)?;
    } else if let Some(part) = part {
        return Err(ReadError::Choice(ChoiceError::NoPart { part: part.to_owned(), names: Vec::new() }));
    } else {
        if layers.is_empty() && !loose.is_empty() {
            return Err(ChainError::LooseTensors.into());
        }
        if let Some(order) = &order {
            let place = |g: &Group| order.iter().position(|name| name == g.name()).unwrap_or(usize::MAX);
            layers.retain(|g| place(g) != usize::MAX);
            layers.sort_by_key(place);
        } else {
            layers.sort_by_cached_key(|g| natural(g.name()));
        }
        for layer in &layers {
            let name = layer.name().to_owned();
            let kernels = walk.layer(layer, &name)?;
            named.extend(kernels.map(|kernels| Named { path: name.clone(), name, kernels }));
        }
    }
    let mut facts = Facts::default();
    if let Some(described) = described {
        named = matched(named, &described)?;
        let other = described.iter().find_map(|d| d.padding).unwrap_or(Padding::Valid);
        facts.padding = Some(described.iter().map(|d| d.padding.unwrap_or(other)).collect());
        facts.activation = Some(described.iter().map(|d| d.activation).collect());
    }
    let backend = text(&root, "backend")?;
    let tensors = named.into_iter().map(|n| n.kernels).collect();
    let mut file = assemble(tensors, order.is_some(), backend.as_deref(), facts)?;
    file.remarks.extend(walk.remarks.into_iter().map(str::to_owned));
    Ok(file)
}

/// The convolutions of the only network of a file of Keras 3, or of that named `part`, in order: by the counters in the names
/// of their groups or of the layers themselves, or in the only order that chains.
fn ordered(named: Vec<Named>, part: Option<&str>) -> Result<Vec<Named>, ReadError> {
    let shapes: Vec<_> = named.iter().map(|n| n.kernels.shape).map(|[h, w, i, o]| [o, i, h, w]).collect();
    let list = |names: &[String]| -> Result<Vec<usize>, ChoiceError> {
        let list = names.iter().zip(&shapes).map(|(name, shape)| Listed { name, shape }).collect();
        let chosen = networks::choose(&[Table { path: "", list }], part, false)?;
        Ok(chosen.convolutions.into_iter().map(|c| c.weight).collect())
    };
    let kernel = |name: &str| format!("{}.kernel", name.replace('/', "."));
    let short = |path: &str| path.split('/').filter(|part| *part != LAYERS).collect::<Vec<_>>().join("/");
    let mut paths: Vec<_> = named.iter().map(|n| kernel(&short(&n.path))).collect();
    if paths.iter().collect::<HashSet<_>>().len() < paths.len() {
        paths = named.iter().map(|n| kernel(&n.path)).collect();
    }
    let order = match list(&paths) {
        // Names of attributes have no order, those of the layers in the same place may have.
        Err(ChoiceError::Order(error)) => {
            let places = paths.iter().zip(&named).map(|(path, n)| {
                let stem = path.strip_suffix(".kernel").unwrap_or(path);
                stem.rsplit_once('.')
                    .map_or_else(|| kernel(&n.name), |(place, _)| kernel(&format!("{place}.{}", n.name)))
            });
            list(&places.collect::<Vec<_>>()).map_err(|_| ChoiceError::Order(error))?
        }
        order => order?,
    };
    let mut named: Vec<_> = named.into_iter().map(Some).collect();
    Ok(order.into_iter().filter_map(|at| named[at].take()).collect())
}

/// Puts the convolutions in the order of the configuration: by name or, where the file has other names, one by one.
fn matched(named: Vec<Named>, described: &[Described]) -> Result<Vec<Named>, ChainError> {
    if named.len() != described.len() {
        return Err(ChainError::OtherCount { found: named.len(), described: described.len() });
    }
    let mut rest: Vec<_> = named.into_iter().map(Some).collect();
    let mut take = |name: &str| rest.iter_mut().find(|n| n.as_ref().is_some_and(|n| n.name == name))?.take();
    let by_name: Vec<_> = described.iter().filter_map(|d| take(&d.name)).collect();
    match by_name.len() {
        0 => Ok(rest.into_iter().flatten().collect()),
        count if count == described.len() => Ok(by_name),
        _ => Err(ChainError::OtherNames),
    }
}

/// Makes layers of the tensors; the shapes tell the axis order.
fn assemble(
    tensors: Vec<KernelTensor>,
    listed: bool,
    backend: Option<&str>,
    facts: Facts,
) -> Result<WeightFile, ChainError> {
    let shapes: Vec<_> = tensors.iter().map(|t| t.shape).collect();
    let order = match (fits(&tensors, AxisOrder::Hwio), fits(&tensors, AxisOrder::Oihw)) {
        (true, false) => AxisOrder::Hwio,
        (false, true) => AxisOrder::Oihw,
        (false, false) => return Err(ChainError::NoChain { shapes }),
        (true, true) => return Err(ChainError::BothOrders { shapes }),
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
    let recognised = listed && backend.is_none() && shapes == KERAS_PROJECT;
    Ok(WeightFile {
        format: FORMAT,
        facts: if recognised { facts.or(keras_project()) } else { facts },
        recognised: recognised.then_some(
            "the Keras project's 9-3-5 with 128 and 64 filters: valid, zero, valid padding; full-range luma; \
             OpenCV bilinear at x2",
        ),
        remarks: vec![remarks.to_owned()],
        notes: Default::default(),
        content: Content::Layers(to_layers(tensors, order, flip)),
    })
}

/// Facts of the Keras project's network.
fn keras_project() -> Facts {
    let architecture = Architecture::named("srcnn-keras");
    Facts {
        scale: Some(2),
        interpolation: Some(Convention::OpencvLinear),
        luma: Some(LumaRange::Full),
        padding: architecture.map(|a| a.layers().iter().map(|l| l.padding).collect()),
        ..Facts::default()
    }
}
