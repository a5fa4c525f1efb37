//! Weight files and cards on disk. With `beside.rs`, the only file of this module that touches the file system.

use std::path::{Path, PathBuf};

use super::archive::Archive;
use super::beside::Folder;
use super::error::WeightError;
use super::format::Format;
use super::weight_file::WeightFile;
use super::{ncnn, pytorch};
use crate::model::{Card, Model};

/// A weight file or card that could not be used, by its path.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct LoadError {
    /// Path of the file or card at fault.
    pub path: PathBuf,
    /// Why it could not be used, part of the message.
    pub reason: LoadErrorKind,
}

/// Why a weight file could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadErrorKind {
    /// It could not be read from disk.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// It does not hold the weights of a network, or a card does not fit.
    #[error(transparent)]
    Weights(#[from] WeightError),
}

/// File of TensorFlow's format SavedModel, which is a folder.
const SAVED_MODEL: &str = "saved_model.pb";

/// A folder in place of a weight file.
#[derive(Debug, thiserror::Error)]
enum FolderError {
    #[error("it is TensorFlow's SavedModel; save the Keras model as .keras or .h5, or export it as ONNX (tf2onnx)")]
    SavedModel,
    #[error("it is a folder; name the weight file in it")]
    Folder,
}

impl WeightFile {
    /// Reads a file, and the card beside it if there is one: the same name with the extension `toml`. Either of
    /// ncnn's two files may be named; the other one is beside it. So are files in which an ONNX model keeps its values; other
    /// folders are not read.
    ///
    /// # Errors
    /// [`LoadError`], naming the file or card at fault.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        Self::open_with(path.as_ref(), None)
    }

    /// As [`WeightFile::open`], for a file that holds several networks: reads that named `part`, as
    /// [`WeightFile::parse_part`] does.
    ///
    /// # Errors
    /// [`LoadError`], naming the file or card at fault.
    pub fn open_part(path: impl AsRef<Path>, part: &str) -> Result<Self, LoadError> {
        Self::open_with(path.as_ref(), Some(part))
    }

    /// As [`WeightFile::open`] or, for `FILE#NAME`, as [`WeightFile::open_part`]: see [`split_part`].
    ///
    /// # Errors
    /// [`LoadError`], naming the file or card at fault.
    pub fn open_named(name: impl AsRef<Path>) -> Result<Self, LoadError> {
        let (path, part) = split_part(name.as_ref());
        Self::open_with(path, part)
    }

    fn open_with(path: &Path, part: Option<&str>) -> Result<Self, LoadError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |reason: LoadErrorKind| LoadError { path, reason }
        };
        if path.is_dir() {
            let reason = if path.join(SAVED_MODEL).is_file() { FolderError::SavedModel } else { FolderError::Folder };
            return Err(at(path)(WeightError::OtherKind(reason.into()).into()));
        }
        let bytes = std::fs::read(path).map_err(|e| at(path)(e.into()))?;
        let mut file = match ncnn_partner(path, &bytes) {
            Some(partner) => {
                let other = std::fs::read(&partner).map_err(|e| at(&partner)(e.into()))?;
                let (param, bin) = if ncnn::begins(&bytes) { (&bytes, &other) } else { (&other, &bytes) };
                match part {
                    Some(part) => Err(WeightError::no_part(Format::Ncnn, part)),
                    None => Self::parse_ncnn(param, bin),
                }
            }
            None => {
                let folder = Folder::of(path);
                Self::parse_with(&bytes, part, Some(&|name, offset, size| folder.read(name, offset, size)))
            }
        }
        .map_err(|e| at(path)(e.into()))?;
        let card_path = path.with_extension("toml");
        match std::fs::read_to_string(&card_path) {
            Ok(text) => {
                let card = Card::parse(&text).map_err(|e| at(&card_path)(WeightError::from(e).into()))?;
                file.apply_card(&card).map_err(|e| at(&card_path)(e.into()))?;
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(at(&card_path)(e.into())),
        }
        Ok(file)
    }
}

impl Model {
    /// Reads a model from a file that, with its card, states every fact. Its name is that of the file unless the card or
    /// the file names it.
    ///
    /// # Errors
    /// [`LoadError`], naming the file or card at fault.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        let path = path.as_ref();
        let name = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let model = WeightFile::open(path)?.into_model(&name);
        model.map_err(|e| LoadError { path: path.to_owned(), reason: e.into() })
    }
}

/// Path of a file and, behind a `#`, the name of one of the networks in it. A file whose own name has that `#` is meant as a
/// whole.
pub fn split_part(name: &Path) -> (&Path, Option<&str>) {
    let parts = name.to_str().filter(|_| !name.exists()).and_then(|text| text.rsplit_once('#'));
    match parts {
        Some((path, part)) if !path.is_empty() && !part.is_empty() => (Path::new(path), Some(part)),
        _ => (name, None),
    }
}

/// The other file of an ncnn pair; nothing for files of other formats.
fn ncnn_partner(path: &Path, bytes: &[u8]) -> Option<PathBuf> {
    if ncnn::begins(bytes) {
        return Some(path.with_extension("bin"));
    }
    // The weights have no signature.
    let is_bin = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("bin"));
    let known = Archive::begins(bytes) || pytorch::begins_as_pickle(bytes);
    Some(path.with_extension("param")).filter(|p| is_bin && !known && p.is_file())
}
