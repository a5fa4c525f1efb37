//! Where a picture is read from.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Result, ensure};
use tempfile::SpooledTempFile;

use crate::inputs::STANDARD;

/// Bytes from standard input that are kept in memory; more go to a temporary file.
const IN_MEMORY: usize = 64 << 20;

/// An input: a file, or what came on standard input.
pub enum Source {
    File(File),
    Standard(SpooledTempFile),
}

impl Source {
    /// Opens an input, ready to be read from its beginning and again.
    pub fn open(input: &Path) -> Result<BufReader<Self>> {
        if input != Path::new(STANDARD) {
            return Ok(BufReader::new(Self::File(File::open(input)?)));
        }
        let mut spool = spool();
        let length = io::copy(&mut io::stdin().lock(), &mut spool)?;
        ensure!(length > 0, "nothing came on standard input");
        spool.rewind()?;
        Ok(BufReader::new(Self::Standard(spool)))
    }
}

/// Somewhere to put bytes that are read again.
pub fn spool() -> SpooledTempFile {
    SpooledTempFile::new(IN_MEMORY)
}

impl Read for Source {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(bytes),
            Self::Standard(file) => file.read(bytes),
        }
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::Standard(file) => file.seek(to),
        }
    }
}
