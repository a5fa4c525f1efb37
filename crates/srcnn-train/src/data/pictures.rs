//! The files of a run's pictures.

use std::path::PathBuf;

use super::error::DataError;
use crate::config::Config;

/// Paths of a run's pictures, by purpose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pictures {
    /// Training.
    pub train: Vec<PathBuf>,
    /// Validation, by which the best weights are chosen.
    pub validation: Vec<PathBuf>,
    /// Benchmark, which is scored for the curve only.
    pub benchmark: Vec<PathBuf>,
}

impl Pictures {
    /// Finds the pictures in the folders of `config`.
    ///
    /// # Errors
    /// [`DataError::Io`], [`DataError::NoValidation`].
    pub fn find(config: &Config) -> Result<Self, DataError> {
        let pictures_in = |folder: &PathBuf| {
            srcnn::codec::files::pictures_in(folder).map_err(|reason| DataError::Io { path: folder.clone(), reason })
        };
        let mut pictures = Self::default();
        for folder in &config.data {
            for (i, path) in pictures_in(folder)?.into_iter().enumerate() {
                let held = config.hold_out > 0 && i % config.hold_out == config.hold_out - 1;
                if held { &mut pictures.validation } else { &mut pictures.train }.push(path);
            }
        }
        for folder in &config.validation {
            pictures.validation.extend(pictures_in(folder)?);
        }
        for folder in &config.benchmark {
            pictures.benchmark.extend(pictures_in(folder)?);
        }
        if pictures.validation.is_empty() { Err(DataError::NoValidation) } else { Ok(pictures) }
    }
}
