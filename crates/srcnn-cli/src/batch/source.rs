//! Sources of pictures: files, standard input and pipes.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Result, ensure};
use srcnn::{Image, ImageFile};
use tempfile::SpooledTempFile;

use crate::inputs::STANDARD;
use crate::signals::waiting;

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
    /// If the input cannot be read, or standard input is empty; [`Interrupted`](crate::signals::Interrupted).
    pub fn open(input: &Path) -> Result<BufReader<Self>> {
        let is_standard = input == Path::new(STANDARD);
        if !is_standard && fs::metadata(input)?.is_file() {
            return Ok(BufReader::new(Self::File(File::open(input)?)));
        }
        // A pipe or another special file can be read only once.
        let input = input.to_owned();
        let read = move || {
            let mut spool = spool();
            let length = match is_standard {
                true => io::copy(&mut io::stdin().lock(), &mut spool)?,
                false => io::copy(&mut File::open(input)?, &mut spool)?,
            };
            spool.rewind()?;
            Ok::<_, io::Error>((spool, length))
        };
        let (spool, length) = waiting(read)??;
        ensure!(length > 0 || !is_standard, "nothing came on standard input");
        Ok(BufReader::new(Self::Spooled(spool)))
    }
}

/// Reads a picture file, or a pipe.
///
/// # Errors
/// If it cannot be read, naming it; [`Interrupted`](crate::signals::Interrupted).
pub fn open_image(input: &Path) -> Result<Image> {
    // What is missing is named by the attempt.
    if fs::metadata(input).map_or(true, |found| found.is_file()) {
        return Ok(Image::open(input)?);
    }
    let input = input.to_owned();
    Ok(waiting(move || Image::open(input))??)
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
