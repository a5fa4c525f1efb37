//! One piece of work for each of many files.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;

use crate::inputs::Inputs;
use crate::outcome::Outcome;
use crate::terminal::{BarGuard, FileProgress, Terminal, stopped};

/// Calls `work` for each file, with its share of a progress bar. An input that stands for no file counts as
/// failed.
pub fn for_each(
    inputs: &Inputs,
    terminal: &Terminal,
    mut work: impl FnMut(&Path, &FileProgress) -> Result<()>,
) -> Outcome {
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

/// Calls `work` with each file's number, several at a time, and gives what it gave in the order of files; those that were
/// not begun when the program was told to stop are missing at the end.
pub(super) fn in_parallel<T: Send>(
    inputs: &Inputs,
    jobs: usize,
    terminal: &Terminal,
    work: impl Fn(usize, &FileProgress) -> T + Sync,
) -> Vec<T> {
    let bar = terminal.start_bar(inputs.files.len());
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, inputs.files.len().max(1)) {
            scope.spawn(|| {
                while !stopped() {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= inputs.files.len() {
                        break;
                    }
                    let result = work(i, &share(&bar, i, inputs));
                    results.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((i, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.sort_by_key(|(i, _)| *i);
    results.into_iter().map(|(_, result)| result).collect()
}

fn share(bar: &BarGuard<'_>, index: usize, inputs: &Inputs) -> FileProgress {
    let name = inputs.files[index].file_name().unwrap_or_default().to_string_lossy();
    bar.file(index, inputs.files.len(), &name)
}

pub(super) fn interrupted(done: usize, inputs: &Inputs, terminal: &Terminal) -> Outcome {
    terminal.note(&format!("interrupted: {done} of {} files done", inputs.files.len()));
    Outcome::Interrupted
}

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
