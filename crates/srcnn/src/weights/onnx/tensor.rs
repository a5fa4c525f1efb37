//! Tensors that an ONNX file holds. Values are read when they are needed.

use super::error::{TensorError, WireError};
use super::external::{Beside, Place};
use super::schema::{
    BFLOAT16, DOUBLE, EXTERNAL, FLOAT, FLOAT16, INT64, TENSOR_DATA_LOCATION, TENSOR_DATA_TYPE, TENSOR_DIMS,
    TENSOR_DOUBLE_DATA, TENSOR_EXTERNAL_DATA, TENSOR_FLOAT_DATA, TENSOR_INT32_DATA, TENSOR_INT64_DATA, TENSOR_NAME,
    TENSOR_RAW_DATA,
};
use super::wire::{Field, Parts, fields, singles, varints};
use crate::weights::floats::Float;

/// Numbers of a list that are looked at: shapes, paddings, scales, axes.
pub(super) const MAX_LIST: usize = 32;

/// A tensor, with its message for the values.
#[derive(Clone, Default)]
pub(super) struct Tensor<'a> {
    message: &'a [u8],
    pub(super) shape: Vec<i64>,
    /// Data type.
    kind: i64,
    /// Place of values that are in another file.
    place: Option<Place<'a>>,
    /// Values that were read from there.
    loaded: Option<Vec<u8>>,
}

impl<'a> Tensor<'a> {
    /// Reads name, shape and type of a `TensorProto`.
    pub(super) fn read(message: &'a [u8], parts: &mut Parts) -> Result<(&'a str, Self), WireError> {
        parts.one()?;
        let mut tensor = Self { message, ..Self::default() };
        let mut name = "";
        for field in fields(message) {
            match field? {
                (TENSOR_DIMS, value) => {
                    for value in varints(value).take(MAX_LIST) {
                        tensor.shape.push(value?);
                    }
                }
                (TENSOR_DATA_TYPE, value) => tensor.kind = value.int(),
                (TENSOR_NAME, value) => name = value.text(),
                (TENSOR_EXTERNAL_DATA, value) => tensor.place.get_or_insert_default().entry(value.bytes())?,
                (TENSOR_DATA_LOCATION, value) if value.int() == EXTERNAL => _ = tensor.place.get_or_insert_default(),
                _ => {}
            }
            tensor.shape.truncate(MAX_LIST);
        }
        Ok((name, tensor))
    }

    /// Reads values that are in another file.
    pub(super) fn load(&mut self, beside: &Beside<'_>) -> Result<(), TensorError> {
        let Some(place) = &self.place else { return Ok(()) };
        let number = match self.kind {
            INT64 => size_of::<i64>(),
            kind => float(kind).map_err(TensorError::Type)?.0.size(),
        };
        let size = self.shape.iter().try_fold(number as i64, |size, &n| size.checked_mul(n).filter(|_| n >= 0));
        let size = size.and_then(|size| usize::try_from(size).ok());
        let size = size.ok_or_else(|| TensorError::Count(self.shape.clone()))?;
        self.loaded = Some(place.read(size, beside)?);
        Ok(())
    }

    /// Bytes that were read from another file.
    pub(super) fn loaded(&self) -> usize {
        self.loaded.as_ref().map_or(0, Vec::len)
    }

    /// Fields of the message; the values from another file as if they were there.
    fn fields(&self) -> Result<impl Iterator<Item = Result<(u64, Field<'_>), WireError>>, TensorError> {
        let own = match (&self.place, &self.loaded) {
            (Some(place), None) => return Err(TensorError::Elsewhere(place.location.to_owned())),
            (Some(_), Some(_)) => &[],
            (None, _) => self.message,
        };
        let loaded = self.loaded.as_deref().map(|bytes| Ok((TENSOR_RAW_DATA, Field::Bytes(bytes))));
        Ok(loaded.into_iter().chain(fields(own)))
    }

    /// The values of a tensor of `count` floats, and their storage type.
    pub(super) fn values(&self, count: usize) -> Result<(Vec<f32>, Float), TensorError> {
        let fields = self.fields()?;
        let (float, own) = float(self.kind).map_err(TensorError::Type)?;
        let held = self.loaded.as_ref().map_or(self.message.len(), Vec::len);
        let mut values = Vec::with_capacity(count.min(held));
        for field in fields {
            let (number, field) = field?;
            match (number, field) {
                (TENSOR_RAW_DATA, Field::Bytes(bytes)) => {
                    values.extend(float.read_all(bytes).into_iter().take(count + 1))
                }
                (number, _) if number != own => {}
                (TENSOR_FLOAT_DATA, field) => values.extend(singles(field)),
                (TENSOR_DOUBLE_DATA, Field::Bytes(bytes)) => values.extend(Float::Double.read_all(bytes)),
                (TENSOR_DOUBLE_DATA, Field::Fixed64(bytes)) => values.push(f64::from_le_bytes(bytes) as f32),
                (TENSOR_INT32_DATA, field) => {
                    for bits in varints(field).take(count + 1) {
                        values.push(float.read(&(bits? as u16).to_le_bytes()));
                    }
                }
                _ => {}
            }
            if values.len() > count {
                break;
            }
        }
        if values.len() != count {
            return Err(TensorError::Count(self.shape.clone()));
        }
        Ok((values, float))
    }

    /// A short list of numbers: floats or whole.
    pub(super) fn list(&self) -> Result<Vec<f64>, TensorError> {
        self.numbers(MAX_LIST)
    }

    /// At most so many numbers: floats or whole.
    pub(super) fn numbers(&self, most: usize) -> Result<Vec<f64>, TensorError> {
        let fields = self.fields()?;
        let count = self.shape.iter().try_fold(1i64, |product, &n| product.checked_mul(n));
        let count = count.and_then(|c| usize::try_from(c).ok()).filter(|&c| c <= most);
        let count = count.ok_or_else(|| TensorError::ListShape(self.shape.clone()))?;
        if self.kind != INT64 {
            return Ok(self.values(count)?.0.into_iter().map(f64::from).collect());
        }
        let mut list = Vec::new();
        for field in fields {
            match field? {
                (TENSOR_RAW_DATA, Field::Bytes(bytes)) => {
                    let words = bytes.as_chunks::<8>().0.iter().take(most);
                    list.extend(words.map(|b| i64::from_le_bytes(*b) as f64));
                }
                (TENSOR_INT64_DATA, field) => {
                    for value in varints(field).take(most) {
                        list.push(value? as f64);
                    }
                }
                _ => {}
            }
            list.truncate(most + 1);
        }
        if list.len() == count { Ok(list) } else { Err(TensorError::ListLength) }
    }
}

/// Storage type of an ONNX type of floats, and the field for such values; else the type again.
fn float(kind: i64) -> Result<(Float, u64), i64> {
    match kind {
        FLOAT => Ok((Float::Single, TENSOR_FLOAT_DATA)),
        FLOAT16 => Ok((Float::Half, TENSOR_INT32_DATA)),
        DOUBLE => Ok((Float::Double, TENSOR_DOUBLE_DATA)),
        BFLOAT16 => Ok((Float::Brain, TENSOR_INT32_DATA)),
        kind => Err(kind),
    }
}
