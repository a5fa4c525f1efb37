//! A run's state as a file, from which it goes on as if it had never stopped.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};
use srcnn::codec::files::write_whole;

use crate::learner::State;
use crate::optimiser::Moments;

/// What is kept of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// What changes in learning.
    pub state: State,
    /// The averaged numbers that scored best, their score in dB, and after how many steps.
    pub best: Option<Best>,
    /// Seconds that the run took so far.
    pub seconds: f64,
    /// Tells other pictures from those of the run.
    pub fingerprint: u64,
    /// Sum and number of the losses since the last validation.
    pub losses: (f64, u64),
}

/// The best of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    /// What was learnt, averaged.
    pub learnt: Vec<f32>,
    /// Its validation PSNR in dB.
    pub score: f64,
    /// Steps done by then.
    pub step: u64,
}

/// A checkpoint that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file system.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Something is missing, or of another size.
    #[error("this is no checkpoint of this run: {reason}")]
    Damaged {
        /// What is wrong.
        reason: String,
    },
}

const FORMAT: &str = "srcnn checkpoint 1";

impl Checkpoint {
    /// Writes the file, whole or not at all.
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

    /// Reads the file of a network that learns `count` numbers.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn load(path: &Path, count: usize) -> Result<Self, CheckpointError> {
        let damaged = |reason: String| CheckpointError::Damaged { reason };
        let bytes = std::fs::read(path)?;
        let facts = facts(&bytes)?;
        let file = SafeTensors::deserialize(&bytes).map_err(broken)?;
        let tensor = |name: &str| -> Result<Vec<f32>, CheckpointError> {
            let tensor = file.tensor(name).map_err(broken)?;
            if tensor.dtype() != Dtype::F32 || tensor.shape() != [count] {
                let found = tensor.shape();
                return Err(damaged(format!("`{name}` has shape {found:?}; the network learns {count} numbers")));
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

    /// The steps that were done when the file was written, whatever the network.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn steps(path: &Path) -> Result<u64, CheckpointError> {
        number(&facts(&std::fs::read(path)?)?, "step")
    }
}

fn broken(error: safetensors::SafeTensorError) -> CheckpointError {
    CheckpointError::Damaged { reason: error.to_string() }
}

/// What a checkpoint says beside its tensors.
fn facts(bytes: &[u8]) -> Result<HashMap<String, String>, CheckpointError> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(broken)?;
    let facts = header.metadata().clone().unwrap_or_default();
    if facts.get("format").map(String::as_str) != Some(FORMAT) {
        return Err(CheckpointError::Damaged { reason: format!("`{FORMAT}` is not its format") });
    }
    Ok(facts)
}

fn number<T: std::str::FromStr>(facts: &HashMap<String, String>, name: &str) -> Result<T, CheckpointError> {
    let value = facts.get(name).and_then(|v| v.parse().ok());
    value.ok_or_else(|| CheckpointError::Damaged { reason: format!("`{name}` is missing or no number") })
}
