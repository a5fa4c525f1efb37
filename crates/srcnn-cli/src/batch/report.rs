//! The report of a batch.

use std::path::PathBuf;

use serde::Serialize;

/// The outcome of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The output was written.
    Done,
    /// The output existed already, made from the same input with the same options.
    Skipped,
    /// The input could not be read or processed, or the output not written.
    Failed,
}

/// The report of one file.
#[derive(Clone, Debug, Serialize)]
pub struct FileReport {
    /// Path of the input, as given or found.
    pub input: PathBuf,
    /// Path of the output.
    pub output: PathBuf,
    /// Outcome.
    pub status: Status,
    /// Reason of a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Time taken, in seconds.
    pub seconds: f64,
}

/// The report of a batch, files in the order of the inputs.
#[derive(Debug, Default, Serialize)]
pub struct BatchReport {
    /// Number of files whose outputs were written.
    pub done: usize,
    /// Number of files whose outputs existed already.
    pub skipped: usize,
    /// Number of files and arguments that failed.
    pub failed: usize,
    /// Whether the batch was interrupted.
    pub interrupted: bool,
    /// Messages about arguments without any file.
    pub problems: Vec<String>,
    /// Every file that was begun.
    pub files: Vec<FileReport>,
}

impl BatchReport {
    /// A report, with the outcomes counted.
    pub fn new(files: Vec<FileReport>, problems: Vec<String>, interrupted: bool) -> Self {
        let count = |status| files.iter().filter(|file| file.status == status).count();
        let (done, skipped) = (count(Status::Done), count(Status::Skipped));
        Self { done, skipped, failed: count(Status::Failed) + problems.len(), interrupted, problems, files }
    }

    /// The report as indented JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("paths and numbers") + "\n"
    }
}
