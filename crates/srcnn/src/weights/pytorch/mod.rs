//! PyTorch: what `torch.save` writes, as an archive or in the older form, state dictionaries and whole modules.
//!
//! Nothing that a pickle asks for is run: classes and functions are names, tensors are told by how they are described.

mod pickle;
mod tables;
mod tensors;

use std::borrow::Cow;

use super::archive::Archive;
use super::chain::{AxisOrder, KernelTensor, to_layers};
use super::named::{Convolution, Listed, convolutions};
use super::{Format, WeightError, WeightFile};
use crate::model::{Facts, Padding};
use pickle::Pickle;
use tables::{Table, tables};
use tensors::Storages;

const FORMAT: Format = Format::PyTorch;
/// The long number behind the protocol that the older form begins with.
const MAGIC: &[u8] = b"\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19";
/// Bytes that values may take beyond the file's size, as for files whose tensors share memory.
const SPARE: usize = 64 << 10;

/// Whether bytes begin as a pickle does.
pub(super) fn begins_as_pickle(bytes: &[u8]) -> bool {
    matches!(bytes, [0x80, 2..=5, ..])
}

/// The folder of an archive by `torch.save`: what comes before `data.pkl`.
pub(super) fn folder(archive: &Archive<'_>) -> Option<String> {
    archive.find("/data.pkl").and_then(|name| name.strip_suffix("data.pkl")).map(str::to_owned)
}

/// Reads an archive.
pub(super) fn read_archive(bytes: &[u8], archive: &Archive<'_>, folder: String) -> Result<WeightFile, WeightError> {
    let limit = bytes.len().saturating_mul(4);
    let content = |name: &str| archive.read(&format!("{folder}{name}"), limit).map_err(damaged);
    if content("byteorder")?.is_some_and(|order| order.starts_with(b"big")) {
        return Err(absent("its numbers are big-endian; little-endian ones are read".to_owned()));
    }
    let data: Cow<'_, [u8]> = content("data.pkl")?.ok_or_else(|| damaged("`data.pkl` is not there".to_owned()))?;
    let pickle = Pickle::read(&data, 0).map_err(damaged)?;
    let storages = Storages::Archive { archive, folder: folder.clone(), limit };
    network(&pickle, &storages, bytes.len())
}

/// Reads the older form: pickles, then storages.
pub(super) fn read_pickles(bytes: &[u8]) -> Result<WeightFile, WeightError> {
    if !bytes[2..].starts_with(MAGIC) {
        return Err(absent("it is a pickle, but not by torch.save; save a state_dict with torch.save".to_owned()));
    }
    let magic = Pickle::read(bytes, 0).map_err(damaged)?;
    let version = Pickle::read(bytes, magic.end).map_err(damaged)?;
    let system = Pickle::read(bytes, version.end).map_err(damaged)?;
    let little = system.mapping(system.root).and_then(|items| system.entry(items, "little_endian"));
    if !little.is_some_and(|id| matches!(system.get(id), pickle::Value::Bool(true))) {
        return Err(absent("its numbers are not little-endian".to_owned()));
    }
    let pickle = Pickle::read(bytes, system.end).map_err(damaged)?;
    let storages = Storages::behind(bytes, &pickle).map_err(damaged)?;
    network(&pickle, &storages, bytes.len())
}

fn damaged(reason: String) -> WeightError {
    WeightError::Damaged { format: FORMAT, reason }
}

fn absent(reason: String) -> WeightError {
    WeightError::NoNetwork { format: FORMAT, reason }
}

/// The chain that the tensors make.
fn network(pickle: &Pickle<'_>, storages: &Storages<'_>, size: usize) -> Result<WeightFile, WeightError> {
    let mut remarks: Vec<String> = Vec::new();
    let table = choose(tables(pickle).map_err(absent)?, &mut remarks).map_err(absent)?;
    let list: Vec<_> = table.tensors.iter().map(|(name, t)| Listed { name, shape: &t.shape }).collect();
    let (found, remark) = convolutions(&list).map_err(absent)?;
    remarks.extend(remark.map(str::to_owned));
    let mut budget = size / 2 + SPARE / 4;
    let mut kernels = Vec::new();
    for convolution in &found {
        let mut values = |at: usize| -> Result<Vec<f32>, WeightError> {
            let (name, tensor) = &table.tensors[at];
            let (values, remark) = storages.read(tensor, &mut budget).map_err(|e| damaged(format!("`{name}`: {e}")))?;
            if let Some(remark) = remark.filter(|r| !remarks.iter().any(|known| known == r)) {
                remarks.push(remark.to_owned());
            }
            Ok(values)
        };
        let biases = convolution.bias.map(&mut values).transpose()?;
        let biases = biases.unwrap_or_else(|| vec![0.0; convolution.shape[0]]);
        kernels.push(KernelTensor { shape: convolution.shape, kernels: values(convolution.weight)?, biases });
    }
    Ok(WeightFile {
        format: FORMAT,
        facts: Facts { padding: padding(&table, &found), ..Facts::default() },
        recognised: None,
        remarks,
        notes: Default::default(),
        layers: to_layers(kernels, AxisOrder::Oihw, false),
    })
}

/// The table that holds the network.
fn choose<'a>(mut tables: Vec<Table<'a>>, remarks: &mut Vec<String>) -> Result<Table<'a>, String> {
    let averaged = tables.iter().position(|t| t.path == "params_ema");
    if let (2, Some(averaged)) = (tables.len(), averaged)
        && tables.iter().any(|t| t.path == "params")
    {
        remarks.push("`params_ema` is read, as BasicSR does, and not `params`".to_owned());
        return Ok(tables.swap_remove(averaged));
    }
    match tables.len() {
        0 => Err("it holds no tensors of a convolution".to_owned()),
        1 => Ok(tables.swap_remove(0)),
        _ => {
            let paths: Vec<_> = tables.iter().map(|t| format!("`{}`", t.path)).take(6).collect();
            Err(format!("it holds several networks: {}; save the one that is meant alone", paths.join(", ")))
        }
    }
}

/// The paddings, if all layers that have kernels beyond 1x1 state one.
fn padding(table: &Table<'_>, found: &[Convolution]) -> Option<Vec<Padding>> {
    let of = |c: &Convolution| table.paddings.iter().find(|(name, _)| *name == c.name).map(|(_, p)| *p);
    let known = found.iter().find_map(of)?;
    found.iter().map(|c| of(c).or((c.shape[2] == 1).then_some(known))).collect()
}
