//! From what was typed to a list of files.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The files to work on.
#[derive(Debug, Default)]
pub struct Inputs {
    /// In the order of the arguments; within folders and patterns, of names.
    pub files: Vec<PathBuf>,
    /// Whether the outputs need a folder: several inputs, a folder or a pattern were given.
    pub many: bool,
    /// Arguments that stand for nothing, each as a message that names it.
    pub problems: Vec<String>,
}

/// Expands folders (their pictures, not those of folders within) and patterns. A path that does not exist is kept: it
/// fails when its turn comes, and does not stop the others.
pub fn expand(arguments: &[PathBuf]) -> Inputs {
    let mut inputs = Inputs { many: arguments.len() > 1, ..Inputs::default() };
    for argument in arguments {
        let found = if argument.is_dir() {
            pictures_in(argument).map(|files| (files, "no pictures in this folder"))
        } else if let Some(pattern) = pattern(argument) {
            matches(pattern).map(|files| (files, "no file matches"))
        } else {
            inputs.files.push(argument.clone());
            continue;
        };
        inputs.many = true;
        match found {
            Ok((files, nothing)) if files.is_empty() => {
                inputs.problems.push(format!("{}: {nothing}", argument.display()));
            }
            Ok((files, _)) => inputs.files.extend(files),
            Err(error) => inputs.problems.push(format!("{error:#}")),
        }
    }
    inputs
}

/// The pictures of a folder.
pub fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>> {
    srcnn::codec::pictures_in(folder).with_context(|| folder.display().to_string())
}

/// The regular files that a pattern matches; as in a shell, `*` matches no hidden ones.
fn matches(pattern: &str) -> Result<Vec<PathBuf>> {
    let rules = glob::MatchOptions { require_literal_leading_dot: true, ..Default::default() };
    let paths = glob::glob_with(pattern, rules).with_context(|| pattern.to_owned())?;
    Ok(paths.filter_map(Result::ok).filter(|path| path.is_file()).collect())
}

/// The argument as a pattern, if it is one and no file of that very name exists.
fn pattern(argument: &Path) -> Option<&str> {
    let text = argument.to_str()?;
    (text.contains(['*', '?', '[']) && !argument.exists()).then_some(text)
}
