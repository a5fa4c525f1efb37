//! The files that the arguments stand for: folders, patterns and lists expanded.

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use srcnn::codec::FileFormat;
use srcnn::codec::files::{PassedOver, list};

use crate::list::listed;
use crate::names::shown;
use crate::signals::waiting;

/// Argument that stands for standard input or output.
pub const STANDARD: &str = "-";

/// The input files of a command.
#[derive(Debug, Default)]
pub struct Inputs {
    /// Paths, in the order of the arguments; in the order of names within folders and patterns.
    pub files: Vec<PathBuf>,
    /// For each file, its path relative to the folder argument it was found in; the file name if it was not found in a
    /// folder.
    pub below: Vec<PathBuf>,
    /// Whether outputs go to a folder: several inputs, a folder, a pattern or a list were given.
    pub many: bool,
    /// Files of folders that were not taken.
    pub passed_over: PassedOver,
    /// Messages about arguments without any file, each of which names its argument.
    pub problems: Vec<String>,
}

impl Inputs {
    fn push(&mut self, file: PathBuf, below: PathBuf) {
        self.files.push(file);
        self.below.push(below);
    }

    /// Adds a file that was not found in a folder: its output is named after it.
    fn push_single(&mut self, file: PathBuf) {
        let below = PathBuf::from(file.file_name().unwrap_or(file.as_os_str()));
        self.push(file, below);
    }

    /// Removes files from the list.
    pub fn leave_out(&mut self, files: &HashSet<PathBuf>) {
        let pairs = std::mem::take(&mut self.files).into_iter().zip(std::mem::take(&mut self.below));
        (self.files, self.below) = pairs.filter(|(file, _)| !files.contains(file)).unzip();
    }

    /// Adds the files that a list [names](listed); `-` reads the list from standard input.
    ///
    /// # Errors
    /// If the list cannot be read; [`Interrupted`](crate::signals::Interrupted).
    pub fn add_list(&mut self, list: &Path) -> Result<()> {
        let path = list.to_owned();
        let read = move || match path == Path::new(STANDARD) {
            true => {
                let mut bytes = Vec::new();
                std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
            }
            false => std::fs::read(path),
        };
        let bytes = waiting(read)?.with_context(|| shown(list))?;
        self.many = true;
        listed(&bytes).with_context(|| shown(list))?.into_iter().for_each(|file| self.push_single(file));
        Ok(())
    }
}

/// Expands folder and pattern arguments to picture files.
///
/// Folders are searched recursively if `deep`, except for the folder `but`. A path that does not exist is kept, so that
/// it fails when its turn comes and does not stop the others.
pub fn expand(arguments: &[PathBuf], deep: bool, but: Option<&Path>) -> Inputs {
    let mut inputs = Inputs { many: arguments.len() > 1, ..Inputs::default() };
    let but = but.and_then(|folder| folder.canonicalize().ok());
    for argument in arguments {
        let before = inputs.files.len();
        let (found, nothing) = if argument.is_dir() {
            (pictures_below(argument, deep, but.as_deref(), &mut inputs), "no pictures in this folder")
        } else if let Some(pattern) = pattern(argument) {
            let matching = matches(pattern).map(|files| files.into_iter().for_each(|file| inputs.push_single(file)));
            (matching, "no file matches")
        } else {
            inputs.push_single(argument.clone());
            continue;
        };
        inputs.many = true;
        match found {
            Ok(()) if inputs.files.len() == before => {
                inputs.problems.push(format!("{}: {nothing}", shown(argument)));
            }
            Ok(()) => {}
            Err(error) => inputs.problems.push(format!("{error:#}")),
        }
    }
    inputs
}

/// The pictures directly in a folder.
///
/// # Errors
/// If the folder cannot be read, naming it.
pub fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>> {
    srcnn::codec::files::pictures_in(folder).with_context(|| shown(folder))
}

/// Adds the pictures of a folder and, if `deep`, of its subfolders; a folder's own pictures come before those of its
/// subfolders. Links to folders are not followed. A subfolder that cannot be read is added to the problems.
fn pictures_below(folder: &Path, deep: bool, but: Option<&Path>, inputs: &mut Inputs) -> Result<()> {
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        let listing = list(&current).with_context(|| shown(&current));
        let listed = listing.and_then(|listing| {
            let within = if deep { folders_in(&current)? } else { Vec::new() };
            Ok((listing, within))
        });
        let (listing, within) = match listed {
            Ok(listed) => listed,
            Err(error) if current == folder => return Err(error),
            Err(error) => {
                inputs.problems.push(format!("{error:#}"));
                continue;
            }
        };
        inputs.passed_over.add(listing.passed_over);
        for file in listing.pictures.into_iter().filter(|file| !is_clutter(file)) {
            let below = file.strip_prefix(folder).unwrap_or(&file).to_owned();
            inputs.push(file, below);
        }
        let wanted = |f: &PathBuf| but.is_none_or(|but| f.canonicalize().map_or(true, |f| f != but));
        folders.extend(within.into_iter().rev().filter(wanted));
    }
    Ok(())
}

/// The subfolders of a folder, sorted by name, without hidden folders and links.
fn folders_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let list = || {
        let mut folders = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() && !is_clutter(&entry.path()) {
                folders.push(entry.path());
            }
        }
        folders.sort();
        Ok::<_, std::io::Error>(folders)
    };
    list().with_context(|| shown(folder))
}

/// Whether a path is a hidden file (`.DS_Store`, `._photo.jpg`), or a thumbnail or settings file of an operating
/// system.
fn is_clutter(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    name.starts_with('.') || ["desktop.ini", "thumbs.db", "__macosx", "@eadir"].contains(&name.as_str())
}

/// The regular files that a pattern matches. As in a shell, `*` does not match hidden files.
fn matches(pattern: &str) -> Result<Vec<PathBuf>> {
    let rules = glob::MatchOptions { require_literal_leading_dot: true, ..Default::default() };
    let paths = glob::glob_with(pattern, rules).with_context(|| pattern.to_owned())?;
    Ok(paths.filter_map(Result::ok).filter(|path| path.is_file() && !is_clutter(path)).collect())
}

/// The argument as a pattern, if it has wildcards and no file of exactly that name exists.
fn pattern(argument: &Path) -> Option<&str> {
    let text = argument.to_str()?;
    (text.contains(['*', '?', '[']) && !argument.exists()).then_some(text)
}

/// Whether the extension of a path names a format that can be written.
pub fn writable(path: &Path) -> bool {
    FileFormat::of_path(path).is_some()
}
