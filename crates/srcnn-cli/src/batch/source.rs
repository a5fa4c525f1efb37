//! Where a picture is read from.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Result, ensure};
use tempfile::SpooledTempFile;

use crate::inputs::STANDARD;

/// Bytes from standard input that are kept in memory; more go to a temporary file.
const IN_MEMORY: usize = 1 << 20;

/// An input: a file, or what came on standard input or through a pipe.
pub enum Source {
    File(File),
    Spooled(SpooledTempFile),
}

impl Source {
    /// Opens an input, ready to be read from its beginning and again.
    pub fn open(input: &Path) -> Result<BufReader<Self>> {
        let mut spool = spool();
        if input == Path::new(STANDARD) {
            let length = io::copy(&mut io::stdin().lock(), &mut spool)?;
            ensure!(length > 0, "nothing came on standard input");
        } else {
            let mut file = File::open(input)?;
            if file.metadata()?.is_file() {
                return Ok(BufReader::new(Self::File(file)));
            }
            // What is no regular file, a pipe say, gives its bytes once.
            io::copy(&mut file, &mut spool)?;
        }
        spool.rewind()?;
        Ok(BufReader::new(Self::Spooled(spool)))
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
            Self::Spooled(file) => file.read(bytes),
        }
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::Spooled(file) => file.seek(to),
        }
    }
}
