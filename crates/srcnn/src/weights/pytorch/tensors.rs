//! Tensors as a pickle describes them: a storage, offset, shape and strides.

use std::borrow::Cow;
use std::collections::HashMap;

use super::error::{DescriptionError, StorageError};
use super::pickle::{Id, Pickle, Value};
use crate::weights::archive::Archive;
use crate::weights::floats::Float;

/// Place of a tensor. Its values are read when they are needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tensor<'a> {
    /// Unknown for whole numbers and other types that no weights have.
    float: Option<Float>,
    storage: &'a str,
    offset: usize,
    pub(super) shape: Vec<usize>,
    strides: Vec<usize>,
}

/// Parameters wrap tensors, and so do subclasses: this deep.
const MAX_WRAPPERS: usize = 4;
/// Axes of a tensor that is looked at.
const MAX_AXES: usize = 8;

/// The tensor, if a value describes one.
pub(super) fn tensor<'a>(pickle: &Pickle<'a>, id: Id) -> Option<Result<Tensor<'a>, DescriptionError>> {
    let Value::Call { function, arguments, .. } = pickle.get(id) else { return None };
    rebuilt(pickle, *function, *arguments, 0)
}

/// The tensor that one of PyTorch's functions makes of its arguments.
fn rebuilt<'a>(
    pickle: &Pickle<'a>,
    function: Id,
    arguments: Id,
    depth: usize,
) -> Option<Result<Tensor<'a>, DescriptionError>> {
    let Value::Global { module, name } = pickle.get(function) else { return None };
    if !module.starts_with("torch.") || depth > MAX_WRAPPERS {
        return None;
    }
    let arguments = pickle.sequence(arguments)?;
    match *name {
        "_rebuild_parameter" | "_rebuild_parameter_with_state" => match pickle.get(*arguments.first()?) {
            Value::Call { function, arguments, .. } => rebuilt(pickle, *function, *arguments, depth + 1),
            _ => None,
        },
        "_rebuild_from_type_v2" => rebuilt(pickle, *arguments.first()?, *arguments.get(2)?, depth + 1),
        "_rebuild_tensor" | "_rebuild_tensor_v2" | "_rebuild_tensor_v3" => Some(described(pickle, name, arguments)),
        name if name.starts_with("_rebuild_") => Some(Err(DescriptionError::Kind(name.to_owned()))),
        _ => None,
    }
}

fn described<'a>(pickle: &Pickle<'a>, function: &str, arguments: &[Id]) -> Result<Tensor<'a>, DescriptionError> {
    let odd = || DescriptionError::Unknown;
    let numbers = |id: Id| -> Option<Vec<usize>> {
        let entries = pickle.sequence(id).filter(|e| e.len() <= MAX_AXES)?;
        entries.iter().map(|&n| pickle.int(n).and_then(|n| usize::try_from(n).ok())).collect()
    };
    let &[storage, offset, shape, strides, ..] = arguments else { return Err(odd()) };
    let (kind, storage) = storage_of(pickle, storage).ok_or_else(odd)?;
    let kind = match (function, arguments.get(6).map(|&dtype| pickle.get(dtype))) {
        ("_rebuild_tensor_v3", Some(Value::Global { name, .. })) => *name,
        _ => kind,
    };
    let offset = pickle.int(offset).and_then(|n| usize::try_from(n).ok()).ok_or_else(odd)?;
    let (shape, strides) = (numbers(shape).ok_or_else(odd)?, numbers(strides).ok_or_else(odd)?);
    if shape.len() != strides.len() {
        return Err(odd());
    }
    Ok(Tensor { float: float(kind), storage, offset, shape, strides })
}

/// Type and key of a storage.
fn storage_of<'a>(pickle: &Pickle<'a>, id: Id) -> Option<(&'a str, &'a str)> {
    let Value::Persistent(id) = pickle.get(id) else { return None };
    let &[tag, kind, key, ..] = pickle.sequence(*id)? else { return None };
    let Value::Global { name, .. } = pickle.get(kind) else { return None };
    (pickle.text(tag) == Some("storage")).then_some((*name, pickle.text(key)?))
}

fn float(kind: &str) -> Option<Float> {
    match kind {
        "FloatStorage" | "float32" => Some(Float::Single),
        "DoubleStorage" | "float64" => Some(Float::Double),
        "HalfStorage" | "float16" => Some(Float::Half),
        "BFloat16Storage" | "bfloat16" => Some(Float::Brain),
        _ => None,
    }
}

