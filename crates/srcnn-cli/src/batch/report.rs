//! The report of a batch.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;
use srcnn::codec::files::PassedOver;

use crate::names;

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

/// The report of one file. Names are [text that can be undone](names::shown).
#[derive(Clone, Debug, Serialize)]
pub struct FileReport {
    /// Path of the input, as given or found.
    #[serde(serialize_with = "names::serialize")]
    pub input: PathBuf,
    /// Path of the output.
    #[serde(serialize_with = "names::serialize")]
    pub output: PathBuf,
    /// Outcome.
    pub status: Status,
    /// Reason of a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Time taken, in seconds.
    pub seconds: f64,
}

/// Numbers of files of folders that were not taken, by reason.
#[derive(Debug, Default, Serialize)]
pub struct PassedOverReport {
    /// Those of each extension that names no format; it is empty for files without one.
    pub extensions: BTreeMap<String, usize>,
    /// Hidden ones.
    pub hidden: usize,
    /// Devices, pipes and sockets.
    pub streams: usize,
    /// Links that lead nowhere.
    pub broken_links: usize,
}

impl From<&PassedOver> for PassedOverReport {
    fn from(files: &PassedOver) -> Self {
        let PassedOver { extensions, hidden, streams, broken_links } = files.clone();
        Self { extensions, hidden, streams, broken_links }
    }
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
    /// Files of folders that were not taken.
    pub passed_over: PassedOverReport,
    /// Every file that was begun.
    pub files: Vec<FileReport>,
}

impl BatchReport {
    /// A report, with the outcomes counted.
    pub fn new(files: Vec<FileReport>, problems: Vec<String>, passed_over: &PassedOver, interrupted: bool) -> Self {
        let count = |status| files.iter().filter(|file| file.status == status).count();
        let (done, skipped) = (count(Status::Done), count(Status::Skipped));
        let failed = count(Status::Failed) + problems.len();
        Self { done, skipped, failed, interrupted, problems, passed_over: passed_over.into(), files }
    }

    /// The report as indented JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("text and numbers") + "\n"
    }
}
