//! PyTorch, as `torch.save` writes it: an archive or the older form, state dictionaries and whole modules.
//!
//! Nothing in a pickle is run: classes and functions are names, tensors are told by their descriptions.

mod error;
mod module;
mod opcode;
mod pickle;
mod tables;
mod tensors;

use std::borrow::Cow;

use super::archive::Archive;
use super::chain::{AxisOrder, KernelTensor, to_layers};
use super::error::WeightError;
use super::format::Format;
use super::named::{Convolution, Listed, convolutions};
use super::weight_file::WeightFile;
use crate::model::{Facts, Padding};
use error::{NetworkError, StorageError};
use opcode::PROTO;
use pickle::{Pickle, Value};
use tables::{Table, tables};
use tensors::Storages;

const FORMAT: Format = Format::PyTorch;
/// Highest protocol of pickles.
const MAX_PROTOCOL: u8 = 5;
/// The older form begins, behind the protocol, with this number as a `LONG1` (`MAGIC_NUMBER` of `torch.serialization`).
const MAGIC: &[u8] = b"\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19";
/// Entry of an archive that holds the pickle.
const DATA: &str = "data.pkl";
/// Unpacked entries may have this many times the file's size.
const MAX_GROWTH: usize = 4;
/// Bytes that values may take beyond the file's size, for files whose tensors share memory.
const SPARE: usize = 64 << 10;
/// Networks named in a message.
const MAX_NAMED: usize = 6;

/// Whether bytes begin as a pickle does.
pub(super) fn begins_as_pickle(bytes: &[u8]) -> bool {
    matches!(bytes, [PROTO, 2..=MAX_PROTOCOL, ..])
}

/// Folder of an archive by `torch.save`, with its slash; nothing if the archive is by another program.
pub(super) fn folder(archive: &Archive<'_>) -> Option<String> {
    archive.find("/data.pkl").and_then(|name| name.strip_suffix(DATA)).map(str::to_owned)
}

/// Reads an archive.
pub(super) fn read_archive(bytes: &[u8], archive: &Archive<'_>, folder: String) -> Result<WeightFile, WeightError> {
    let (damaged, no_network) = (WeightError::damaged(FORMAT), WeightError::no_network(FORMAT));
    let limit = bytes.len().saturating_mul(MAX_GROWTH);
    let content = |name: &str| archive.read(&format!("{folder}{name}"), limit).map_err(WeightError::damaged(FORMAT));
    if content("byteorder")?.is_some_and(|order| order.starts_with(b"big")) {
        return Err(no_network(NetworkError::BigEndian));
    }
    let data: Cow<'_, [u8]> =
        content(DATA)?.ok_or_else(|| WeightError::damaged(FORMAT)(StorageError::NoEntry(DATA)))?;
    let pickle = Pickle::read(&data, 0).map_err(damaged)?;
    let storages = Storages::Archive { archive, folder: folder.clone(), limit };
    network(&pickle, &storages, bytes.len())
}

/// Reads the older form: pickles, then storages.
pub(super) fn read_pickles(bytes: &[u8]) -> Result<WeightFile, WeightError> {
    let (damaged, no_network) = (WeightError::damaged(FORMAT), WeightError::no_network(FORMAT));
    if !bytes[2..].starts_with(MAGIC) {
        return Err(no_network(NetworkError::OtherPickle));
    }
    let magic = Pickle::read(bytes, 0).map_err(damaged)?;
    let version = Pickle::read(bytes, magic.end).map_err(damaged)?;
    let system = Pickle::read(bytes, version.end).map_err(damaged)?;
    let little = system.mapping(system.root).and_then(|items| system.entry(items, "little_endian"));
    if !little.is_some_and(|id| matches!(system.get(id), Value::Bool(true))) {
        return Err(no_network(NetworkError::NotLittleEndian));
    }
    let pickle = Pickle::read(bytes, system.end).map_err(damaged)?;
    let storages = Storages::behind(bytes, &pickle).map_err(WeightError::damaged(FORMAT))?;
    network(&pickle, &storages, bytes.len())
}

/// Makes layers of the tensors.
fn network(pickle: &Pickle<'_>, storages: &Storages<'_>, size: usize) -> Result<WeightFile, WeightError> {
    let mut remarks: Vec<String> = Vec::new();
    let (table, found) = convolutions_of(pickle, &mut remarks).map_err(WeightError::no_network(FORMAT))?;
    let mut budget = size / 2 + SPARE / 4;
    let mut kernels = Vec::new();
    for convolution in &found {
        let mut values = |at: usize| -> Result<Vec<f32>, WeightError> {
            let (name, tensor) = &table.tensors[at];
            let (values, remark) = storages.read(tensor, &mut budget).map_err(|reason| {
                WeightError::damaged(FORMAT)(StorageError::Tensor { name: name.clone(), reason: reason.into() })
            })?;
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

/// The table of the network, and the convolutions that its tensors are, in order.
fn convolutions_of<'a>(
    pickle: &Pickle<'a>,
    remarks: &mut Vec<String>,
) -> Result<(Table<'a>, Vec<Convolution>), NetworkError> {
    let table = choose(tables(pickle)?, remarks)?;
    let list: Vec<_> = table.tensors.iter().map(|(name, t)| Listed { name, shape: &t.shape }).collect();
    let (found, remark) = convolutions(&list)?;
    remarks.extend(remark.map(str::to_owned));
    Ok((table, found))
}

/// The table that holds the network.
fn choose<'a>(mut tables: Vec<Table<'a>>, remarks: &mut Vec<String>) -> Result<Table<'a>, NetworkError> {
    let averaged = tables.iter().position(|t| t.path == "params_ema");
    if let (2, Some(averaged)) = (tables.len(), averaged)
        && tables.iter().any(|t| t.path == "params")
    {
        remarks.push("`params_ema` is read, as BasicSR does, and not `params`".to_owned());
        return Ok(tables.swap_remove(averaged));
    }
    match tables.len() {
        0 => Err(NetworkError::NoConvolution),
        1 => Ok(tables.swap_remove(0)),
        _ => Err(NetworkError::SeveralNetworks(tables.into_iter().map(|t| t.path).take(MAX_NAMED).collect())),
    }
}

/// Paddings, if all layers with kernels larger than 1x1 state one.
fn padding(table: &Table<'_>, found: &[Convolution]) -> Option<Vec<Padding>> {
    let of = |c: &Convolution| table.paddings.iter().find(|(name, _)| *name == c.name).map(|(_, p)| *p);
    let known = found.iter().find_map(of)?;
    found.iter().map(|c| of(c).or((c.shape[2] == 1).then_some(known))).collect()
}
