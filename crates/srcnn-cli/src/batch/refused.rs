//! Reasons that refuse more than one file: each is told once.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Error;

use super::journal::Unnoted;
use crate::names::shown;
use crate::terminal::Terminal;

/// Tells the errors of a batch.
#[derive(Debug, Default)]
pub(super) struct Refused {
    /// Reasons about neither input nor output, but their folder, that were told.
    told: Mutex<HashSet<String>>,
    /// Outputs for which the journal has no room, by the place of their input, with the reason.
    unnoted: Mutex<BTreeMap<usize, (Unnoted, String)>>,
}

impl Refused {
    /// Whether the journal had no room for an output.
    pub(super) fn is_journal_full(&self) -> bool {
        !self.unnoted.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Prints the error of the file at a place, unless the same was printed of another, or [later](Self::finish) will be.
    pub(super) fn tell(&self, at: usize, files: [&Path; 2], error: &Error, text: &str, messages: &Terminal) {
        if let Some(unnoted) = error.downcast_ref::<Unnoted>() {
            let reason: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
            let entry = (unnoted.clone(), reason.join(": "));
            self.unnoted.lock().unwrap_or_else(PoisonError::into_inner).insert(at, entry);
            return;
        }
        let names_a_file = files.iter().any(|file| text.starts_with(&format!("{}: ", shown(file))));
        if names_a_file || self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned()) {
            messages.error(text);
        }
    }

    /// Prints for which outputs the journal had no room, in one line.
    pub(super) fn finish(self, messages: &Terminal) {
        let unnoted = self.unnoted.into_inner().unwrap_or_else(PoisonError::into_inner);
        let count = unnoted.len();
        let mut all = unnoted.into_values();
        match (all.next(), all.next_back()) {
            (None, _) => {}
            (Some((only, reason)), None) => messages.error(&format!("{only}: {reason}")),
            (Some((first, reason)), Some((last, _))) => {
                let (first, last, journal) = (first.output, last.output, first.journal);
                messages.error(&format!("{first} to {last}: cannot note them in {journal}: {reason} ({count} files)"));
            }
        }
    }
}
