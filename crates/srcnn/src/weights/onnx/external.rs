//! Values that a model keeps in other files beside it ("external data" in onnx.proto), which PyTorch's exporter writes.
//!
//! This file reads nothing: who opened the model passes a [`Beside`], which reads parts of files of its folder.

use super::error::{BesideError, ExternalError, WireError};
use super::schema::{ENTRY_KEY, ENTRY_VALUE};
use super::wire::fields;

/// Keys of the entries of `TensorProto.external_data`.
const LOCATION: &str = "location";
const OFFSET: &str = "offset";
const LENGTH: &str = "length";

/// Reads a part of a file beside the model: its name, the offset and the number of bytes.
pub(in crate::weights) type Beside<'b> = dyn Fn(&str, u64, usize) -> Result<Vec<u8>, BesideError> + 'b;

/// Place of a tensor's values in another file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place<'a> {
    /// Name of the file; empty if it is not stated.
    pub(super) location: &'a str,
    offset: Option<&'a str>,
    length: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// Adds what an entry of `external_data` states.
    pub(super) fn entry(&mut self, message: &'a [u8]) -> Result<(), WireError> {
        let (mut key, mut value) = ("", "");
        for field in fields(message) {
            match field? {
                (ENTRY_KEY, text) => key = text.text(),
                (ENTRY_VALUE, text) => value = text.text(),
                _ => {}
            }
        }
        match key {
            LOCATION => self.location = value,
            OFFSET => self.offset = Some(value),
            LENGTH => self.length = Some(value),
            _ => {}
        }
        Ok(())
    }

    /// Reads `size` bytes, as many as the tensor's shape and type need.
    pub(super) fn read(&self, size: usize, beside: &Beside<'_>) -> Result<Vec<u8>, ExternalError> {
        let number = |text: Option<&str>, or: u64| match text {
            Some(text) => text.parse().map_err(|_| ExternalError::Number(text.to_owned())),
            None => Ok(or),
        };
        let (offset, length) = (number(self.offset, 0)?, number(self.length, size as u64)?);
        if length != size as u64 {
            return Err(ExternalError::Length { length, size });
        }
        beside(self.location, offset, size)
            .map_err(|reason| ExternalError::File { location: self.location.to_owned(), reason })
    }
}
