//! The rim: pictures from and to files, which appear whole or not at all.

use std::fs;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{DecodeError, EncodeError, EncodeOptions, FileFormat, decode, encode};
use srcnn_image::{Image, Limits};

/// A picture file that could not be read or written, by its path.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong.
    pub reason: FileErrorKind,
}

/// Why a picture file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileErrorKind {
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The content is no usable picture.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The format cannot hold the picture.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The extension names no format that can be written.
    #[error("the extension names no picture format; known are png, jpg, bmp, tif, webp, gif, pnm, pam and qoi")]
    Extension,
}

/// Pictures from and to files.
pub trait ImageFile: Sized {
    /// Reads a picture file; the format is told by content, the limits are [`Limits::default`].
    ///
    /// # Errors
    /// [`FileError`], naming the file.
    fn open(path: impl AsRef<Path>) -> Result<Self, FileError>;

    /// Writes a picture file in the format that the extension names, replacing what is there; it appears whole or not at all.
    ///
    /// # Errors
    /// [`FileError`], naming the file.
    fn save(&self, path: impl AsRef<Path>) -> Result<(), FileError>;
}

impl ImageFile for Image {
    fn open(path: impl AsRef<Path>) -> Result<Self, FileError> {
        let path = path.as_ref();
        let read = || Ok(decode(&fs::read(path)?, Limits::default())?);
        read().map_err(|reason| FileError { path: path.to_owned(), reason })
    }

    fn save(&self, path: impl AsRef<Path>) -> Result<(), FileError> {
        let path = path.as_ref();
        let write = || {
            let format = FileFormat::of_path(path).ok_or(FileErrorKind::Extension)?;
            let bytes = encode(self, format, &EncodeOptions::default())?;
            Ok(write_whole(path, &bytes, true)?)
        };
        write().map_err(|reason| FileError { path: path.to_owned(), reason })
    }
}

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

/// The files of a folder that look like pictures by their extension, in the order of names; hidden ones are left out.
///
/// # Errors
/// Those of the file system.
pub fn pictures_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        // What is no regular file (a pipe, say) might never end.
        if !hidden && path.is_file() && FileFormat::is_read(&path) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Makes sure that files can be made in a folder, by making one and removing it.
///
/// # Errors
/// Those of the file system.
pub fn can_write_into(folder: &Path) -> io::Result<()> {
    temporary_in(folder)?.close()
}

/// Names of temporary files: these, and the process's number between.
const TEMPORARY: &str = ".srcnn-";
const UNFINISHED: &str = ".part";

/// Removes the temporary files that processes which no longer run left in a folder. Where it cannot be told whether they
/// run, nothing is removed.
pub fn remove_abandoned(folder: &Path) {
    // Only Linux tells by the file system which processes there are.
    if !Path::new("/proc/self").exists() {
        return;
    }
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let process = name.to_str().and_then(|name| {
            let (process, _) = name.strip_suffix(UNFINISHED)?.strip_prefix(TEMPORARY)?.split_once('-')?;
            process.parse::<u32>().ok()
        });
        let runs = |process: u32| Path::new(&format!("/proc/{process}")).exists();
        // Of a process that cannot be seen from here, on another machine say, the file may be in use: what cannot be locked
        // is.
        let in_use = || fs::File::open(entry.path()).is_ok_and(|file| file.try_lock().is_err());
        if process.is_some_and(|process| !runs(process) && !in_use()) {
            // What cannot be removed does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn temporary_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    let prefix = format!("{TEMPORARY}{}-", std::process::id());
    builder.prefix(&prefix).suffix(UNFINISHED);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The process's umask takes its share, as for any file.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let made = builder.tempfile_in(folder).inspect(|file| {
        // Where there are no locks, the process's number must do.
        let _ = file.as_file().try_lock();
    });
    made.map_err(|e| match e.kind() {
        // The kind says it all, without the temporary name.
        kind @ (io::ErrorKind::NotFound
        | io::ErrorKind::PermissionDenied
        | io::ErrorKind::ReadOnlyFilesystem
        | io::ErrorKind::StorageFull
        | io::ErrorKind::NotADirectory) => kind.into(),
        _ => e,
    })
}
