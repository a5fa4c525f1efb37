//! Files that appear whole or not at all.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::occupant::{Occupant, folder_of, pour};
use super::temporary::temporary_in;

/// Bytes for a device or a pipe that are kept in memory; more go to a temporary file.
const IN_MEMORY: usize = 1 << 20;

/// Writes a file by way of a temporary one beside it, flushed to the disk before it takes its name. What was there is
/// replaced only if `replace` says so; a [stream](Occupant::Stream) is written into in any case.
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
/// [committed](Self::commit), it is removed. What is to go into a [stream](Occupant::Stream) is kept elsewhere until then.
#[derive(Debug)]
pub struct WholeFile {
    content: Content,
    path: PathBuf,
}

#[derive(Debug)]
enum Content {
    Beside(tempfile::NamedTempFile),
    ForStream(tempfile::SpooledTempFile),
}

impl WholeFile {
    /// Begins a file that is to be at `path`.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn create(path: &Path) -> io::Result<Self> {
        let content = match Occupant::of(path) {
            Occupant::Stream => Content::ForStream(tempfile::SpooledTempFile::new(IN_MEMORY)),
            Occupant::Nothing | Occupant::File | Occupant::Folder | Occupant::BrokenLink(_) => {
                Content::Beside(temporary_in(folder_of(path))?)
            }
        };
        Ok(Self { content, path: path.to_owned() })
    }

    /// Whether it goes into a [stream](Occupant::Stream), so that [`commit`](Self::commit) may wait for a reader.
    pub fn is_for_stream(&self) -> bool {
        matches!(self.content, Content::ForStream(_))
    }

    /// Flushes it to the disk and gives it its name. What was there is replaced only if `replace` says so; a stream is
    /// written into in any case.
    ///
    /// # Errors
    /// Those of the file system; [`io::ErrorKind::AlreadyExists`] if there is such a file and `replace` is false.
    pub fn commit(self, replace: bool) -> io::Result<()> {
        let mut file = match self.content {
            Content::Beside(file) => file,
            Content::ForStream(mut spooled) => {
                spooled.rewind()?;
                return pour(&mut spooled, &self.path);
            }
        };
        if Occupant::of(&self.path) == Occupant::Stream {
            // It came since.
            file.rewind()?;
            return pour(&mut file, &self.path);
        }
        file.as_file().sync_all()?;
        let persisted = if replace { file.persist(self.path) } else { file.persist_noclobber(self.path) };
        persisted.map(drop).map_err(|e| e.error)
    }
}

// By way of the file itself: errors then do not speak of the temporary name.
impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.content {
            Content::Beside(file) => file.as_file_mut().write(bytes),
            Content::ForStream(spooled) => spooled.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.content {
            Content::Beside(file) => file.as_file_mut().flush(),
            Content::ForStream(spooled) => spooled.flush(),
        }
    }
}

impl Read for WholeFile {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match &mut self.content {
            Content::Beside(file) => file.as_file_mut().read(bytes),
            Content::ForStream(spooled) => spooled.read(bytes),
        }
    }
}

impl Seek for WholeFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.content {
            Content::Beside(file) => file.as_file_mut().seek(to),
            Content::ForStream(spooled) => spooled.seek(to),
        }
    }
}
