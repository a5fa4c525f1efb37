//! Loops over the input files.

use std::path::Path;

use anyhow::Result;

use crate::inputs::Inputs;
use crate::messages;
use crate::names::shown;
use crate::outcome::Outcome;
use crate::signals::stopped;
use crate::terminal::{BarGuard, FileProgress, Terminal};

/// Calls `work` for each file, one after the other, with the file's share of a progress bar. Arguments without any file
/// count as failed.
pub fn for_each(
    inputs: &Inputs,
    terminal: &Terminal,
    mut work: impl FnMut(&Path, &FileProgress) -> Result<()>,
) -> Outcome {
    tell_passed_over(inputs, terminal);
    inputs.problems.iter().for_each(|problem| terminal.error(problem));
    let bar = terminal.start_bar(inputs.files.len());
    let mut failed = inputs.problems.len();
    for (i, file) in inputs.files.iter().enumerate() {
        let result = work(file, &share(&bar, i, inputs));
        if stopped() {
            drop(bar);
            return interrupted(i + usize::from(result.is_ok()), inputs, terminal);
        }
        if let Err(error) = result {
            failed += 1;
            terminal.error(&format!("{error:#}"));
        }
    }
    drop(bar);
    outcome(failed, inputs, terminal)
}

/// The share of the progress bar of one file.
pub(super) fn share(bar: &BarGuard<'_>, index: usize, inputs: &Inputs) -> FileProgress {
    let name = shown(inputs.files[index].file_name().unwrap_or_default());
    bar.file(index, inputs.files.len(), &name)
}

/// Notes how many files of folders were passed over, and why.
pub(super) fn tell_passed_over(inputs: &Inputs, terminal: &Terminal) {
    if let Some(message) = messages::passed_over(&inputs.passed_over) {
        terminal.note(&message);
    }
}

/// Reports that the batch was interrupted.
pub(super) fn interrupted(done: usize, inputs: &Inputs, terminal: &Terminal) -> Outcome {
    terminal.note(&format!("interrupted: {done} of {} files done", inputs.files.len()));
    Outcome::Interrupted
}

/// The outcome of a batch of which `failed` files and arguments failed.
pub(super) fn outcome(failed: usize, inputs: &Inputs, terminal: &Terminal) -> Outcome {
    if failed == 0 {
        return Outcome::Done;
    }
    let all = inputs.files.len() + inputs.problems.len();
    if all > 1 {
        terminal.error(&format!("{failed} of {all} failed"));
    }
    Outcome::SomeFailed
}
