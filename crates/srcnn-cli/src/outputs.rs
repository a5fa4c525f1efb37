//! Output files: checks that nothing is overwritten by accident, and writing.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use srcnn::Image;
use srcnn::codec::files::write_whole;
use srcnn::codec::{EncodeOptions, FileFormat, encode, losses};
use srcnn::rows::Shape;

use crate::terminal::Terminal;

/// Checks outputs before they are written: against the inputs, existing files and each other.
#[derive(Debug, Default)]
pub struct Outputs {
    force: bool,
    /// The folder that all outputs must be in, after links are followed.
    root: Option<PathBuf>,
    inputs: Vec<FileId>,
    planned: HashMap<PathBuf, PathBuf>,
}

/// Identity of a file, whatever path leads to it.
type FileId = PathBuf;

impl Outputs {
    /// Outputs that may never overwrite one of `inputs`, and existing files only if `force`.
    pub fn new(force: bool, inputs: &[PathBuf]) -> Self {
        let inputs = inputs.iter().filter_map(|p| file_id(p)).collect();
        Self { force, root: None, inputs, planned: HashMap::new() }
    }

    /// Refuses outputs outside `folder`, links followed.
    pub fn inside(self, folder: Option<&Path>) -> Self {
        Self { root: folder.map(Path::to_owned), ..self }
    }

    /// Checks, before any work, that `output`, which is made from `input`, may be written and can be. Creates its
    /// folder. An input may claim its output again.
    ///
    /// # Errors
    /// If the output is an input, exists without `force`, is a folder or outside the root, is claimed already, or its
    /// folder cannot be created or written to.
    pub fn claim(&mut self, input: &Path, output: &Path) -> Result<()> {
        if let Some(id) = file_id(output) {
            ensure!(!self.inputs.contains(&id), "{}: the output is an input", output.display());
            ensure!(self.force, "{}: exists already (--force replaces it)", output.display());
        }
        ensure!(!output.is_dir(), "{}: is a folder", output.display());
        let folder = folder_of(output);
        if let Some(root) = &self.root {
            std::fs::create_dir_all(root).with_context(|| format!("{}: cannot make this folder", root.display()))?;
            // The folder may not exist yet: its closest existing ancestor decides.
            let existing = folder.ancestors().find(|f| f.exists()).unwrap_or(root);
            let real = |path: &Path| path.canonicalize().with_context(|| path.display().to_string());
            let inside = real(existing)?.starts_with(real(root)?);
            ensure!(inside, "{}: a link leads out of {}", output.display(), root.display());
        }
        std::fs::create_dir_all(folder).with_context(|| format!("{}: cannot make this folder", folder.display()))?;
        // Paths that lead to the same file through a link are one output.
        let real = folder.canonicalize().with_context(|| folder.display().to_string())?;
        let real = real.join(output.file_name().unwrap_or_default());
        if let Some(other) = self.planned.insert(real, input.to_owned()).filter(|other| other != input) {
            bail!("{}: is already the output of {}", output.display(), other.display());
        }
        // Find out before the work whether the folder can be written to.
        let probe = srcnn::codec::files::can_write_into(folder);
        probe.with_context(|| format!("{}: cannot write there", folder.display()))
    }

    /// Writes a claimed output; the file appears whole or not at all.
    pub fn write(&self, output: &Path, bytes: &[u8]) -> Result<()> {
        write_whole(output, bytes, self.force).with_context(|| output.display().to_string())
    }

    /// Encodes a picture in the format that the output's extension names, and writes it.
    pub fn write_picture(&self, output: &Path, image: &Image, quality: u8, terminal: &Terminal) -> Result<()> {
        let format = format_of(output)?;
        for loss in losses(Shape::of(image), &image.metadata, format) {
            terminal.note(&format!("{}: {loss}", output.display()));
        }
        let options = EncodeOptions { quality, ..EncodeOptions::default() };
        let bytes = encode(image, format, &options).with_context(|| output.display().to_string())?;
        self.write(output, &bytes)
    }
}

/// The format that a path's extension names.
pub fn format_of(path: &Path) -> Result<FileFormat> {
    let format = FileFormat::of_path(path);
    format.with_context(|| format!("{}: the extension names no format that can be written", path.display()))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The identity of an existing file, links followed; none if it does not exist.
fn file_id(path: &Path) -> Option<FileId> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // Device and inode are the same for hard links, too.
        let metadata = std::fs::metadata(path).ok()?;
        Some(PathBuf::from(format!("{}:{}", metadata.dev(), metadata.ino())))
    }
    #[cfg(not(unix))]
    {
        std::fs::canonicalize(path).ok()
    }
}
