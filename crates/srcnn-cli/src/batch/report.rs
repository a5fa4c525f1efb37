//! What became of each file of a batch.

use std::path::PathBuf;

use serde::Serialize;

/// What became of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Its output was written.
    Done,
    /// Its output stood already, made of the same.
    Skipped,
    /// It could not be read, computed or written.
    Failed,
}

/// One file.
#[derive(Clone, Debug, Serialize)]
pub struct FileReport {
    /// As it was named or found.
    pub input: PathBuf,
    /// Where its result belongs.
    pub output: PathBuf,
    /// What became of it.
    pub status: Status,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What it took.
    pub seconds: f64,
}

/// The whole batch, in the order of the inputs.
#[derive(Debug, Default, Serialize)]
pub struct BatchReport {
    /// Files whose outputs were written.
    pub done: usize,
    /// Files whose outputs stood already.
    pub skipped: usize,
    /// Files and arguments that failed.
    pub failed: usize,
    /// Whether the batch was stopped before its end.
    pub interrupted: bool,
    /// Arguments that stood for nothing.
    pub problems: Vec<String>,
    /// Each file that was begun.
    pub files: Vec<FileReport>,
}

impl BatchReport {
    /// Counts what became of files.
    pub fn new(files: Vec<FileReport>, problems: Vec<String>, interrupted: bool) -> Self {
        let count = |status| files.iter().filter(|file| file.status == status).count();
        let (done, skipped) = (count(Status::Done), count(Status::Skipped));
        Self { done, skipped, failed: count(Status::Failed) + problems.len(), interrupted, problems, files }
    }

    /// As JSON, indented.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("paths and numbers") + "\n"
    }
}
