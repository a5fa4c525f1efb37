//! Stages at the ends of a pipeline, for whoever measures them.

use std::io::{self, Seek, SeekFrom, Write};

use crate::image::{Image, Metadata};
use crate::rows::{Rows, RowsError, Shape};
use crate::stage::{Stage, measured};

/// The rows of a file: reading them is decoding.
pub(super) struct Decoded<'a>(pub(super) Box<dyn Rows + 'a>);

impl Rows for Decoded<'_> {
    fn shape(&self) -> Shape {
        self.0.shape()
    }

    fn metadata(&self) -> &Metadata {
        self.0.metadata()
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        measured(Stage::Decode, || self.0.read(rows))
    }

    fn held_bytes(&self) -> u64 {
        self.0.held_bytes()
    }

    fn is_in_memory(&self) -> bool {
        self.0.is_in_memory()
    }
}

/// An output file.
pub(super) struct Written<W>(pub(super) W);

impl<W: Write> Write for Written<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        measured(Stage::Write, || self.0.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        measured(Stage::Write, || self.0.flush())
    }
}

impl<W: Seek> Seek for Written<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}
