//! The files in the folder of a run.

use std::io;
use std::path::Path;

use super::error::RunError;
use super::metrics::{self, Row};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::config::Config;
use crate::data::BoxError;

/// The configuration.
pub(super) const CONFIG: &str = "config.toml";
/// The checkpoint.
pub(super) const CHECKPOINT: &str = "checkpoint.safetensors";
/// The measurements.
pub(super) const METRICS: &str = "metrics.csv";

/// Names of the files of every run, except for model and card. The last three are written by the observer.
pub const FILES: [&str; 6] = [CONFIG, CHECKPOINT, METRICS, "curve.png", "curve.svg", "filters.png"];

/// The configuration of the run in `folder`; none if there is no run.
pub(super) fn recorded_config(folder: &Path) -> Result<Option<Config>, RunError> {
    let path = folder.join(CONFIG);
    let error = |reason: BoxError| RunError::File { path: path.clone(), reason };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(error(e.into())),
    };
    Config::fields(&text).and_then(Config::from_table).map(Some).map_err(|e| error(e.into()))
}

/// The measurements up to the checkpoint's step. Where the process was killed between writing the two files, there are later
/// rows, which are measured again.
pub(super) fn rows_until(folder: &Path, step: u64) -> Result<Vec<Row>, RunError> {
    let path = folder.join(METRICS);
    let rows = metrics::read(&path).map_err(|reason| RunError::File { path, reason })?;
    Ok(rows.into_iter().filter(|row| row.step <= step).collect())
}

/// The record of a run in its folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The configuration.
    pub config: Config,
    /// The measurements so far.
    pub rows: Vec<Row>,
    /// Whether all steps are done.
    pub done: bool,
}

impl Recorded {
    /// Reads the files of the run in `folder`, but no pictures; none if there is no run.
    ///
    /// # Errors
    /// [`RunError::File`].
    pub fn read(folder: &Path) -> Result<Option<Self>, RunError> {
        let Some(config) = recorded_config(folder)? else { return Ok(None) };
        let path = folder.join(CHECKPOINT);
        let step = match Checkpoint::steps(&path) {
            Ok(step) => step,
            Err(CheckpointError::Io(e)) if e.kind() == io::ErrorKind::NotFound => {
                return Ok(Some(Self { config, rows: Vec::new(), done: false }));
            }
            Err(reason) => return Err(RunError::File { path, reason: reason.into() }),
        };
        let rows = rows_until(folder, step)?;
        let done = step == config.steps && rows.last().is_some_and(|row| row.step == step);
        Ok(Some(Self { config, rows, done }))
    }
}
