//! Pictures from and to files on disk.

use std::path::{Path, PathBuf};
use std::{fs, io};

use srcnn_image::{Image, Limits};

use crate::decode::decode;
use crate::decode_error::DecodeError;
use crate::encode::encode;
use crate::encode_error::EncodeError;
use crate::files::write_whole;
use crate::format::FileFormat;
use crate::options::EncodeOptions;

/// A picture file that could not be read or written, by its path.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// The reason.
    pub reason: FileErrorKind,
}

/// Why a picture file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
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
