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
use super::chain::{AxisOrder, to_layers};
use super::error::WeightError;
use super::families;
use super::format::Format;
use super::named::{Convolution, Listed, kernels};
use super::networks;
use super::weight_file::{Content, WeightFile};
use crate::model::{Facts, Padding};
use error::{NetworkError, StorageError};
use opcode::{FRAME, PROTO};
use pickle::{Pickle, Value};
use tables::{Table, tables};
use tensors::Storages;

const FORMAT: Format = Format::PyTorch;
/// Highest protocol of pickles.
const MAX_PROTOCOL: u8 = 5;
/// The older form begins, behind the protocol, with this number as a `LONG1` (`MAGIC_NUMBER` of `torch.serialization`).
const MAGIC: &[u8] = b"\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19";
/// The same number in protocol 1, as text.
const TEXT_MAGIC: &[u8] = b"L119547037146038801333356L\n";
/// Bytes of `FRAME` and the length behind it.
const FRAME_HEAD: usize = 9;
/// Entry of an archive that holds the pickle.
const DATA: &str = "data.pkl";
/// Unpacked entries may have this many times the file's size.
const MAX_GROWTH: usize = 4;
/// Bytes that values may take beyond the file's size, for files whose tensors share memory.
const SPARE: usize = 64 << 10;

/// Whether bytes begin as a pickle does.
pub(super) fn begins_as_pickle(bytes: &[u8]) -> bool {
    matches!(bytes, [PROTO, 2..=MAX_PROTOCOL, ..]) || bytes.starts_with(TEXT_MAGIC)
}

/// Folder of an archive by `torch.save`, with its slash; nothing if the archive is by another program.
pub(super) fn folder(archive: &Archive<'_>) -> Option<String> {
    archive.find("/data.pkl").and_then(|name| name.strip_suffix(DATA)).map(str::to_owned)
}

/// Reads an archive.
pub(super) fn read_archive(
    bytes: &[u8],
    archive: &Archive<'_>,
    folder: String,
    part: Option<&str>,
) -> Result<WeightFile, WeightError> {
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
    network(&pickle, &storages, bytes.len(), part)
}

/// Reads the older form: pickles, then storages.
pub(super) fn read_pickles(bytes: &[u8], part: Option<&str>) -> Result<WeightFile, WeightError> {
    let (damaged, no_network) = (WeightError::damaged(FORMAT), WeightError::no_network(FORMAT));
    // Protocols from 4 on put pickles into frames.
    let framed = bytes.get(2) == Some(&FRAME);
    let body = bytes.get(if framed { 2 + FRAME_HEAD } else { 2 }..).unwrap_or_default();
    if !body.starts_with(MAGIC) && !bytes.starts_with(TEXT_MAGIC) {
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
    network(&pickle, &storages, bytes.len(), part)
}

/// Makes layers of the tensors of one network: the only one, or that named `part`.
fn network(
    pickle: &Pickle<'_>,
    storages: &Storages<'_>,
    size: usize,
    part: Option<&str>,
) -> Result<WeightFile, WeightError> {
    let tables = tables(pickle).map_err(WeightError::no_network(FORMAT))?;
    if tables.is_empty() {
        let frozen = module::module(pickle, pickle.root).is_some_and(|(class, _)| class.starts_with(module::SCRIPTED));
        let reason = if frozen { NetworkError::Frozen } else { NetworkError::NoConvolution };
        return Err(WeightError::no_network(FORMAT)(reason));
    }
    let lists: Vec<_> = tables
        .iter()
        .map(|table| networks::Table {
            path: &table.path,
            list: table.tensors.iter().map(|(name, t)| Listed { name, shape: &t.shape }).collect(),
        })
        .collect();
    let mut budget = size / 2 + SPARE / 4;
    let mut values = |table: &Table<'_>, at: usize| {
        let (name, tensor) = &table.tensors[at];
        storages.read(tensor, &mut budget).map_err(|reason| {
            WeightError::damaged(FORMAT)(StorageError::Tensor { name: name.clone(), reason: reason.into() })
        })
    };
    if let Some(found) = families::find(&lists, part).map_err(|e| e.of(FORMAT))? {
        let table = &tables[found.table];
        return WeightFile::of_family(FORMAT, found, |at| values(table, at));
    }
    let chosen = networks::choose(&lists, part, true).map_err(|e| e.of(FORMAT))?;
    let (table, mut remarks) = (&tables[chosen.table], chosen.remarks);
    let kernels = kernels(&chosen.convolutions, &mut remarks, |at| values(table, at))?;
    Ok(WeightFile {
        format: FORMAT,
        facts: Facts { padding: padding(table, &chosen.convolutions), ..Facts::default() },
        recognised: None,
        remarks,
        notes: Default::default(),
        content: Content::Layers(to_layers(kernels, AxisOrder::Oihw, false)),
    })
}

/// Paddings, if all layers with kernels larger than 1x1 state one.
fn padding(table: &Table<'_>, found: &[Convolution]) -> Option<Vec<Padding>> {
    let of = |c: &Convolution| table.paddings.iter().find(|(name, _)| *name == c.name).map(|(_, p)| *p);
    let known = found.iter().find_map(of)?;
    found.iter().map(|c| of(c).or((c.shape[2] == 1).then_some(known))).collect()
}
