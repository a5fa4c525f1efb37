//! Pipelines between files or bytes.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Seek};
use std::path::Path;

use super::error::PipelineError;
use super::notice::Observer;
use super::output::OutputOptions;
use super::picture::{OpenedPicture, Sizes};
use super::transform::Transform;
use crate::Limits;
use crate::codec::files::WholeFile;
use crate::codec::{FileError, FileErrorKind, FileFormat};

/// A pipeline from picture files to picture files.
#[derive(Clone, Copy)]
pub struct Pipeline<'t> {
    transform: &'t dyn Transform,
    options: OutputOptions,
    limits: Limits,
}

impl<'t> Pipeline<'t> {
    /// A pipeline around a transform, with the default options and limits.
    pub fn new(transform: &'t dyn Transform) -> Self {
        Self { transform, options: OutputOptions::default(), limits: Limits::default() }
    }

    /// Sets the options for outputs.
    pub fn with_options(self, options: OutputOptions) -> Self {
        Self { options, ..self }
    }

    /// Sets the limits for each picture.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Opens a picture that is to become a file of `format`; [`OpenedPicture::write`] processes it.
    ///
    /// # Errors
    /// [`PipelineError::Decode`] if the picture cannot be read, or exceeds the limits.
    pub fn open<'a>(
        &self,
        source: impl BufRead + Seek + 'a,
        format: FileFormat,
        observer: &'a dyn Observer,
    ) -> Result<OpenedPicture<'a>, PipelineError>
    where
        't: 'a,
    {
        OpenedPicture::open(source, self.transform, self.options, format, self.limits, observer)
    }

    /// Processes a picture file in memory; returns the bytes of the output file.
    ///
    /// # Errors
    /// [`PipelineError`] if the picture cannot be read, processed or written, exceeds the limits, or the observer
    /// cancels.
    pub fn run_bytes(
        &self,
        bytes: &[u8],
        format: FileFormat,
        observer: &dyn Observer,
    ) -> Result<Vec<u8>, PipelineError> {
        let mut out = Cursor::new(Vec::new());
        self.open(Cursor::new(bytes), format, observer)?.write(&mut out)?;
        Ok(out.into_inner())
    }

    /// Processes a picture file; the extension of `output` names the format. The output appears whole or not at all; an
    /// existing file is replaced only if `replace`.
    ///
    /// # Errors
    /// [`PipelineError`] if the picture cannot be read, processed or written, exceeds the limits, or the observer
    /// cancels.
    pub fn run_file(
        &self,
        input: impl AsRef<Path>,
        output: impl AsRef<Path>,
        replace: bool,
        observer: &dyn Observer,
    ) -> Result<Sizes, PipelineError> {
        let (input, output) = (input.as_ref(), output.as_ref());
        let named = |path: &Path| {
            let path = path.to_owned();
            move |source| PipelineError::Io { path, source }
        };
        let format = FileFormat::of_path(output).ok_or_else(|| {
            PipelineError::File(FileError { path: output.to_owned(), reason: FileErrorKind::Extension })
        })?;
        let source = BufReader::new(File::open(input).map_err(named(input))?);
        let picture = self.open(source, format, observer)?;
        let mut file = WholeFile::create(output).map_err(named(output))?;
        let sizes = picture.write(&mut file)?;
        file.commit(replace).map_err(named(output))?;
        Ok(sizes)
    }
}
