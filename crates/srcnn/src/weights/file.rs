//! Weight files and cards on disk. The only file of this module that touches the file system.

use std::path::{Path, PathBuf};

use super::archive::Archive;
use super::error::WeightError;
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

impl WeightFile {
    /// Reads a file, and the card beside it if there is one: the same name with the extension `toml`. Either of
    /// ncnn's two files may be named; the other one is beside it.
    ///
    /// # Errors
    /// [`LoadError`], naming the file or card at fault.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        let path = path.as_ref();
        let at = |path: &Path| {
            let path = path.to_owned();
            move |reason: LoadErrorKind| LoadError { path, reason }
        };
        let bytes = std::fs::read(path).map_err(|e| at(path)(e.into()))?;
        let mut file = match ncnn_partner(path, &bytes) {
            Some(partner) => {
                let other = std::fs::read(&partner).map_err(|e| at(&partner)(e.into()))?;
                let (param, bin) = if ncnn::begins(&bytes) { (&bytes, &other) } else { (&other, &bytes) };
                Self::parse_ncnn(param, bin)
            }
            None => Self::parse(&bytes),
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
