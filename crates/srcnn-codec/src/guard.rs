//! Panics of decoders, caught: a bug in one of them must not take down a batch of thousands of files.

use std::panic::{AssertUnwindSafe, catch_unwind};

use srcnn_image::image::{Image, Metadata};
use srcnn_image::rows::{Rows, RowsError, Shape};

use crate::decode_error::DecodeError;

/// Runs a decoder; [`DecodeError::Crash`] if it panics.
pub(crate) fn guarded<T>(decode: impl FnOnce() -> T) -> Result<T, DecodeError> {
    catch_unwind(AssertUnwindSafe(decode)).map_err(|_| DecodeError::Crash)
}

/// Rows of a decoder that is guarded.
pub(crate) struct Guarded<'a>(pub(crate) Box<dyn Rows + 'a>);

impl Rows for Guarded<'_> {
    fn shape(&self) -> Shape {
        self.0.shape()
    }

    fn metadata(&self) -> &Metadata {
        self.0.metadata()
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        guarded(|| self.0.read(rows))?
    }

    fn held_bytes(&self) -> u64 {
        self.0.held_bytes()
    }

    fn is_in_memory(&self) -> bool {
        self.0.is_in_memory()
    }
}
