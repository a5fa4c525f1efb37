//! Files that appear whole or not at all.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::temporary::temporary_in;

/// Writes a file by way of a temporary one beside it, flushed to the disk before it takes its name. What was there is
/// replaced only if `replace` says so.
///
/// # Errors
/// Those of the file system; [`io::ErrorKind::AlreadyExists`] if there is such a file and `replace` is false. Nothing is
/// left behind then.
pub fn write_whole(path: &Path, bytes: &[u8], replace: bool) -> io::Result<()> {
    let mut file = WholeFile::create(path)?;
    file.write_all(bytes)?;
    file.commit(replace)
}

/// A file that is being written, under a temporary name in the folder of the one that it will have. Dropped before it is
/// [committed](Self::commit), it is removed.
#[derive(Debug)]
pub struct WholeFile {
    file: tempfile::NamedTempFile,
    path: PathBuf,
}

impl WholeFile {
    /// Begins a file that is to be at `path`.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn create(path: &Path) -> io::Result<Self> {
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        Ok(Self { file: temporary_in(folder)?, path: path.to_owned() })
    }

    /// Flushes it to the disk and gives it its name. What was there is replaced only if `replace` says so.
    ///
    /// # Errors
    /// Those of the file system; [`io::ErrorKind::AlreadyExists`] if there is such a file and `replace` is false.
    pub fn commit(self, replace: bool) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        let Self { file, path } = self;
        let persisted = if replace { file.persist(path) } else { file.persist_noclobber(path) };
        persisted.map(drop).map_err(|e| e.error)
    }
}

// By way of the file itself: errors then do not speak of the temporary name.
impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_file_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_file_mut().flush()
    }
}

impl Read for WholeFile {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.file.as_file_mut().read(bytes)
    }
}

impl Seek for WholeFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.as_file_mut().seek(to)
    }
}
