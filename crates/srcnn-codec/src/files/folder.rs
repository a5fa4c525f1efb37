//! Folders of pictures.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::temporary::temporary_in;
use crate::format::FileFormat;

/// The files of a folder that look like pictures by their extension, in the order of names; hidden ones are left out.
///
/// # Errors
/// Those of the file system.
pub fn pictures_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        // What is no regular file (a pipe, say) might never end.
        if !hidden && path.is_file() && FileFormat::is_read(&path) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Makes sure that files can be made in a folder, by making one and removing it.
///
/// # Errors
/// Those of the file system.
pub fn can_write_into(folder: &Path) -> io::Result<()> {
    temporary_in(folder)?.close()
}