/// Bytes of a number in a storage of the older form.
fn number_size(kind: &str) -> Option<usize> {
    Some(match kind {
        "BoolStorage" | "ByteStorage" | "CharStorage" | "UntypedStorage" => 1,
        "ShortStorage" => 2,
        "IntStorage" => 4,
        "LongStorage" | "ComplexFloatStorage" => 8,
        "ComplexDoubleStorage" => 16,
        _ => float(kind)?.size(),
    })
}

/// The storages of a file.
pub(super) enum Storages<'a> {
    /// An entry of an archive each, below a folder.
    Archive { archive: &'a Archive<'a>, folder: String, limit: usize },
    /// Bytes behind the pickle, by their keys.
    Behind(HashMap<&'a str, &'a [u8]>),
}

impl<'a> Storages<'a> {
    /// Finds the storages behind the pickle: a list of keys, then for each the number of values and the values.
    pub(super) fn behind(bytes: &'a [u8], pickle: &Pickle<'a>) -> Result<Self, StorageError> {
        let mut kinds: HashMap<&str, usize> = HashMap::new();
        for value in pickle.values() {
            let Value::Persistent(id) = value else { continue };
            let Some(&[_, kind, key, _, _, ref view @ ..]) = pickle.sequence(*id) else { continue };
            if view.first().is_some_and(|&v| !matches!(pickle.get(v), Value::Other)) {
                return Err(StorageError::Views);
            }
            if let (Value::Global { name, .. }, Some(key)) = (pickle.get(kind), pickle.text(key)) {
                let size = number_size(name).ok_or_else(|| StorageError::Kind((*name).to_owned()))?;
                kinds.insert(key, size);
            }
        }
        let keys = Pickle::read(bytes, pickle.end)?;
        let mut at = keys.end;
        let mut storages = HashMap::new();
        for &key in keys.sequence(keys.root).ok_or(StorageError::NoList)? {
            let key = keys.text(key).ok_or(StorageError::NoName)?;
            let size = kinds.get(key).ok_or(StorageError::Unreferenced)?;
            let (count, rest) = bytes[at..].split_first_chunk::<8>().ok_or(StorageError::Cut)?;
            let count = usize::try_from(u64::from_le_bytes(*count)).ok().and_then(|c| c.checked_mul(*size));
            let data = count.and_then(|c| rest.get(..c)).ok_or(StorageError::Cut)?;
            at += 8 + data.len();
            storages.insert(key, data);
        }
        Ok(Self::Behind(storages))
    }

    fn bytes(&self, key: &str) -> Result<Cow<'_, [u8]>, StorageError> {
        let data = match self {
            Self::Archive { archive, folder, limit } => archive.read(&format!("{folder}data/{key}"), *limit)?,
            Self::Behind(storages) => storages.get(key).copied().map(Cow::Borrowed),
        };
        data.ok_or_else(|| StorageError::NoStorage(key.to_owned()))
    }

    /// The values of a tensor, the last axis fastest, and a remark on their conversion. `budget` is the number of values
    /// that may still be read.
    pub(super) fn read(
        &self,
        tensor: &Tensor<'_>,
        budget: &mut usize,
    ) -> Result<(Vec<f32>, Option<&'static str>), StorageError> {
        let float = tensor.float.ok_or(StorageError::NoFloats)?;
        let count = tensor.shape.iter().try_fold(1usize, |product, &n| product.checked_mul(n));
        let count = count.filter(|c| c <= budget).ok_or_else(|| StorageError::TooLarge(tensor.shape.clone()))?;
        *budget -= count;
        let data = self.bytes(tensor.storage)?;
        let size = float.size();
        let last = tensor.shape.iter().zip(&tensor.strides).try_fold(tensor.offset, |sum, (&n, &stride)| {
            n.saturating_sub(1).checked_mul(stride).and_then(|far| sum.checked_add(far))
        });
        if count > 0 && last.is_none_or(|last| last >= data.len() / size) {
            return Err(StorageError::BeyondStorage(tensor.shape.clone()));
        }
        let mut index = vec![0; tensor.shape.len()];
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            let at = tensor.offset + index.iter().zip(&tensor.strides).map(|(i, s)| i * s).sum::<usize>();
            values.push(float.read(&data[at * size..][..size]));
            for axis in (0..index.len()).rev() {
                index[axis] += 1;
                if index[axis] < tensor.shape[axis] {
                    break;
                }
                index[axis] = 0;
            }
        }
        Ok((values, float.remark()))
    }
}
