//! Weights of a `.bin`, one after the other.

use super::error::BinaryError;
use crate::weights::floats::Float;

/// Tags before kernels: f32 (two spellings), and half (`ModelBinFromDataReader` in ncnn's modelbin.cpp).
const SINGLE: [u32; 2] = [0, 0x0002_C056];
const HALF: u32 = 0x0130_6B47;

/// Weights that are not read yet.
#[derive(Clone, Default)]
pub(super) struct Binary<'a> {
    bytes: &'a [u8],
    pub(super) remarks: Vec<String>,
}

impl<'a> Binary<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, remarks: Vec::new() }
    }

    /// Bytes that are left.
    pub(super) fn left(&self) -> usize {
        self.bytes.len()
    }

    /// Kernels of the layer `name`, behind their tag.
    pub(super) fn kernels(&mut self, name: &str, count: usize) -> Result<Vec<f32>, BinaryError> {
        let tag = self.take(name, 1, size_of::<u32>())?;
        let tag = u32::from_le_bytes(tag.try_into().unwrap_or_default());
        if SINGLE.contains(&tag) {
            return self.floats(name, count);
        }
        if tag != HALF {
            return Err(BinaryError::Storage { name: name.to_owned(), tag });
        }
        let values = Float::Half.read_all(self.take(name, count, Float::Half.size())?);
        // Padded to four bytes.
        if count % 2 == 1 {
            self.take(name, 1, Float::Half.size())?;
        }
        if let Some(remark) = Float::Half.remark().filter(|r| !self.remarks.iter().any(|known| known == r)) {
            self.remarks.push(remark.to_owned());
        }
        Ok(values)
    }

    /// Numbers without a tag: biases, slopes, data.
    pub(super) fn floats(&mut self, name: &str, count: usize) -> Result<Vec<f32>, BinaryError> {
        Ok(Float::Single.read_all(self.take(name, count, Float::Single.size())?))
    }

    fn take(&mut self, name: &str, count: usize, size: usize) -> Result<&'a [u8], BinaryError> {
        let taken = count.checked_mul(size).and_then(|bytes| self.bytes.split_at_checked(bytes));
        let (taken, rest) = taken.ok_or_else(|| BinaryError::Cut { name: name.to_owned() })?;
        self.bytes = rest;
        Ok(taken)
    }
}
