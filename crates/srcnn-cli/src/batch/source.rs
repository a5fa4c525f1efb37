//! Sources of pictures: files, standard input and pipes.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Result, ensure};
use tempfile::SpooledTempFile;

use crate::inputs::STANDARD;

/// Bytes of standard input or a pipe that are kept in memory; more go to a temporary file.
const IN_MEMORY: usize = 1 << 20;

/// A seekable input: a file, or the buffered contents of standard input or a pipe.
pub enum Source {
    File(File),
    Spooled(SpooledTempFile),
}

impl Source {
    /// Opens an input. Standard input and pipes are read to their end first, so that every input can be read more than
    /// once.
    ///
    /// # Errors
    /// If the input cannot be read, or standard input is empty.
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
            // A pipe or another special file can be read only once.
            io::copy(&mut file, &mut spool)?;
        }
        spool.rewind()?;
        Ok(BufReader::new(Self::Spooled(spool)))
    }
}

/// A buffer in memory that becomes a temporary file when it grows.
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
