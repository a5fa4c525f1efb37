//! Checkpoints: the state of a run as a file, from which it continues exactly.

use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::path::Path;

use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};
use srcnn::codec::files::write_whole;

use crate::learner::State;
use crate::optimiser::Moments;

/// The state of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The state of the learner.
    pub state: State,
    /// The best result so far.
    pub best: Option<Best>,
    /// Time of the run so far in seconds.
    pub seconds: f64,
    /// A hash of the run's pictures and instruction set.
    pub fingerprint: u64,
    /// Sum and number of the losses since the last validation.
    pub losses: (f64, u64),
}

/// The best result of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    /// The averaged parameters.
    pub learnt: Vec<f32>,
    /// Their validation PSNR in dB.
    pub score: f64,
    /// Number of steps.
    pub step: u64,
}

/// A checkpoint cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file is not a safetensors file, is truncated, or a tensor is missing.
    #[error("this is no checkpoint of this run: {reason}")]
    Damaged {
        /// The error of the safetensors reader.
        reason: Box<dyn Error + Send + Sync>,
    },
    /// The safetensors file is not a checkpoint.
    #[error("this is no checkpoint of this run: `{FORMAT}` is not its format")]
    Format,
    /// A tensor has another shape than the parameters of the network.
    #[error("this is no checkpoint of this run: `{name}` has shape {found:?}; the network learns {expected} numbers")]
    Shape {
        /// The tensor.
        name: &'static str,
        /// Its shape.
        found: Vec<usize>,
        /// Number of trained parameters.
        expected: usize,
    },
    /// An entry of the metadata is missing or not a number.
    #[error("this is no checkpoint of this run: `{name}` is missing or no number")]
    Entry {
        /// The entry.
        name: &'static str,
    },
}

/// The value of `format` in the metadata.
const FORMAT: &str = "srcnn checkpoint 1";

impl Checkpoint {
    /// Writes the file whole or not at all.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let State { step, learnt, average, moments } = &self.state;
        let mut tensors =
            vec![("learnt", learnt), ("average", average), ("first", &moments.first), ("second", &moments.second)];
        let mut facts = HashMap::from([
            ("format".to_owned(), FORMAT.to_owned()),
            ("step".to_owned(), step.to_string()),
            ("seconds".to_owned(), self.seconds.to_string()),
            ("fingerprint".to_owned(), self.fingerprint.to_string()),
            ("loss_sum".to_owned(), self.losses.0.to_string()),
            ("loss_count".to_owned(), self.losses.1.to_string()),
        ]);
        if let Some(best) = &self.best {
            tensors.push(("best", &best.learnt));
            facts.insert("best_score".to_owned(), best.score.to_string());
            facts.insert("best_step".to_owned(), best.step.to_string());
        }
        let bytes: Vec<Vec<u8>> =
            tensors.iter().map(|(_, values)| values.iter().flat_map(|v| v.to_le_bytes()).collect()).collect();
        let views = tensors.iter().zip(&bytes).map(|((name, values), bytes)| {
            (*name, TensorView::new(Dtype::F32, vec![values.len()], bytes).expect("four bytes a value"))
        });
        let file = serialize(views, Some(facts)).expect("names differ");
        write_whole(path, &file, true)
    }

    /// Reads the checkpoint of a network with `count` trained parameters.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn load(path: &Path, count: usize) -> Result<Self, CheckpointError> {
        let bytes = std::fs::read(path)?;
        let facts = facts(&bytes)?;
        let file = SafeTensors::deserialize(&bytes).map_err(broken)?;
        let tensor = |name: &'static str| -> Result<Vec<f32>, CheckpointError> {
            let tensor = file.tensor(name).map_err(broken)?;
            if tensor.dtype() != Dtype::F32 || tensor.shape() != [count] {
                return Err(CheckpointError::Shape { name, found: tensor.shape().to_vec(), expected: count });
            }
            Ok(tensor.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect())
        };
        let best = if facts.contains_key("best_score") {
            let (score, step) = (number(&facts, "best_score")?, number(&facts, "best_step")?);
            Some(Best { learnt: tensor("best")?, score, step })
        } else {
            None
        };
        Ok(Self {
            state: State {
                step: number(&facts, "step")?,
                learnt: tensor("learnt")?,
                average: tensor("average")?,
                moments: Moments { first: tensor("first")?, second: tensor("second")? },
            },
            best,
            seconds: number(&facts, "seconds")?,
            fingerprint: number(&facts, "fingerprint")?,
            losses: (number(&facts, "loss_sum")?, number(&facts, "loss_count")?),
        })
    }

    /// The number of steps of a checkpoint of any network.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn steps(path: &Path) -> Result<u64, CheckpointError> {
        number(&facts(&std::fs::read(path)?)?, "step")
    }
}

/// The error for a file that is not safetensors.
fn broken(error: safetensors::SafeTensorError) -> CheckpointError {
    CheckpointError::Damaged { reason: error.into() }
}

/// The metadata of a checkpoint.
fn facts(bytes: &[u8]) -> Result<HashMap<String, String>, CheckpointError> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(broken)?;
    let facts = header.metadata().clone().unwrap_or_default();
    if facts.get("format").map(String::as_str) != Some(FORMAT) {
        return Err(CheckpointError::Format);
    }
    Ok(facts)
}

/// A number of the metadata.
fn number<T: std::str::FromStr>(facts: &HashMap<String, String>, name: &'static str) -> Result<T, CheckpointError> {
    let value = facts.get(name).and_then(|v| v.parse().ok());
    value.ok_or(CheckpointError::Entry { name })
}
