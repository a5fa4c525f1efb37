//! From what was typed to a list of files.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use srcnn::codec::FileFormat;

use crate::Usage;

/// The files to work on.
#[derive(Debug)]
pub struct Inputs {
    /// In the order of the arguments; within folders and patterns, of names.
    pub files: Vec<PathBuf>,
    /// Whether the outputs need a folder: several inputs, a folder or a pattern were given.
    pub many: bool,
}

/// Expands folders (their pictures, not those of folders within) and patterns. A path that does not exist is kept: it
/// fails when its turn comes, and does not stop the others.
pub fn expand(arguments: &[PathBuf]) -> Result<Inputs> {
    let mut files = Vec::new();
    let mut many = arguments.len() > 1;
    for argument in arguments {
        if argument.is_dir() {
            many = true;
            let found = pictures_in(argument)?;
            if found.is_empty() {
                return Err(Usage(format!("{}: no pictures in this folder", argument.display())).into());
            }
            files.extend(found);
        } else if let Some(pattern) = pattern(argument) {
            many = true;
            // As a shell does it: `*` matches no hidden file.
            let rules = glob::MatchOptions { require_literal_leading_dot: true, ..Default::default() };
            let matches = glob::glob_with(pattern, rules).map_err(|e| Usage(format!("{pattern}: {e}")))?;
            let found: Vec<_> = matches.filter_map(Result::ok).filter(|path| !path.is_dir()).collect();
            if found.is_empty() {
                return Err(Usage(format!("{pattern}: no file matches")).into());
            }
            files.extend(found);
        } else {
            files.push(argument.clone());
        }
    }
    Ok(Inputs { files, many })
}

/// The files of a folder that look like pictures by their extension, in the order of names; hidden ones are left out.
pub fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| folder.display().to_string())?.path();
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if !hidden && !path.is_dir() && FileFormat::of_path(&path).is_some() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The argument as a pattern, if it is one and no file of that very name exists.
fn pattern(argument: &Path) -> Option<&str> {
    let text = argument.to_str()?;
    (text.contains(['*', '?', '[']) && !argument.exists()).then_some(text)
}
