//! Output files: checks that nothing is overwritten by accident, and writing.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use srcnn::Image;
use srcnn::codec::files::{Occupant, WholeFile};
use srcnn::codec::{EncodeOptions, FileFormat, encode, losses};
use srcnn::rows::Shape;

use crate::names::shown;
use crate::signals::waiting;
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
    /// If the output is an input, a file or a broken link without `force`, a folder, or outside the root, is claimed
    /// already, or its folder cannot be created or written to. A device or a pipe is written into, with or without `force`.
    pub fn claim(&mut self, input: &Path, output: &Path) -> Result<()> {
        let occupant = Occupant::of(output);
        let is_input = file_id(output).is_some_and(|id| self.inputs.contains(&id));
        ensure!(!is_input, "{}: the output is an input", shown(output));
        match &occupant {
            Occupant::Folder => bail!("{}: is a folder", shown(output)),
            Occupant::BrokenLink(target) => ensure!(
                self.force,
                "{}: is a link to {}, which does not exist (--force replaces the link)",
                shown(output),
                shown(target)
            ),
            Occupant::Stream | Occupant::Nothing => {}
            // A file.
            _ => ensure!(self.force, "{}: exists already (--force replaces it)", shown(output)),
        }
        let is_stream = occupant == Occupant::Stream;
        let folder = folder_of(output);
        let resolved = |path: &Path| path.canonicalize().with_context(|| shown(path));
        if let Some(root) = &self.root {
            std::fs::create_dir_all(root).with_context(|| format!("{}: cannot make this folder", shown(root)))?;
            // The folder may not exist yet: its closest existing ancestor decides. What is written into counts itself.
            let existing = if is_stream { Some(output) } else { folder.ancestors().find(|f| f.exists()) };
            let inside = resolved(existing.unwrap_or(root))?.starts_with(resolved(root)?);
            ensure!(inside, "{}: a link leads out of {}", shown(output), shown(root));
        }
        if !is_stream {
            std::fs::create_dir_all(folder).with_context(|| format!("{}: cannot make this folder", shown(folder)))?;
        }
        // Paths that lead to the same file through a link are one output.
        let real = resolved(folder)?.join(output.file_name().unwrap_or_default());
        if let Some(other) = self.planned.insert(real, input.to_owned()).filter(|other| other != input) {
            bail!("{}: is already the output of {}", shown(output), shown(other));
        }
        if is_stream {
            return Ok(());
        }
        // Find out before the work whether the folder can be written to.
        let probe = srcnn::codec::files::can_write_into(folder);
        probe.with_context(|| format!("{}: cannot write there", shown(folder)))
    }

    /// Writes a claimed output; the file appears whole or not at all.
    pub fn write(&self, output: &Path, bytes: &[u8]) -> Result<()> {
        write(output, bytes, self.force)
    }

    /// Encodes a picture in the format that the output's extension names, and writes it.
    pub fn write_picture(&self, output: &Path, image: &Image, quality: u8, terminal: &Terminal) -> Result<()> {
        let format = format_of(output)?;
        for loss in losses(Shape::of(image), &image.metadata, format) {
            terminal.note(&format!("{}: {loss}", shown(output)));
        }
        let options = EncodeOptions { quality, ..EncodeOptions::default() };
        let bytes = encode(image, format, &options).with_context(|| shown(output))?;
        self.write(output, &bytes)
    }
}

/// Writes an output. A file appears whole or not at all, and is replaced only by `force`; a device or a pipe is written into.
///
/// # Errors
/// Those of the file system, naming the output; [`Interrupted`](crate::signals::Interrupted).
pub fn write(output: &Path, bytes: &[u8], force: bool) -> Result<()> {
    let mut file = WholeFile::create(output).with_context(|| shown(output))?;
    file.write_all(bytes).with_context(|| shown(output))?;
    commit(file, output, force)
}

/// Finishes an output, waiting for the reader of a pipe.
///
/// # Errors
/// As for [`write`].
pub fn commit(file: WholeFile, output: &Path, force: bool) -> Result<()> {
    let committed = match file.is_for_stream() {
        true => waiting(move || file.commit(force))?,
        false => file.commit(force),
    };
    committed.with_context(|| shown(output))
}

/// Writes to standard output, waiting for its reader.
///
/// # Errors
/// Those of standard output, naming it; [`Interrupted`](crate::signals::Interrupted).
pub fn write_to_standard(mut bytes: impl Read + Send + 'static) -> Result<()> {
    let written = waiting(move || {
        let mut out = io::stdout().lock();
        io::copy(&mut bytes, &mut out).and_then(|_| out.flush())
    })?;
    written.context("standard output")
}

/// The format that a path's extension names; without one, PNG for a device or a pipe.
pub fn format_of(path: &Path) -> Result<FileFormat> {
    let format = FileFormat::of_path(path);
    // A device or a pipe is as good as standard output.
    let format = format.or_else(|| (Occupant::of(path) == Occupant::Stream).then_some(FileFormat::Png));
    format.with_context(|| format!("{}: the extension names no format that can be written", shown(path)))
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
